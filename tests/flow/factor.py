#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
factor - an election with a second factor: what stands in the roll and never in a mail is part of
each credential.
"""

import json
import sys
import time

import harness
import nolist
import postfix
import small
from election import check

MEMBERS = 8
CELLS = "1000"


def set_up(state):
    """An election stands in which everyone has a second code of their own"""
    state.factors = [f"Ab{i}7-k.{i} 9{i}" for i in range(MEMBERS)]
    small.set_up(state, MEMBERS, window=12, trustees=1, threshold=1,
                 channels="sealed-reply;link", factors=state.factors)
    state.election.serve()


def not_in_a_letter(state):
    """Every letter says that there is one, and none holds it"""
    e = state.election
    check(len(small.send(state)) == MEMBERS, "not every member has a letter")
    for m in e.members:
        plain = "".join(c for c in m.factor if c.isalnum()).upper()
        for part in (m.letter.text, m.letter.html):
            check("code" in part.lower(), "the letter does not speak of a second code")
            check(plain not in "".join(c for c in part if c.isalnum()).upper(),
                  f"the letter of {m} holds the second code")


def both_are_needed(state):
    """The token with a wrong second code votes for nobody, and is not used up"""
    e = state.election
    m = e.members[0]
    right, m.factor = m.factor, e.members[1].factor
    status, said = e.web.post(e.line(m, CELLS))
    check(status == 404, f"a wrong second code was answered {status}: {said}")
    check(e.funnel()["ballots"] == 0, "it has voted")
    m.factor = right
    status, said = e.web.post(e.line(m, CELLS))
    check(status == 201, f"the right one was answered {status}: {said}")


def typed_as_people_type(state):
    """Case, spaces, hyphens and dots in it do not matter; a new token takes the same one"""
    e = state.election
    m = e.members[1]
    m.factor = m.factor.lower().replace("-", "").replace(".", " ")
    status, said = e.web.post(e.line(m, CELLS))
    check(status == 201, f"answered {status}: {said}")
    for m in e.members[2:]:
        status, said = e.web.post(e.line(m, CELLS))
        check(status == 201, f"answered {status}: {said}")


def not_at_the_receiver(state):
    """The second code stands in the mailer's roll and nowhere else"""
    e = state.election
    needles = e.at("secret", "needles")
    with open(needles, "w") as f:
        for m, factor in zip(e.members, state.factors):
            plain = "".join(c for c in factor if c.isalnum()).upper()
            for form, text in (("typed", factor), ("plain", plain)):
                f.write(f"{m.id}/{form} {text.encode().hex()}\n")
    found = nolist.search(state.programs.helper("flow-search"), needles,
                          list(nolist.files_under(e.folder)))
    places = {path for path, _, _ in found}
    for path in places:
        check(path.startswith(e.at("mailer", "roll") + "/") or path == e.at("members.csv"),
              f"{path} holds a second code")
    check(len(places) >= 2, "the search itself does not work")


def counted(state):
    """It is counted like any other"""
    e = state.election
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2, 200)
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    e.share(1)
    check(e.tally() == [[MEMBERS, 0, 0, 0]], "another count")
    answer = json.loads(e.verify().stdout)
    check(answer["good"] is True, "the record fails")


if __name__ == "__main__":
    sys.exit(harness.main("a second factor", [
        set_up, not_in_a_letter, both_are_needed, typed_as_people_type, not_at_the_receiver,
        counted]))
