#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
vacation - members who are away: real Dovecot Sieve answers the invitation and the receipt for them,
quotes them, votes in its sentences, forwards them; and a robot that writes no header answers
everything. None of it is a vote, none is answered for ever, and the members still vote themselves.
"""

import collections
import os
import re
import sys
import time

import harness
import replies
import sieve
import small
from demo import receipt_of
from election import BOUNCE, VOTE, check
from members import TOKEN

SCRIPTS = {
    "a plain absence": """
require ["vacation", "vacation-seconds"];
vacation :seconds 0 "I am away until Monday.";
""",
    "one that begins with a choice": """
require ["vacation", "vacation-seconds"];
vacation :seconds 0 :handle "away" :subject "Re: Vote" "A

I am away until Monday.";
""",
    "one that quotes the letter below a choice": """
require ["vacation", "vacation-seconds", "foreverypart", "mime", "extracttext", "variables"];
foreverypart {
  if header :mime :contenttype "Content-Type" "text/plain" {
    extracttext :first 4000 "letter";
    break;
  }
}
vacation :seconds 0 :addresses ["other@members.test", "ADDRESS"] "B

I am away. You wrote:
${letter}";
""",
    "one in two forms": """
require ["vacation", "vacation-seconds"];
vacation :seconds 0 :mime text:
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

A

\u6211\u4e0d\u5728\u529e\u516c\u5ba4\u3002
--b
Content-Type: text/html; charset=utf-8

<p>A</p><p>\u6211\u4e0d\u5728\u529e\u516c\u5ba4\u3002</p>
--b--
.
;
""",
    "all mail forwarded to the ballot box": f"""
require ["copy"];
redirect :copy "{VOTE}";
""",
}
ABSENT = len(SCRIPTS) - 1


def set_up(state):
    """Members whose mail goes through Sieve have their letters"""
    def before(e):
        scripts = {}
        for m, (name, script) in zip(e.members, SCRIPTS.items()):
            scripts[m.email] = script.replace("ADDRESS", m.email)
            m.away = name
        server = sieve.Sieve(e.at("sieve"), e.post, scripts)
        state.at_end(server.stop)
        server.start()
    e = small.set_up(state, len(SCRIPTS) + 2, before=before)
    e.serve()
    check(len(small.send(state)) == len(e.members), "a letter did not arrive")
    e.post.settle(30)


def verdicts(state):
    return {k: n for k, n in state.election.funnel()["verdicts"].items() if n}


def away(e):
    return [m for m in e.members if hasattr(m, "away")]


def absences(state):
    """What Sieve has answered to the letter's envelope sender."""
    return [raw for raw in state.election.post.letters(BOUNCE)
            if b"\nAuto-Submitted: auto-replied (vacation)" in raw]


def headers_lost(letter):
    """The letter as a gateway leaves it that knows no header but the common ones; as another mail,
    since Sieve forwards no mail twice."""
    raw = re.sub(rb"(?m)^(?:Auto-Submitted|X-Auto-Response-Suppress|Return-Path|Delivered-To|"
                 rb"X-Original-To):.*\r?\n", b"", letter.raw)
    return re.sub(rb"(?m)^Message-ID: <", b"Message-ID: <%d." % time.monotonic_ns(), raw)


def again(state, sender):
    """Every letter comes again without its headers, from `sender(member)`."""
    e = state.election
    client = e.post.client()
    for m in away(e):
        client.sendmail(sender(m), [m.email], headers_lost(m.letter))
    client.quit()
    e.post.settle(30)


def absent(state):
    """The letter says that it is automatic: nobody's absence is told"""
    e = state.election
    check(not absences(state), "an absence was told")
    # What was forwarded came to the ballot box: a letter of ours, and it says so.
    state.want = collections.Counter(automatic=1)
    check_verdicts(state)
    for m in e.members:
        check(not e.answers(m), f"{m} was answered")


def check_verdicts(state):
    check(verdicts(state) == dict(state.want), f"verdicts {verdicts(state)}, not "
          f"{dict(state.want)}")


