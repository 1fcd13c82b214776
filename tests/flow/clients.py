#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
clients - members who answer with a real mail program, in a terminal: s-nail and neomutt open the
invitation and send their reply by SMTP, with the program's own headers, quoting and encoding.
"""

import collections
import os
import shutil
import subprocess
import sys

import harness
import small
from demo import receipt_of
from election import Trouble, check

SNAIL = """\
set v15-compat
set from="{member.email}"
set mta=smtp://127.0.0.1:{port} smtp-auth=none
set ttycharset=utf-8 sendcharsets=utf-8 sendwait quiet
set indentprefix="> "
set nosave norecord nohold reply-to-honour
"""

NEOMUTT = """\
set from="{member.email}" realname="{member.name}"
set smtp_url="smtp://127.0.0.1:{port}/"
set editor="{editor}"
set fast_reply reply_to=yes include=yes autoedit=yes quit=yes abort_unmodified=no
set folder="{home}" record="" copy=no sleep_time=0 move=no mark_old=no header_cache="" certificate_file=""
set ssl_force_tls=no ssl_starttls=no charset=utf-8 send_charset=utf-8 confirmappend=no mbox_type=Maildir
"""


def mailbox(state, member, kind):
    """The member's own copy of their mailbox, without answers of ours: the letter is what they
    answer, whichever mail their program would show first. Its folder."""
    home = os.path.join(state.folder, kind, member.id)
    shutil.copytree(state.election.post.maildir(member.email), os.path.join(home, "mail"))
    for folder, _, names in os.walk(os.path.join(home, "mail")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                ours = b"\nAuto-Submitted: auto-replied" in f.read()
            if ours:
                os.unlink(os.path.join(folder, name))
    return home


def run(command, home, answer=None):
    """A program at a terminal of its own; what it says is kept beside the mailbox."""
    env = {"HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(command, input=answer or b"", capture_output=True, env=env,
                              cwd=home, timeout=20, check=False)
    except subprocess.TimeoutExpired as e:
        raise Trouble(f"{command[0]} waits for something: {(e.stdout or b'')[-300:]!r}") from None
    with open(os.path.join(home, "said"), "wb") as f:
        f.write(done.stdout + done.stderr)


def snail(state, member, choice):
    """`reply`, the answer typed, then ~Q: the letter, quoted below it."""
    home = mailbox(state, member, "s-nail")
    with open(os.path.join(home, "rc"), "w") as f:
        f.write(SNAIL.format(member=member, port=state.election.post.smtp))
    typed = (choice + "\n\n" if choice else "Merci !\n\n") + "~Q 1\n~.\n"
    run(["env", "MAILRC=" + os.path.join(home, "rc"), "s-nail", "-n", "-~", "-#", "-f",
         "maildir://" + os.path.join(home, "mail")], home,
        f"reply 1\n{typed}exit\n".encode())


def neomutt(state, member, choice):
    """A reply in the editor: the answer above what neomutt has quoted there."""
    home = mailbox(state, member, "neomutt")
    editor = os.path.join(home, "editor")
    with open(editor, "w") as f:
        f.write("#!/bin/sh\n{ printf '%s\\n\\n' '" + (choice or "Thanks!") +
                "'; cat \"$1\"; } >\"$1.new\" && mv \"$1.new\" \"$1\"\n")
    os.chmod(editor, 0o755)
    with open(os.path.join(home, "rc"), "w") as f:
        f.write(NEOMUTT.format(member=member, port=state.election.post.smtp, editor=editor,
                               home=home))
    run(["script", "-qec", f"neomutt -n -F {home}/rc -f {home}/mail "
         "-e 'push <reply><send-message><quit>'", "/dev/null"], home)


CLIENTS = {"s-nail": snail, "neomutt": neomutt}


def set_up(state):
    """A small election is open, and everyone has their letter"""
    for name in list(CLIENTS) + ["script"]:
        check(shutil.which(name), f"{name} is not installed: apt-get install {name}")
    e = small.set_up(state, 8)
    e.serve()
    check(len(small.send(state)) == len(e.members), "a letter did not arrive")
    state.members = iter(e.members)
    state.want = collections.Counter()


def answer(state, choice, verdict):
    """A member of each language answers with each program; what comes back to each."""
    e = state.election
    replies = []
    for name, client in CLIENTS.items():
        member = next(state.members)
        client(state, member, choice)
        state.want[verdict] += 1
        replies.append((name, member))
    e.post.settle(30)
    have = {k: n for k, n in e.funnel()["verdicts"].items() if n}
    check(have == dict(state.want), f"verdicts {have}, not {dict(state.want)}")
    for name, member in replies:
        back = e.answers(member)
        check(len(back) == 1, f"{name}: {len(back)} answers")
        yield name, member, back[0]


def votes(state):
    """A reply with the choice as its first line and the letter below is a vote, with a receipt"""
    for name, _, back in answer(state, "B", "counted"):
        check(receipt_of(back), f"{name}: no receipt came back")


def no_answer(state):
    """The same reply without a choice is none: a correction comes, the code stays good"""
    waiting = []
    for name, member, back in answer(state, None, "no choice"):
        check(not receipt_of(back), f"{name}: a receipt for nothing")
        check("VOTE%20" in back.text.replace("\n", ""), f"{name}: the answer does not help")
        waiting.append(member)
    state.waiting = waiting


def second_try(state):
    """Those who were corrected vote after all, with the other program"""
    e = state.election
    before = {m.id: len(e.answers(m)) for m in state.waiting}
    neomutt(state, state.waiting[0], "a")
    snail(state, state.waiting[1], "0")
    e.post.settle(30)
    state.want["counted"] += 2
    have = {k: n for k, n in e.funnel()["verdicts"].items() if n}
    check(have == dict(state.want), f"verdicts {have}, not {dict(state.want)}")
    for m in state.waiting:
        check(any(receipt_of(a) for a in e.answers(m)[before[m.id]:]), f"{m}: no receipt")


if __name__ == "__main__":
    sys.exit(harness.main("answers from real mail programs", [
        set_up, votes, no_answer, second_try]))
