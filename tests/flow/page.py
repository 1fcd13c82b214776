#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
page - members with a real browser against the real receiver: by the link of their letter, by a
sealed reply that a saved page made without a network, and on the board page.
"""

import json
import os
import shutil
import subprocess
import sys

import harness
import replies
import small
from election import ROOT, SKIP, check

MODULES = os.path.join(ROOT, "build", "node", "node_modules")


def set_up(state):
    """An election of six stands, its letters are out, and a browser is at hand"""
    small.set_up(state, 6, window=600, channels="reply;sealed-reply;link")
    e = state.election
    e.serve()
    check(len(small.send(state)) == 6, "not every member has a letter")
    env = dict(os.environ, VOTEPOST_BUILD=state.programs.build)
    env.setdefault("VOTEPOST_MODULES", MODULES)
    state.browser = subprocess.Popen(
        ["node", os.path.join(ROOT, "tests", "browser", "drive.mjs")], env=env,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    state.at_end(state.browser.kill)
    state.address = f"http://127.0.0.1:{e.http_port}/"


def deed(state, **what):
    state.browser.stdin.write(json.dumps(what) + "\n")
    state.browser.stdin.flush()
    said = json.loads(state.browser.stdout.readline())
    check("error" not in said, f"{what['do']}: {said.get('error')}")
    return said


def by_link(state):
    """Three members follow their links and vote; each receipt names a ballot on the board"""
    e = state.election
    state.trackers = []
    for i, m in enumerate(e.members[:3]):
        said = deed(state, do="vote", link=f"{state.address}#{m.letter.token[:29]}",
                    four=m.letter.token[-4:], pick=i)
        check(said["tracker"], f"{m} was told: {said}")
        state.trackers.append(said["tracker"])
    check(e.funnel()["verdicts"]["counted"] == 3, f"not three counted: {e.funnel()}")


def used(state):
    """Who votes again is told that the first ballot stands, with its tracker"""
    m = state.election.members[0]
    said = deed(state, do="vote", link=f"{state.address}#{m.letter.token[:29]}",
                four=m.letter.token[-4:], pick=2)
    check(not said["tracker"] and "stands already" in said["said"] and
          state.trackers[0] in said["said"].replace(" ", ""), f"told: {said}")


def sealed(state):
    """Two members mail what a saved page made offline: counted, and answered with its tracker"""
    e = state.election
    for i, m in enumerate(e.members[3:5]):
        made = deed(state, do="seal", page=state.address, token=m.letter.token, pick=i)
        shape = replies.sealed if i else replies.sealed_quoted
        e.post_all(shape(m, m.letter, made["block"]))
        answers = e.answers(m)
        check(len(answers) == 1 and made["tracker"] in answers[0].text,
              f"{m} was answered: {[a.text for a in answers]}")
        state.trackers.append(made["tracker"])
    check(e.funnel()["verdicts"]["counted"] == 5, f"not five counted: {e.funnel()}")


def board(state):
    """Each of the five finds their ballot on the board page, and the open board verifies there"""
    for tracker in state.trackers:
        said = deed(state, do="look", address=f"{state.address}check#{tracker}")["said"]
        check("Yes, it stands on the board" in said, f"{tracker}: {said}")
    said = deed(state, do="verify", address=f"{state.address}check")["said"]
    check("Everything holds" in said and "5 ballots" in said, said)


if __name__ == "__main__":
    modules = os.environ.get("VOTEPOST_MODULES", MODULES)
    if not (shutil.which("node") and shutil.which("chromium") and
            os.path.isdir(os.path.join(modules, "playwright-core"))):
        print("skipped: no browser, or its npm packages are not installed; see ./run tests")
        sys.exit(SKIP)
    sys.exit(harness.main("members with a real browser", (set_up, by_link, used, sealed, board)))
