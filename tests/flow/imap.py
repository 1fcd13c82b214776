# SPDX-License-Identifier: MIT
"""
imap - an association that has nothing but a mailbox: replies lie in an IMAP folder, and the
receiver takes them out of it.
"""

import os
import signal
import sys
import time

import harness
import postfix
import replies
import small
from election import VOTE, check
from keeper import Keeper

USER, PASSWORD = "vote", "correct horse of the mailbox"
ARCHIVE = "Dépouillés"
STORED = "D&AOk-pouill&AOk-s"  # as Dovecot calls its folder
JUNK = 60


def settings(e, keeper, **changes):
    """receiver.conf with the mailbox, and what a step wants otherwise."""
    imap = {"host": "localhost", "port": keeper.imaps, "tls": "implicit", "ca_file": e.post.ca,
            "user": USER, "password_file": e.at("secret", "mailbox"), "archive": ARCHIVE,
            "seconds": 1, "timeout": 10}
    imap.update(changes)
    e.write("receiver/receiver.conf", e.receiver_settings() + "[imap]\n" + "".join(
        f"{key} = {value}\n" for key, value in imap.items()))


def served(e):
    with open(e.at("log", "serve.log"), errors="replace") as f:
        return f.read()


def reply(member, choice="A"):
    return replies.top_posted(member, member.letter, choice)


def send(state, members):
    """Replies of these members, until they lie in the mailbox."""
    before = len(state.keeper.mails(USER))
    mails = [mail for m in members for mail in reply(m)]
    state.election.post_all(mails)
    check(len(state.keeper.mails(USER)) >= before or state.election.server,
          "replies do not reach the mailbox")


def emptied(state, seconds=40):
    postfix.wait_until("an empty mailbox", lambda: not state.keeper.mails(USER), seconds, 0.1)


def ballots(state):
    return state.election.funnel()["verdicts"].get("counted", 0)


def set_up(state):
    """an election whose replies go to a mailbox"""
    e = small.set_up(state, 40, window=45)
    state.keeper = Keeper(e.at("dovecot"), {USER: PASSWORD}, e.post.ca)
    state.keeper.start()
    state.at_end(state.keeper.stop)
    e._secret("mailbox", PASSWORD + "\n")
    e._secret("mailbox-wrong", "correct horse of another mailbox\n")
    e.post.replies_by_lmtp(VOTE, state.keeper.lmtp)
    e.post.reload()
    state.members = small.send(state)
    check(len(state.members) == 40, "not everyone has a letter")


def distrust(state):
    """a mailbox behind another's certificate, or with another's password, is left alone, and said so"""
    e = state.election
    send(state, state.members[:2])
    check(len(state.keeper.mails(USER)) == 2, "two replies do not lie in the mailbox")
    for change, words in (({"ca_file": "/etc/ssl/certs/ca-certificates.crt"}, "ca_file"),
                          ({"password_file": e.at("secret", "mailbox-wrong")}, "password_file")):
        settings(e, state.keeper, **change)
        e.serve()
        postfix.wait_until("a line about the mailbox", lambda w=words: w in served(e), 10)
        check(e.stop_serving() == 0, "serve does not end as it should")
    check("another mailbox" not in served(e), "the password stands in the log")
    check(len(state.keeper.mails(USER)) == 2, "a reply went from a mailbox that was not opened")
    check(ballots(state) == 0, "a ballot was counted out of it")


def counted(state):
    """replies are taken out of the mailbox, counted and answered, and go to the archive"""
    e = state.election
    settings(e, state.keeper)
    e.serve()
    send(state, state.members[2:12])
    # Whose it is shows its recipient alone, which the mailbox's server has written on top.
    lost = state.members[36]
    e.post_all([replies._plain(lost, lost.letter, "Bonjour,\n\nje ne sais pas.\n")])
    emptied(state)
    postfix.wait_until("twelve ballots", lambda: ballots(state) == 12, 20)
    e.post.settle()
    for m in state.members[:12] + [lost]:
        check(len(e.answers(m)) == 1, f"{m} has not one answer")
    check(len(state.keeper.mails(USER, STORED)) == 13, "the archive does not hold 13 mails")
    begun = time.monotonic()
    check(e.stop_serving() == 0, "serve does not end as it should")
    check(time.monotonic() - begun < 5, "serve does not end soon")


