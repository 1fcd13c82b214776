#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
crash - an election through everything that breaks: kill -9 in the middle of sending and of
receiving, a relay that is away, a disk that is full, and mail that comes by pipe.
"""

import collections
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import harness
import members as people
import postfix
import replies
import small
from demo import receipt_of
from election import VOTE, Election, check

MEMBERS = 150
CONNECTIONS = 4
KILLS = (15, 50, 90)


def mount(state, folder, size):
    """A small disk of its own for a folder; False where that is not allowed here."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", folder],
                          capture_output=True, check=False)
    if done.returncode == 0:
        state.at_end(lambda: subprocess.run(["umount", "-l", folder], check=False,
                                            capture_output=True))
    return done.returncode == 0


def fill_up(folder, leave):
    """Fill a folder's disk but for some bytes; the file that does it."""
    path = os.path.join(folder, "filler")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        while True:
            os.write(fd, bytes(4096))
    except OSError:
        os.ftruncate(fd, max(0, os.fstat(fd).st_size - leave))
    os.close(fd)
    return path


def set_up(state):
    """An election stands; its homes are on small disks of their own"""
    e = Election(state.programs, state.folder, people.roll(MEMBERS), 1, 1)
    state.election = e
    state.small_disks = (mount(state, e.at("mailer"), "48m") and
                         mount(state, e.at("receiver"), "48m"))
    state.at_end(e.end)
    opens = int(time.time())
    e.prepare(lambda took: small.definition(opens, opens + 3600))
    e.serve()


def add_up(e):
    states = e.states()["states"]
    check(sum(states.values()) == MEMBERS, f"states do not add up to {MEMBERS}: {states}")
    return states


def relay_away(state):
    """A relay that is away: `send` says try again, and every member is still planned for"""
    e = state.election
    e.post.stop()
    done = e.send(expect=75)
    check(done.stderr, "no reason is told")
    states = add_up(e)
    check(states["accepted"] == 0 and states["refused"] == 0, f"states: {states}")
    e.post.start()


def full_while_sending(state):
    """A full disk while sending: told, nothing lost, goes on once there is room"""
    e = state.election
    if not state.small_disks:
        print("      (no disk of its own can be mounted here)")
        return
    filler = fill_up(e.at("mailer"), 8192)
    done = e.send(expect=(74, 75))
    check(b"full" in done.stderr or b"space" in done.stderr,
          "the message does not speak of the disk: " + done.stderr.decode())
    os.unlink(filler)
    e.post.settle()
    add_up(e)


def delivered(e):
    try:
        return len(os.listdir(os.path.join(e.post.mail, e.post.members)))
    except FileNotFoundError:
        return 0


def uncertain(said):
    """How many letters a run said may have arrived before a crash."""
    found = re.search(rb"(\d+) letters may have arrived", said)
    return int(found.group(1)) if found else 0


