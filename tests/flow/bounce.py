#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
bounce - letters that come back: a real Postfix reports what it could not deliver, and the mailer
reads the reports from a Maildir and by a pipe, while others work in its home and without any key.
"""

import fcntl
import json
import os
import pwd
import re
import subprocess
import sys

import harness
import nolist
import postfix
import small
from election import BOUNCE, check, iso
from keeper import Keeper
from members import Letter

MEMBERS = 12
HARD, FULL, POLICY, SLOW, REFUSED = range(5)
SINKS = {HARD: ("RCPT", "550 5.1.1 User unknown"), FULL: ("RCPT", "552 5.2.2 Mailbox full"),
         POLICY: (".", "554 5.7.1 Message blocked by our policy")}
NEW_ADDRESS = "nobody.either@members.test"
QUICK = """
delay_warning_time = 1s
maximal_queue_lifetime = 6s
bounce_queue_lifetime = 6s
"""
SAID = re.compile(rb"(\d+) mails?: (\d+) hard, (\d+) full, (\d+) policy, (\d+) soft, (\d+) delayed;"
                  rb" (\d+) complaints, (\d+) other, (\d+) forged, (\d+) kept")
NAMES = ("mails", "hard", "full", "policy", "soft", "delayed", "complaints", "other", "forged",
         "kept")


def sink(state, where, answer):
    """A mail server that says no; its port."""
    port = postfix.free_port()
    process = subprocess.Popen(["smtp-sink", "-u", "nobody", "-f", where, "-B", answer,
                                f"127.0.0.1:{port}", "100"], stderr=subprocess.DEVNULL)

    def end():
        process.terminate()
        process.wait()
    state.at_end(end)
    postfix.wait_until("smtp-sink", lambda: postfix.Postfix._greets(port))
    return port


def bounce(e, **more):
    """Empty the bounce Maildir; what was said, by name."""
    done = e.run("mailer", "bounce", "--home", e.at("mailer"), "--maildir",
                 e.post.maildir(BOUNCE), **more)
    said = SAID.search(done.stderr)
    check(said, done.stderr.decode())
    return {k: n for k, n in zip(NAMES, map(int, said.groups())) if n}


def set_up(state):
    """An election stands; some members' servers say no, each in its way"""
    e = small.set_up(state, MEMBERS, channels="sealed-reply;link", mailboxes=(BOUNCE,))
    state.port = {i: sink(state, *SINKS[i]) for i in SINKS}
    for i in SINKS:
        e.post.route(e.members[i].email, f"smtp:[127.0.0.1]:{state.port[i]}")
    e.post.route(e.members[SLOW].email, "smtp:[127.0.0.1]:1")
    e.post.refuse(e.members[REFUSED].email, "550 5.1.1 no such user")
    e.post.settings += QUICK
    e.post.reload()
    e.serve()


def letters_come_back(state):
    """Postfix reports on four letters: one of them first as delayed, then as given up"""
    e = state.election
    e.send()
    e.post.settle()
    back = [Letter(x) for x in e.post.letters(BOUNCE)]
    check(len(back) == 5, f"{len(back)} reports, not 5")
    needles = e.at("secret", "needles")
    state.tokens = {m.id: Letter(x).token for m in e.members for x in e.post.letters(m.email)}
    state.lost = {str(i): Letter(part.get_payload(0).as_bytes()).token
                  for i, x in enumerate(back) for part in x.mail.walk()
                  if part.get_content_type() == "message/rfc822"}
    nolist.write_needles(needles, state.lost)
    found = nolist.search(state.programs.helper("flow-search"), needles,
                          nolist.files_under(e.post.maildir(BOUNCE)))
    check(len(state.lost) >= 3 and found, "no report quotes a token: this test proves nothing")