def headers(state):
    """Where a gateway loses that header, absences go to the envelope sender, not the ballot box"""
    again(state, lambda m: m.letter.sender)
    check(len(absences(state)) == ABSENT, f"{len(absences(state))} absences told, not {ABSENT}")
    check(sum(b"You wrote:" in raw and TOKEN.search(raw.decode("utf-8", "replace")) is not None
              for raw in absences(state)) == 1, "none quotes the letter with its code")
    state.want["no choice"] += 1  # the forwarded one: a letter, and no word of its member's
    check_verdicts(state)


def to_the_box(state):
    """Where absences go to Reply-To after all, they are automatic: no vote, no answer"""
    e = state.election
    state.letters = {m.id: len(e.post.letters(m.email)) for m in e.members}
    again(state, lambda m: m.letter.reply_to)
    check(len(absences(state)) == ABSENT, "an absence went to the envelope sender after all")
    state.want["automatic"] += ABSENT
    # The forwarded one is corrected, and that goes to its sender, the ballot box: no word more.
    state.want["no choice"] += 1
    state.want["automatic"] += 1
    check_verdicts(state)
    for m in away(e):
        n = len(e.post.letters(m.email)) - state.letters[m.id]
        check(n == 1, f"{m}, {m.away}: {n} mails")
        state.letters[m.id] += n


def receipts(state):
    """Members vote while they are away; neither their receipts nor corrections are answered"""
    e = state.election
    mails = []
    for i, m in enumerate(away(e)):
        mails += (replies.top_posted if i % 2 else replies.bottom_posted)(m, m.letter, "A")
    e.post_all(mails)
    state.want += collections.Counter(mail.verdict for mail in mails)
    state.want["automatic"] += sum("forwarded" in m.away for m in away(e))
    check_verdicts(state)
    check(len(absences(state)) == ABSENT, "an absence was told to an answer")
    for m in away(e):
        n = len(e.post.letters(m.email)) - state.letters[m.id]
        check(n == 1, f"{m}, {m.away}: {n} mails for one reply")


def robot(state):
    """A robot without any header that answers every mail is corrected three times, then no more"""
    e = state.election
    m = e.members[-1]
    seen, rounds = 0, 0
    while rounds < 8:
        mails = e.post.letters(m.email)
        fresh = mails[seen:]
        if not fresh:
            break
        seen, rounds = len(mails), rounds + 1
        client = e.post.client()
        for raw in fresh:
            quoted = re.sub(r"(?m)^", "> ", raw.decode("utf-8", "replace"))
            text = ("I have received your message and will answer soon.\n\n" + quoted)
            client.sendmail(m.email, [m.letter.reply_to], (
                f"From: {m.email}\r\nTo: {m.letter.reply_to}\r\nSubject: Re: your message\r\n"
                f"Message-ID: <{time.monotonic_ns()}@client.test>\r\nMIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text).encode())
        client.quit()
        e.post.settle(30)
    check(rounds < 8, "the robot and the ballot box write to each other for ever")
    corrections = len(e.answers(m))
    check(corrections == 3, f"the robot was answered {corrections} times")
    check(not any(receipt_of(a) for a in e.answers(m)), "the robot has voted")


def returned(state):
    """To the mailer an absence is no failure: nobody is given up for it, and it is destroyed"""
    e = state.election
    done = e.run("mailer", "bounce", "--home", e.at("mailer"), "--maildir",
                 e.post.maildir(BOUNCE))
    said = done.stderr.decode()
    check(re.search(r"\b0 hard, 0 full, 0 policy, 0 soft, 0 delayed;", said), said)
    check(not e.post.letters(BOUNCE), "an absence, which quotes a code, is still there")


def vote(state):
    """The code stays good through all of it: the members vote themselves"""
    e = state.election
    voted = verdicts(state).get("counted", 0)
    corrected = [m for i, m in enumerate(away(e)) if i % 2 == 0]
    late = corrected + [e.members[-1]]
    e.post_all([mail for m in late for mail in replies.one_line(m, m.letter, "C")])
    check(verdicts(state).get("counted", 0) == voted + len(late),
          f"verdicts {verdicts(state)}")
    log = os.path.join(e.folder, "log", "serve.log")
    with open(log, "rb") as f:
        check(b"@members.test" not in f.read(), "the receiver's log names an address")


if __name__ == "__main__":
    sys.exit(harness.main("members who are away", [
        set_up, absent, headers, to_the_box, receipts, returned, robot,
        vote]))