def killed_senders(state):
    """kill -9 in the middle of sending, three times; sending again finishes it"""
    e = state.election
    state.kills = state.uncertain = 0
    for threshold in KILLS:
        sender = subprocess.Popen(e.send_command(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while sender.poll() is None and delivered(e) < threshold:
            time.sleep(0.002)
        if sender.poll() is None:
            sender.kill()
            state.kills += 1
        state.uncertain += uncertain(sender.communicate()[1])
        states = add_up(e)
        if state.kills:
            check(states["accepted"] <= delivered(e) + e.post.queued() + CONNECTIONS,
                  "more is said to be accepted than there is")
    check(state.kills, "this machine sends faster than a sender can be killed")
    state.uncertain += uncertain(e.send().stderr)
    e.post.settle()
    states = add_up(e)
    check(states["accepted"] == MEMBERS, f"states: {states}")
    print(f"      ({state.kills} of {len(KILLS)} were killed)")


def one_token_each(state):
    """Every member has exactly one token; duplicates are the same letter under the same id"""
    e = state.election
    reached = e.read_letters()
    check(len(reached) == MEMBERS, f"{len(reached)} of {MEMBERS} have a letter")
    extra = 0
    for m in e.members:
        letters = [people.Letter(raw) for raw in e.post.letters(m.email)]
        extra += len(letters) - 1
        check(len({x.token for x in letters}) == 1, f"{m} has two tokens")
        check(len({x.message_id for x in letters}) == 1, f"{m}'s letters differ in Message-ID")
    check(len({m.letter.token for m in e.members}) == MEMBERS, "two members share a token")
    check(extra <= state.uncertain,
          f"{extra} letters came twice, and {state.uncertain} were said to be uncertain")
    print(f"      ({extra} letters came twice, of {state.uncertain} that were uncertain)")


def take(state, n):
    """The next `n` members who have not voted."""
    first = getattr(state, "voted", 0)
    state.voted = first + n
    return state.election.members[first:first + n]


def ballots_on_board(e):
    try:
        with open(e.at("receiver", "board.ndjson"), "rb") as f:
            return [line for line in f if line.startswith(b'{"type":"ballot"')]
    except FileNotFoundError:
        return []


def receipts_of(e, m, letters_before):
    return [r for r in (receipt_of(people.Letter(raw))
                        for raw in e.post.letters(m.email)[letters_before:]) if r]


def check_voters(state, voters, exactly_one):
    """Each has a receipt, all of one ballot, which stands on the board."""
    e = state.election
    for m in voters:
        before = sum(people.Letter(raw).token is not None for raw in e.post.letters(m.email))
        found = [json.loads(r) for r in receipts_of(e, m, before)]
        check(found, f"{m} has no receipt")
        check(len({(r["tracker"], r["index"]) for r in found}) == 1,
              f"{m} has receipts for two ballots")
        check(not exactly_one or len(found) == 1, f"{m} has {len(found)} receipts")


def check_board(state):
    """As many ballots as voters, no credential twice, and a stranger verifies it all."""
    e = state.election
    lines = ballots_on_board(e)
    credentials = {json.loads(line)["credential"] for line in lines}
    check(len(lines) == state.voted, f"{len(lines)} ballots for {state.voted} voters")
    check(len(credentials) == len(lines), "a credential stands on the board twice")
    e.verify(e.open_record())


def killed_servers(state):
    """kill -9 in the middle of receiving, three times: no receipted ballot lost, none twice"""
    e = state.election
    voters = take(state, 60)
    mails = []
    for i, m in enumerate(voters):
        mails += replies.top_posted(m, m.letter, "ABC"[i % 3])
    posting = threading.Thread(target=e.post_only, args=(mails, 2))
    posting.start()
    kills = 0
    for threshold in (5, 20, 40):
        try:
            postfix.wait_until("ballots on the board",
                               lambda: len(ballots_on_board(e)) >= threshold, 30, 0.002)
        except TimeoutError:
            break
        e.stop_serving(signal.SIGKILL)
        kills += 1
        e.serve()
    posting.join()
    e.post.flush()
    e.post.settle(90)
    check(kills == 3, f"only {kills} of 3 kills happened")
    check_voters(state, voters, exactly_one=False)
    check_board(state)
    counted = e.funnel()["verdicts"]["counted"]
    check(counted == state.voted, f"{counted} mails are said to be counted")


def answers_away(state):
    """The relay for answers is away: mail is handed back, then receipted once, counted once"""
    e = state.election
    e.stop_serving()
    good = e.receiver_settings()
    e.write("receiver/receiver.conf", good.replace(f"port = {e.post.submission}",
                                                   f"port = {postfix.free_port()}"))
    e.serve()
    voters = take(state, 8)
    mails = []
    for m in voters:
        mails += replies.one_line(m, m.letter, "B")
    e.post_only(mails)
    time.sleep(2)
    check(e.post.queued() == len(mails), f"{e.post.queued()} of {len(mails)} mails wait")
    e.stop_serving()
    e.write("receiver/receiver.conf", good)
    e.serve()
    e.post.flush()
    e.post.settle(60)
    check_voters(state, voters, exactly_one=True)
    check_board(state)
    check(e.funnel()["verdicts"]["counted"] == state.voted, "a mail was counted twice")


def full_while_receiving(state):
    """A full disk while receiving: mail is handed back, nothing is lost, none counted twice"""
    e = state.election
    if not state.small_disks:
        print("      (no disk of its own can be mounted here)")
        return
    filler = fill_up(e.at("receiver"), 4096)
    # More than LMDB can put into pages that it already has.
    voters = take(state, 40)
    mails = []
    for m in voters:
        mails += replies.html_gmail(m, m.letter, "C")
    e.post_only(mails)
    time.sleep(2)
    waiting = e.post.queued()
    check(waiting > 0, "nothing was handed back though the disk was full")
    check(e.server.poll() is None, "serve ended on a full disk")
    os.unlink(filler)
    e.post.flush()
    e.post.settle(60)
    check_voters(state, voters, exactly_one=False)
    check_board(state)
    print(f"      ({waiting} of {len(mails)} mails waited)")


def deliver_command(e, box, settings):
    return [e.at("bin", "votepost-receiver"), "deliver", "--box", box, "--settings", settings,
            "--sender", "${sender}", "--recipient", "${original_recipient}"]


def by_pipe(state):
    """Mail by pipe into `deliver`, as another user: same verdicts, nothing bounces"""
    e = state.election
    e.stop_serving()
    os.makedirs(e.at("bin"), exist_ok=True)
    for name in ("votepost-receiver", "votepost-parser"):
        shutil.copy2(state.programs.path(name), e.at("bin"))
    user = pwd.getpwnam(postfix.MAIL_USER)
    for where, folders, names in os.walk(e.at("receiver")):
        for name in [where] + [os.path.join(where, n) for n in folders + names]:
            os.chown(name, user.pw_uid, user.pw_gid)
    e.post.replies_by_pipe(VOTE, deliver_command(e, e.at("receiver"),
                                                 e.at("receiver", "receiver.conf")))
    e.post.reload()
    time.sleep(0.5)
    voters = take(state, 12)
    before = collections.Counter(e.funnel()["verdicts"])
    mails = []
    for m, shape in zip(voters, (replies.top_posted, replies.html_office, replies.flowed) * 4):
        mails += shape(m, m.letter, "A")
    others = e.members[state.voted:state.voted + 3]
    for m, shape in zip(others, (replies.bottom_posted, replies.out_of_office,
                                 replies.too_large)):
        mails += shape(m, m.letter, "A")
    e.post_all(mails)
    after = collections.Counter(e.funnel()["verdicts"])
    after.subtract(before)
    have = {k: n for k, n in after.items() if n}
    want = collections.Counter(m.verdict for m in mails)
    check(have == dict(want), f"verdicts {have}, not {dict(want)}")
    check_voters(state, voters, exactly_one=True)
    check_board(state)
    with open(e.post.log) as f:
        check("status=bounced" not in f.read(), "Postfix bounced a mail")


def deliver_exits(state):
    """`deliver` ends with 0 or 75, whatever is wrong"""
    e = state.election
    box, conf = e.at("receiver"), e.at("receiver", "receiver.conf")
    m = e.members[state.voted]
    mail = replies.top_posted(m, m.letter, "A")[0].raw
    tries = [
        (("--box", e.at("nowhere"), "--settings", conf), mail, 75),
        (("--box", box, "--settings", e.at("nowhere.conf")), mail, 75),
        (("--box", box, "--settings", conf, "--no-such-option"), mail, 75),
        (("--box", box, "--settings", conf, "surplus"), mail, 75),
        (("--box", box, "--settings", conf, "--sender", ""), b"", 0),
        (("--box", box, "--settings", conf, "--sender", ""), b"\0\xff" * 5000, 0),
        (("--box", box, "--settings", conf, "--sender", "x@members.test"), b"no header", 0),
    ]
    for args, data, status in tries:
        done = e.run("receiver", "deliver", *args, stdin=data, expect=(0, 75))
        check(done.returncode == status,
              f"deliver {' '.join(args[-2:])} ended with {done.returncode}, not {status}")


def leaping_clock(state):
    """A clock that leaps: everything is handed back until someone confirms the time"""
    e = state.election
    faketime = shutil.which("faketime")
    if not faketime:
        print("      (no faketime here)")
        return
    m = e.members[state.voted]
    mail = replies.top_posted(m, m.letter, "A")[0].raw
    command = e.programs.command("receiver", "deliver", "--box", e.at("receiver"), "--settings",
                                 e.at("receiver", "receiver.conf"), "--sender", m.email)
    done = subprocess.run([faketime, "-f", "+2h"] + command, input=mail, capture_output=True,
                          env=dict(os.environ, FAKETIME_DONT_FAKE_MONOTONIC="1"), check=False)
    check(done.returncode == 75, f"deliver under a clock that leapt: {done.returncode}")
    check(b"clock" in done.stderr or b"time" in done.stderr,
          "the message does not speak of the clock: " + done.stderr.decode())
    take(state, 1)
    done = subprocess.run(command, input=mail, capture_output=True, check=False)
    check(done.returncode == 0, "the same mail afterwards: " + done.stderr.decode())
    e.post.settle()
    check_voters(state, [m], exactly_one=True)
    check_board(state)


if __name__ == "__main__":
    sys.exit(harness.main("an election through everything that breaks", [
        set_up, relay_away, full_while_sending, killed_senders, one_token_each, killed_servers,
        answers_away, full_while_receiving, by_pipe, deliver_exits, leaping_clock]))