def read_beside_a_send(state):
    """They are read while another command has the home, without any key, and are gone"""
    e = state.election
    with open(e.at("mailer", "lock"), "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        counts = bounce(e)
    check(counts == {"mails": 5, "hard": 1, "full": 1, "policy": 1, "soft": 1, "delayed": 1},
          f"read as {counts}")
    check(not e.post.letters(BOUNCE), "a mail is still there")
    check(bounce(e) == {}, "and again?")


def what_is_no_report(state):
    """An absence, a forged report, a stranger's mail: nobody's address dies of them"""
    e = state.election
    handle = Letter(e.post.letters(e.members[-1].email)[0]).sender.split("@")[0]
    local, domain = BOUNCE.split("@")
    report = ("From: MAILER-DAEMON@x.test\nSubject: Undelivered Mail Returned to Sender\n\n"
              "550 5.1.1 User unknown\n")
    with e.post.client() as smtp:
        smtp.sendmail("", f"{local}+0000000000000@{domain}", report)
        smtp.sendmail("", f"{handle}@{domain}", "Subject: Out of office\nFrom: m@members.test\n"
                      "Auto-Submitted: auto-replied\n\nI am away, and the mailbox is full.\n")
        smtp.sendmail("x@x.test", BOUNCE, "Subject: cheap\n\nbuy " +
                      list(state.tokens.values())[0] + "\n")
    e.post.settle()
    counts = bounce(e)
    check(counts == {"mails": 3, "other": 1, "forged": 1, "kept": 1}, f"read as {counts}")
    kept = os.listdir(e.at("mailer", "returns", "kept"))
    check(len(kept) == 1, f"{len(kept)} are kept")


def nobody_is_mailed_there_again(state):
    """Who has no address gets nothing more; who has a full mailbox does"""
    e = state.election
    later = e.closes + 3600
    e.mail("extend", iso(later))
    e.apply()
    e.board_files()
    done = e.mail("extend", "--announce", *e.board_options())
    check(b"1 member get" in done.stderr, done.stderr.decode())
    e.post.settle()
    counts = bounce(e)
    check(counts.get("hard") is None and counts["full"] == 1, f"read as {counts}")


def out_of_a_mailbox(state):
    """A mailbox over IMAP is emptied, and what it held is noted"""
    e = state.election
    keeper = Keeper(e.at("dovecot"), {"bounce": "correct horse of the mailbox"}, e.post.ca)
    keeper.start()
    state.at_end(keeper.stop)
    e._secret("mailbox", "correct horse of the mailbox\n")
    with open(e.at("mailer", "mailer.conf"), "a", encoding="utf-8") as f:
        f.write(f"[bounce]\nhost = localhost\nport = {keeper.imaps}\nca_file = {e.post.ca}\n"
                f"user = bounce\npassword_file = {e.at('secret', 'mailbox')}\ntimeout = 10\n")
    handle = Letter(e.post.letters(e.members[-1].email)[0]).sender.split("@")[0]
    for i, to in enumerate((handle, "bounce+0000000000000", handle)):
        keeper.put("bounce", f"{i}.report", (
            f"From: MAILER-DAEMON@x.test\nTo: prvs=1234={to.upper()}@vote.test\n"
            f"Subject: failure notice\n\n452 4.2.2 mailbox full, {i}\n").encode())
    done = e.run("mailer", "bounce", "--home", e.at("mailer"), "--imap")
    check(b"3 mails: 0 hard, 2 full" in done.stderr and b"1 forged" in done.stderr,
          done.stderr.decode())
    check(not keeper.mails("bounce"), "a mail is left in the mailbox")


def by_a_pipe(state):
    """A new address is nobody's either: the report on its letter comes by a pipe, and counts; the
    one on what went to the old address says nothing"""
    e = state.election
    member = e.members[HARD]
    e.post.route(NEW_ADDRESS, f"smtp:[127.0.0.1]:{state.port[HARD]}")
    e.post.replies_by_pipe(BOUNCE, e.programs.command(
        "mailer", "bounce", "--home", e.at("mailer"), "--recipient", "${recipient}"))
    e.post.reload()
    e.reissue(member, "--reason", "address", "--email", NEW_ADDRESS)
    e.apply()
    e.board_files()
    done = e.mail("send", *e.board_options())
    check(b"get nothing" not in done.stderr, done.stderr.decode())
    own(e, "nobody")
    e.post.flush()
    e.post.settle()
    own(e, "root")
    done = e.mail("send", *e.board_options())
    check(b"1 member get" in done.stderr, "the new address is not dead: " + done.stderr.decode())
    with open(e.post.log, encoding="utf-8", errors="replace") as f:
        check("status=bounced" not in f.read().split("relay=receiver")[-1], "a bounce bounced")


def own(e, user):
    """The home is the user's that the pipe runs as."""
    person = pwd.getpwnam(user)
    for where, _, names in os.walk(e.at("mailer")):
        for path in [where] + [os.path.join(where, name) for name in names]:
            os.chown(path, person.pw_uid, person.pw_gid)


def no_list(state):
    """No token of a letter that came back stands anywhere"""
    e = state.election
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, dict(state.lost, kept=list(state.tokens.values())[0]))
    paths = [p for p in list(nolist.files_under(e.folder)) + nolist.elsewhere()
             if not p.startswith(e.post.maildir(e.members[REFUSED + 1].email))]
    found = nolist.search(state.programs.helper("flow-search"), needles, paths)
    check(not found, "found: " + ", ".join(sorted({f"{p} {form}" for p, _, form in found})))


def in_the_ledger(state):
    """The ledger tells how many came back and why, and reconciles"""
    e = state.election
    with open(e.ledger(), encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    told = [line["counts"] for line in lines if line.get("event") == "bounce"]
    check(len(told) == 1, f"{len(told)} lines")
    check(told[0]["full"] == 4 and told[0]["hard"] >= 2 and told[0]["policy"] == 2,
          f"told {told}")
    with open(e.ledger(), encoding="utf-8") as f:
        again = [json.loads(line) for line in f]
    check(sum(line.get("event") == "bounce" for line in again) == 1, "told twice")


if __name__ == "__main__":
    sys.exit(harness.main("letters that come back", [
        set_up, letters_come_back, read_beside_a_send, what_is_no_report,
        nobody_is_mailed_there_again, out_of_a_mailbox, by_a_pipe, no_list, in_the_ledger]))
