#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
questions - an election with several questions and weights: approval of up to two, grades, a
choice with blank, one that may be left empty; sealed replies for all of it.
"""

import collections
import random
import sys
import time

import harness
import members as people
import postfix
import replies
from election import VOTE, Election, check, iso

MEMBERS = 24

DEFINITION = """\
[election]
title[fr] = Plusieurs questions
title[en] = Several questions
organiser = Votepost tests
languages = fr;en
opens = {opens}
closes = {closes}
channels = reply;sealed-reply;link
waiver[fr] = Une réponse simple montre votre choix.
waiver[en] = A plain reply shows your choice.
reply_to = {vote}
link = http://127.0.0.1/
min_ballots = 2
test = true

[question board]
kind = choice
title[fr] = Deux sièges au bureau
title[en] = Two seats on the board
option1[fr] = Amélie
option1[en] = Amélie
option2[fr] = Brendan
option2[en] = Brendan
option3[fr] = Chloé
option3[en] = Chloé
option4[fr] = Duncan
option4[en] = Duncan
min = 1
max = 2
blank = true

[question budget]
kind = choice
title[fr] = Le budget
title[en] = The budget
option1[fr] = Pour
option1[en] = For
option2[fr] = Contre
option2[en] = Against

[question topics]
kind = choice
title[fr] = Sujets à traiter, si vous le souhaitez
title[en] = Topics to take up, if you like
option1[fr] = Logement
option1[en] = Housing
option2[fr] = École
option2[en] = School
option3[fr] = Santé
option3[en] = Health
min = 0
max = 3
blank = false

[question chair]
kind = grades
title[fr] = La présidence
title[en] = The chair
option1[fr] = Élodie
option1[en] = Élodie
option2[fr] = Fergus
option2[en] = Fergus
grade1[fr] = Très bien
grade1[en] = Very good
grade2[fr] = Assez bien
grade2[en] = Good enough
grade3[fr] = À rejeter
grade3[en] = Reject
"""

# In ballot order: 4 options and blank; 2 and blank; 3; two rows of three grades.
ROWS = (("ABCD0", 1, 2), ("AB0", 1, 1), ("ABC", 0, 3))


def set_up(state):
    """Four questions, weights 1 and 2, stand open soon; early mail is told to wait"""
    e = Election(state.programs, state.folder, people.roll(MEMBERS, weights=(1, 1, 2)), 3, 2)
    state.election = e
    state.at_end(e.end)

    def define(took):
        pause = max(12, round(took * 6))
        e.opens = int(time.time()) + pause
        e.closes = e.opens + pause
        return DEFINITION.format(opens=iso(e.opens), closes=iso(e.closes), vote=VOTE)
    e.prepare(define)
    e.serve()
    e.send()
    e.post.settle()
    check(len(e.read_letters()) == MEMBERS, "a letter is missing")
    state.mails = []
    if time.time() < e.opens - 2:
        m = e.members[0]
        mails = replies.one_line(m, m.letter, "A/A/-/A1,B1")
        mails[0].verdict, mails[0].answer = "early", replies.WORDS
        e.post_all(mails)
        state.mails += mails
    postfix.wait_until("the opening", lambda: time.time() > e.opens + 0.2, 120)


def random_ballot(draw):
    """A ballot as text and as cells."""
    words, cells = [], ""
    for letters, least, most in ROWS:
        options = letters.rstrip("0")
        if "0" in letters and draw.random() < 0.2:
            picked = "0"
        else:
            picked = "".join(sorted(draw.sample(options, draw.randint(least, most))))
        words.append(",".join(picked) or "-")
        cells += "".join("1" if c in picked else "0" for c in letters)
    grades = [draw.randint(1, 3) for _ in range(2)]
    words.append(",".join(f"{'AB'[i]}{g}" for i, g in enumerate(grades)))
    for g in grades:
        cells += "".join("1" if g == k else "0" for k in (1, 2, 3))
    return "/".join(words), cells


def vote(state):
    """Plain and sealed replies with four answers each come to their verdicts"""
    e = state.election
    draw = random.Random(11)
    print("      seed 11")
    shapes = (replies.one_line, replies.top_posted, replies.html_gmail, replies.sealed,
              replies.flowed, replies.sealed_quoted, replies.spoken)
    state.meant = [0] * (5 + 3 + 3 + 6)
    mails = []
    for i, m in enumerate(e.members[:18]):
        text, cells = random_ballot(draw)
        shape = shapes[i % len(shapes)]
        sealed = shape in (replies.sealed, replies.sealed_quoted)
        mails += shape(m, m.letter, e.sealed_block(m, cells) if sealed else text)
        for k, c in enumerate(cells):
            state.meant[k] += m.weight * (c == "1")
    for m, words in zip(e.members[18:22], ("A,B,C/A/-/A1,B1", "A/A/-", "A/A/-/A1,B4",
                                           "0,A/A/-/A1,B1")):
        mails += [bad for bad in replies.one_line(m, m.letter, words)]
        mails[-1].verdict, mails[-1].answer = "no choice", replies.WORDS
    m = e.members[22]
    _, cells = random_ballot(draw)
    wrong = replies.sealed(m, m.letter, e.sealed_block(m, cells, "link"))
    wrong[0].verdict, wrong[0].answer = "channel", replies.WORDS
    mails += wrong + replies.sealed_broken(m, m.letter, e.sealed_block(m, cells))
    e.post_all(mails)
    check(time.time() < e.closes, "this machine took longer than the vote was open")
    state.mails += mails
    want = collections.Counter(x.verdict for x in state.mails)
    have = {k: n for k, n in e.funnel()["verdicts"].items() if n}
    check(have == dict(want), f"verdicts {have}, not {dict(want)}")


def count(state):
    """The weighted counts are what the members meant; everything verifies and reconciles"""
    e = state.election
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2, 120)
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    for j in (1, 2):
        e.share(j)
    counts = e.tally()
    check([n for row in counts for n in row] == state.meant,
          f"counted {counts}, meant {state.meant}")
    e.verify()
    e.reconcile()


if __name__ == "__main__":
    sys.exit(harness.main("several questions and weights", [set_up, vote, count]))