def killed(state):
    """killed when a ballot was counted and its mail not yet removed: none is lost, none counts twice"""
    e, keeper = state.election, state.keeper
    board = e.at("receiver", "board.ndjson")
    send(state, state.members[12:24])
    between = 0
    for _ in range(4):
        size = os.path.getsize(board)
        e.serve()
        end = time.monotonic() + 10
        while os.path.getsize(board) == size and time.monotonic() < end:
            time.sleep(0.001)
        e.stop_serving(signal.SIGKILL)
        between += ballots(state) + len(keeper.mails(USER)) > 24
    check(between, "it was never killed between a ballot and the removal of its mail")
    e.serve()
    emptied(state)
    postfix.wait_until("24 ballots", lambda: ballots(state) == 24, 20)
    e.post.settle()
    for m in state.members[12:24]:
        check(len(e.answers(m)) >= 1, f"{m} has no receipt")
    e.stop_serving()


def not_removed(state):
    """what was counted and could not be removed is read again, and not counted again"""
    e, keeper = state.election, state.keeper
    archive = keeper.maildir(USER, STORED)
    os.rename(archive, archive + "-away")
    with open(archive, "w"):
        pass  # no folder can be made of that name, nor opened
    settings(e, keeper, archive=ARCHIVE)
    send(state, state.members[24:27])
    e.serve()
    postfix.wait_until("words about the archive", lambda: "archive" in served(e), 10)
    e.stop_serving()
    check(len(keeper.mails(USER)) == 3, "a mail was removed without an archive")
    os.unlink(archive)
    os.rename(archive + "-away", archive)
    e.serve()
    emptied(state)
    postfix.wait_until("27 ballots", lambda: ballots(state) == 27, 20)
    e.stop_serving()


def renumbered(state):
    """a mailbox that is restored from a backup, old mails and other numbers, changes no count"""
    e, keeper = state.election, state.keeper
    before, mails = e.funnel(), len(keeper.mails(USER, STORED))
    check(mails >= 27, "the archive does not hold the counted mails")
    keeper.stop()
    keeper.renumber(USER, back=STORED)
    keeper.start()
    check(len(keeper.mails(USER)) == mails, "the mails are not back")
    e.serve()
    emptied(state)
    check(e.funnel() == before, "a rescan changed a count")
    check(len(keeper.mails(USER, STORED)) == mails, "the archive lacks a mail")
    e.stop_serving()


def many(state):
    """junk by the hundred is looked at and gone, and a reply behind it is counted"""
    e, keeper = state.election, state.keeper
    keeper.stop()
    for i in range(JUNK):
        keeper.put(USER, f"{int(time.time())}.junk{i}.mail.test",
                   (f"Return-Path: <spam{i}@voters.test>\r\nDelivered-To: <{VOTE}>\r\n"
                    f"From: Spam <spam{i}@voters.test>\r\nSubject: n{i}\r\n\r\n"
                    f"* {i} FETCH (UID {i} BODY[] {{3}}\r\nA)\r\n").encode())
    keeper.start()
    send(state, state.members[27:28])
    begun = time.monotonic()
    e.serve()
    emptied(state, 60)
    took = time.monotonic() - begun
    postfix.wait_until("28 ballots", lambda: ballots(state) == 28, 20)
    print(f"      {JUNK} mails in {took:.1f} s: {JUNK / took:.0f} a second", flush=True)
    e.stop_serving()


def closed(state):
    """close takes in what arrived in time and lies in the mailbox, and nothing else"""
    e, keeper = state.election, state.keeper
    check(time.time() < e.closes - 3, "the machine is too slow for this test")
    settings(e, keeper, seconds=3600)
    e.serve()
    time.sleep(1)  # it has looked, and will not for an hour
    send(state, state.members[28:33])
    check(len(keeper.mails(USER)) == 5, "five replies do not lie in the mailbox")
    while time.time() < e.closes + 1:
        time.sleep(0.2)
    send(state, state.members[33:35])
    keeper.stop()
    words = e.close(expect=75).stderr.decode()
    check("mailbox" in words and "[imap]" in words, f"close says: {words}")
    keeper.start()
    e.close()
    counts(state, 33, 2)
    e.record()
    for j in e.numbers():
        e.share(j)
    e.tally()
    e.verify()


def counts(state, counted, late):
    emptied(state)
    verdicts = state.election.funnel()["verdicts"]
    check(verdicts.get("counted") == counted, f"not {counted} ballots: {verdicts}")
    check(verdicts.get("late") == late, f"not {late} that were late: {verdicts}")


def alone(state):
    """without serve close looks into the mailbox itself"""
    e = state.election
    check(e.stop_serving() == 0, "serve does not end as it should")
    send(state, state.members[35:36])
    check(len(state.keeper.mails(USER)) == 1, "the reply does not lie in the mailbox")
    e.close()
    counts(state, 33, 3)


if __name__ == "__main__":
    sys.exit(harness.main(__doc__.strip().split("\n")[0],
                          [set_up, distrust, counted, killed, not_removed, renumbered, many,
                           closed, alone]))
