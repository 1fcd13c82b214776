#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
extend - a vote that is put off while it runs: who has not voted is reminded and told, the later
time is in force everywhere, and the list of who has voted comes after the close.
"""

import json
import os
import sys
import time

import harness
import postfix
import small
from election import check, iso
from members import Letter

MEMBERS = 9
VOTED = 4
CELLS = "1000"
OFFICERS = (2, 3)


def set_up(state):
    """An election stands, closes soon, and some have voted"""
    small.set_up(state, MEMBERS, window=45, trustees=1, threshold=1,
                 channels="sealed-reply;link", officers=OFFICERS)
    e = state.election
    e.serve()
    check(len(small.send(state)) == MEMBERS, "not every member has a letter")
    for m in e.members[:VOTED]:
        check(e.web.post(e.line(m, CELLS))[0] == 201, f"{m} could not vote")


def not_before_the_close(state):
    """Who has voted is not told while the vote runs, unless its rules allow that"""
    e = state.election
    e.board_files()
    done = e.mail("attendance", *e.board_options(), expect=(1, 65))
    check(b"close" in done.stderr, done.stderr.decode())
    early = e.attendance("--before-close")
    check(sum(row["voted"] == "yes" for row in early) == VOTED, "another number has voted")


def not_too_soon(state):
    """A reminder on the heels of the letter is not sent"""
    e = state.election
    before = [len(e.post.letters(m.email)) for m in e.members]
    done = e.remind(expect=(0, 65, 75))
    check(b"too soon" in done.stderr, done.stderr.decode())
    e.post.settle()
    check([len(e.post.letters(m.email)) for m in e.members] == before, "somebody was mailed")


def an_earlier_time_is_none(state):
    """The closing time cannot be brought forward, nor put off by the receiver alone"""
    e = state.election
    e.mail("extend", iso(e.closes - 5), expect=(64, 65))
    check(not os.path.exists(e.at("mailer", "changes.ndjson")), "a line was written")


def put_off(state):
    """Two officers put it off; it is in force once the line stands on the board"""
    e = state.election
    state.later = e.closes + 12
    e.mail("extend", iso(state.later))
    check(e.apply().stdout == b"1 written\n", "apply answered otherwise")
    e.board_files()
    e.mail("extend", "--announce", *e.board_options())
    e.mail("extend", "--announce", *e.board_options())
    e.post.settle()


def who_has_not_voted_is_told(state):
    """Those who have not voted are told, once, without a token; the others are left in peace"""
    e = state.election
    for m in e.members:
        told = [Letter(x) for x in e.post.letters(m.email)][1:]
        told = [x for x in told if x.sender.startswith("bounce+")]
        check(len(told) == (m in e.members[VOTED:]), f"{m} has {len(told)} mails more")
        for x in told:
            check(not x.tokens, "it holds a token")
            check(time.strftime("%H:%M", time.gmtime(state.later)) in x.text,
                  "it does not say until when: " + x.text)


def in_force(state):
    """A ballot after the old closing time counts, one after the later does not"""
    e = state.election
    postfix.wait_until("the old closing time", lambda: time.time() > e.closes + 0.5, 200)
    e.close(expect=(1, 65))
    m = e.members[VOTED]
    status, said = e.web.post(e.line(m, CELLS))
    check(status == 201, f"between the two times: {status} {said}")
    postfix.wait_until("the later one", lambda: time.time() > state.later + 0.5, 200)
    status, said = e.web.post(e.line(e.members[VOTED + 1], CELLS))
    check(status == 403, f"after the later one: {status} {said}")
    e.mail("extend", iso(state.later + 600), expect=(1, 65))


def in_the_record(state):
    """The record verifies with it, and tells who may know who has voted"""
    e = state.election
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    e.share(1)
    check(e.tally() == [[VOTED + 1, 0, 0, 0]], "another count")
    check(json.loads(e.verify().stdout)["good"] is True, "the record fails")
    with open(e.at("record", "board.ndjson"), encoding="utf-8") as f:
        check(f.read().count('{"type":"extended"') == 1, "the line is not in the record")
    e.board_files(closed=True)
    page = e.at("public", "attendance.html")
    listed = e.attendance("--html", page)
    check(os.path.exists(page) and os.stat(page).st_mode & 0o777 == 0o600, "the page is open")
    listed = listed or e.attendance()
    voted = [row["id"] for row in listed if row["voted"] == "yes"]
    check(voted == [m.id for m in e.members[:VOTED + 1]], f"{voted} have voted")
    e.reconcile()


if __name__ == "__main__":
    sys.exit(harness.main("a vote that is put off", [
        set_up, not_before_the_close, not_too_soon, an_earlier_time_is_none, put_off,
        who_has_not_voted_is_told, in_force, in_the_record]))
