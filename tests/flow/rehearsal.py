#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
rehearsal - one definition, twice: a test election that is run through to its count, and the
election itself, which opens with the test's record and with nothing less.
"""

import concurrent.futures
import hashlib
import json
import os
import shutil
import sys
import time

import harness
import members as people
import postfix
from election import VOTE, Election, Programs, Trouble, check, iso

MEMBERS = 3
CELLS = "1000"

DEFINITION = """\
[election]
title[fr] = Congrès
title[en] = Congress
organiser = Votepost tests
languages = fr;en
opens = {opens}
closes = {closes}
channels = sealed-reply;link
reply_to = {vote}
link = https://vote.test/
min_ballots = 2
test = false

[question text]
kind = choice
title[fr] = Lequel ?
title[en] = Which one?
option1[fr] = Ambre
option1[en] = Amber
option2[fr] = Bouleau
option2[en] = Birch
option3[fr] = Cèdre
option3[en] = {third}
"""


def definition(opens, closes, third="Cedar"):
    return DEFINITION.format(opens=iso(opens), closes=iso(closes), vote=VOTE, third=third)


def election(state, name, third="Cedar"):
    """A real one, sealed and issued, that only has to be opened; its mail goes by the test's
    server."""
    e = Election(state.programs, os.path.join(state.folder, name), people.roll(MEMBERS), 1, 1)
    e.post = state.test.post
    e.commit()
    e.reveal()
    opens = int(time.time()) + 60
    e.seal_and_issue(definition(opens, opens + 3600, third))
    return e


def digest(programs, name):
    with open(programs.path(name), "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def openings(*folder):
    with open(os.path.join(*folder, "opening.json"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def refused(done, *words):
    said = done.stderr.decode()
    for word in words:
        check(word in said, f"\"{word}\" is not in: {said}")


def rehearse(state):
    """A test is made out of the definition, which itself stays as it is"""
    e = Election(state.programs, state.folder, people.roll(MEMBERS), 1, 1)
    state.test = e
    state.at_end(e.end)
    e.new_options = ("--test",)

    def define(took):
        opens = int(time.time())
        e.closes = opens + max(9, round(took * 7))
        return definition(opens, e.closes)
    e.prepare(define)
    with open(e.at("election.conf"), encoding="utf-8") as f:
        check("test = false" in f.read(), "the definition itself was changed")
    check(e.manifest["test"] is True, "the manifest is no test's")
    e.serve()


def everything_says_test(state):
    """Letters, pages and answers say that it is a test"""
    e = state.test
    e.send()
    e.post.settle()
    check(len(e.read_letters()) == MEMBERS, "not every member has a letter")
    for m in e.members:
        check("[TEST]" in m.letter.subject and "TEST" in m.letter.text and "TEST" in m.letter.html,
              "a letter does not say that it is a test")
    for m in e.members[1:]:
        status, said = e.web.post(e.line(m, CELLS))
        check(status == 201, f"a ballot was answered {status}: {said}")
    m = e.members[0]
    client = e.post.client()
    client.sendmail(m.email, [m.letter.reply_to], (
        f"From: {m.email}\r\nTo: {m.letter.reply_to}\r\nSubject: v\r\n\r\n"
        f"{e.sealed_block(m, CELLS)}\r\n").encode())
    client.quit()
    e.post.settle(30)
    answers = e.answers(m)
    check(len(answers) == 1 and "[TEST]" in answers[0].subject and
          "THIS IS A TEST" in answers[0].text, "the answer does not say that it is a test")


def counted(state):
    """It is closed, counted and checked; its record says how it was opened"""
    e = state.test
    # What comes next is prepared while it is still open.
    pool = concurrent.futures.ThreadPoolExecutor(2)
    state.at_end(pool.shutdown)
    state.real = pool.submit(election, state, "real")
    state.other = pool.submit(election, state, "other", "Cedar, or none of them")
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2, 200)
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    shutil.copytree(e.at("record"), e.at("uncounted"))
    e.share(1)
    check(e.tally() == [[MEMBERS, 0, 0, 0]], "another count")
    check(json.loads(e.verify().stdout)["good"] is True, "the record fails")
    with open(e.at("record", "result.json"), encoding="utf-8") as f:
        state.root = json.load(f)["head"]
    said = openings(e.at("record"))
    check(len(said) == 1 and said[0]["rehearsal"] == "", f"{said}")
    check(said == openings(e.at("receiver")), "the record's is not the box's")


def not_without(state):
    """The election itself does not open without its rehearsal, nor with one that has no count"""
    e = state.real = state.real.result()
    test = state.test
    check(e.manifest["test"] is False, "the manifest is a test's")
    refused(e.open(expect=65), "--rehearsal", "--no-rehearsal")
    refused(e.open("--rehearsal", test.at("uncounted"), expect=65), "it was not counted")
    refused(e.open("--rehearsal", test.at("public"), expect=65), "board.ndjson")
    check(not os.path.exists(e.at("receiver", "opening.json")), "something was written")


def not_of_another(state):
    """A rehearsal of another question is refused, and what differs is named"""
    state.other = state.other.result()
    refused(state.other.open("--rehearsal", state.test.at("record"), expect=1), "`questions`")


def not_with_other_programs(state):
    """One byte more in a program since the rehearsal is refused, by its digest"""
    folder = os.path.join(state.folder, "programs")
    os.mkdir(folder)
    for name in ("votepost-receiver", "votepost-parser", "votepost-mailer",
                 "votepost-scrutineer"):
        shutil.copy2(state.programs.path(name), folder)
    with open(os.path.join(folder, "votepost-parser"), "ab") as f:
        f.write(b"\0")
    state.changed = Programs(folder)
    state.digests = (digest(state.programs, "votepost-parser"),
                     digest(state.changed, "votepost-parser"))
    refused(state.real.open("--rehearsal", state.test.at("record"), expect=1,
                            programs=state.changed), "votepost-parser", *state.digests)


def opens(state):
    """With its rehearsal it opens, shows an empty box and says what it was opened with"""
    e = state.real
    done = e.open("--rehearsal", state.test.at("record"))
    check(done.stdout.decode().strip() == e.fingerprint, "another fingerprint")
    refused(done, "The box is empty: 0 ballots, head ")
    said, = openings(e.at("receiver"))
    check(said["rehearsal_root"] == state.root, "another rehearsal's root")
    check(said["rehearsal"] == openings(state.test.at("record"))[0]["election"],
          "another rehearsal")
    check(said["head"]["size"] == 1 + 1 + 1, "the box is not as it was opened")


def keeps_its_programs(state):
    """serve does not start with a changed program, until that is on the record"""
    e = state.real
    e.serve()
    check(e.stop_serving() == 0, "serve did not end well")
    try:
        e.serve(programs=state.changed)
    except Trouble as trouble:
        for word in (*state.digests, "votepost-parser", "--changed-programs"):
            check(word in str(trouble), f"\"{word}\" is not in: {trouble}")
    else:
        raise Trouble("serve started with a changed program")
    e.serve(programs=state.changed, more=("--changed-programs",))
    check(e.stop_serving() == 0, "serve did not end well")
    e.serve(programs=state.changed)
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    first, second = openings(e.at("record"))
    check(first["programs"]["votepost-receiver"] == second["programs"]["votepost-receiver"] and
          first["programs"]["votepost-parser"] != second["programs"]["votepost-parser"],
          "the record does not tell of the change")


def without_is_recorded(state):
    """Whoever decides to open without a rehearsal has that in the record"""
    refused(state.other.open("--no-rehearsal"), "There was no rehearsal")
    state.other.record()
    said, = openings(state.other.at("record"))
    check(said["rehearsal"] == "" and said["rehearsal_root"] == "", f"{said}")


if __name__ == "__main__":
    sys.exit(harness.main("a rehearsal", [
        rehearse, everything_says_test, counted, not_without, not_of_another,
        not_with_other_programs, opens, keeps_its_programs, without_is_recorded]))
