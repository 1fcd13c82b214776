#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
laws - a small election in which everything that must be refused is tried, and everything that it
wrote is searched for tokens and for names.
"""

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import harness
import memory
import nolist
import postfix
import replies
import small
from demo import receipt_of
from election import check

MEMBERS = 40
CONNECTIONS = 4
OPTIONS = (("Ambre", "Amber"), ("Bouleau", "Birch"), ("Cèdre", "Cedar"))


def set_up(state):
    """An election stands: ceremony, roll, manifest, credentials, open box"""
    small.set_up(state, MEMBERS, window=30, trustees=3, threshold=2)
    state.election.serve()


def wrong_passphrase(state):
    """A wrong passphrase sends nothing and is told so"""
    e = state.election
    e.write("secret/wrong", "not the passphrase\n")
    os.chmod(e.at("secret", "wrong"), 0o600)
    args = [a if not a.endswith("secret/mailer") else e.at("secret", "wrong")
            for a in e.send_command()[1:]]
    done = e.run("mailer", *args, expect=(1, 65, 77, 78))
    check(b"passphrase" in done.stderr, "the message does not speak of the passphrase")
    check(not any(e.post.letters(m.email) for m in e.members), "something was sent")


def forged_issued(state):
    """`open` refuses an issued line whose signature does not hold"""
    e = state.election
    with open(e.at("mailer", "issued.ndjson"), "rb") as f:
        line = f.read()
    at = line.rindex(b'"signature":"') + len(b'"signature":"') + 5
    changed = line[:at] + (b"A" if line[at:at + 1] != b"A" else b"B") + line[at + 1:]
    forged = e.write("public/forged.ndjson", changed)
    box = e.at("receiver")
    other = e.at("receiver-forged")
    os.mkdir(other, 0o700)
    for name in ("receiver.key", "receiver.json"):
        shutil.copy2(os.path.join(box, name), other)
    done = e.run("receiver", "open", "--box", other, e.at("mailer", "manifest.json"), forged,
                 e.at("public", "accepted.ndjson"), e.at("mailer", "handles.json"),
                 expect=(1, 65))
    check(b"issued" in done.stderr, "the message does not name the issued line: "
          + done.stderr.decode())
    e.run("receiver", "status", "--box", other, expect=(1, 65, 66, 74, 78))


def second_sender(state):
    """A second sender on the same election is refused while one runs"""
    e = state.election
    first = subprocess.Popen(e.send_command("--limit", "5"), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        lock = e.at("mailer", "lock")
        postfix.wait_until("the first sender's lock",
                           lambda: first.poll() is not None or locked(lock), 10, 0.002)
        check(first.poll() is None, "the first sender ended before it could be met")
        first.send_signal(signal.SIGSTOP)
        done = e.send(expect=(65, 75))
        check(done.returncode != 0 and done.stderr, "the second sender was not refused")
    finally:
        first.send_signal(signal.SIGCONT)
        first.wait()


def sender_memory(state):
    """In the middle of sending, the sender's memory is no list: a token for each connection"""
    e = state.election
    sender = subprocess.Popen(e.send_command(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    inbox = os.path.join(e.post.mail, e.post.members)
    try:
        postfix.wait_until("some letters", lambda: sender.poll() is not None or
                           os.path.isdir(inbox) and len(os.listdir(inbox)) >= MEMBERS // 3,
                           20, 0.001)
        sender.send_signal(signal.SIGSTOP)
        with open(f"/proc/{sender.pid}/limits") as f:
            cores = [line.split()[4] for line in f if line.startswith("Max core file size")]
        check(cores == ["0"], f"a core file of {cores} bytes may be written")
        state.sender_dump = memory.dump(sender.pid, e.at("secret", "memory-sender"))
    finally:
        sender.send_signal(signal.SIGCONT)
        check(sender.wait() == 0, "the sender failed")
    e.post.settle()
    e.read_letters()
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, {m.id: m.letter.token for m in e.members})
    found = nolist.search(state.programs.helper("flow-search"), needles, [state.sender_dump])
    os.unlink(state.sender_dump)
    tokens = {label for _, label, _ in found}
    print(f"      ({len(tokens)} of {MEMBERS} tokens stood in its memory)")
    check(len(tokens) <= CONNECTIONS, f"{len(tokens)} tokens stand in the sender's memory, over "
          f"{CONNECTIONS} connections: " + ", ".join(sorted({form for _, _, form in found})))


def locked(path):
    """Does anyone hold a lock on this file? Asked as the kernel tells it."""
    try:
        inode = os.stat(path).st_ino
    except FileNotFoundError:
        return False
    with open("/proc/locks") as f:
        return any(line.split()[5].endswith(f":{inode}") for line in f if len(line.split()) > 5)


def letters(state):
    """Every member has one letter with one token of their own; sending again changes nothing"""
    e = state.election
    e.send()
    e.send()
    e.post.settle()
    reached = e.read_letters()
    check(len(reached) == MEMBERS, f"{len(reached)} of {MEMBERS} have a letter")
    for m in e.members:
        check(len(e.post.letters(m.email)) == 1, f"{m} has more than one letter")
        check(m.letter.token, f"the letter of {m} holds {len(m.letter.tokens)} tokens")
    check(len({m.letter.token for m in e.members}) == MEMBERS, "two members share a token")


def letter_form(state):
    """A letter is 7-bit, folded, says how it came, and holds its token in the body alone"""
    for m in state.election.members:
        mail, raw = m.letter.mail, m.letter.raw
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        check(all(c < 128 for c in raw), f"8-bit bytes in the letter of {m}")
        check(max(map(len, body.split(b"\n"))) <= 76, f"a long line in the letter of {m}")
        check(mail["Auto-Submitted"] == "auto-generated", "no Auto-Submitted")
        check(mail["List-Unsubscribe"] is None, "a List-Unsubscribe")
        check(m.letter.token.replace("-", "").encode()[:24] not in head.replace(b"-", b""),
              f"the head of the letter of {m} holds the token")
        handle = m.letter.reply_to.partition("+")[2].partition("@")[0]
        check(len(handle) == 13 and m.letter.sender.startswith(f"bounce+{handle}@"),
              f"the letter of {m} has no handle in Reply-To and envelope sender")


def some_replies(state):
    """Replies of many shapes come to their verdicts"""
    e = state.election
    shapes = [replies.top_posted, replies.one_line, replies.mailto_click, replies.html_gmail,
              replies.base64, replies.spoken, replies.twice, replies.bottom_posted,
              replies.ambiguous, replies.out_of_office, replies.mistyped, replies.stranger,
              replies.bounced, replies.second_thought]
    mails = []
    for m, shape in zip(e.members, shapes * 2):
        mails += shape(m, m.letter, "ABC"[len(mails) % 3])
    e.post_all(mails)
    state.mails = mails
    want = collections.Counter(m.verdict for m in mails)
    have = {k: n for k, n in e.funnel()["verdicts"].items() if n}
    check(have == dict(want), f"verdicts {have}, not {dict(want)}")


def no_memory(state):
    """At rest, the memory of `serve` and its children holds no token"""
    e = state.election
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, {m.id: m.letter.token for m in e.members})
    dumps = []
    for pid in memory.processes_of(e.server.pid):
        dumps.append(memory.dump(pid, e.at("secret", f"memory-{pid}")))
    found = nolist.search(state.programs.helper("flow-search"), needles, dumps)
    for path in dumps:
        os.unlink(path)
    check(not found, "found in memory: " + ", ".join(sorted({f"{a} {b}" for _, a, b in found})))


def no_list(state):
    """No list: each token stands in its member's mailbox and nowhere else"""
    e = state.election
    e.post.settle()
    helper = state.programs.helper("flow-search")
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, {m.id: m.letter.token for m in e.members})
    paths = list(nolist.files_under(e.folder)) + nolist.elsewhere()
    found = nolist.search(helper, needles, paths)
    by_id = {m.id: m for m in e.members}
    seen = set()
    for path, label, form in found:
        own = e.post.maildir(by_id[label].email)
        check(path.startswith(own + "/"), f"{path} holds the token of {label} ({form})")
        seen.add(label)
    check(len(seen) == MEMBERS, f"the search itself found {len(seen)} of {MEMBERS} tokens in "
          "their mailboxes: it does not work")


def no_names(state):
    """Two halves: the receiver's folder holds no member's name, address, or identifier"""
    e = state.election
    paths = list(nolist.files_under(e.at("receiver")))
    check(len(paths) > 3, "the receiver's folder is almost empty")
    for path in paths:
        with open(path, "rb") as f:
            data = f.read()
        for m in e.members:
            for word in (m.name, m.email, m.id):
                check(word.encode() not in data, f"{path} holds {word}")


def no_choice_in_answers(state):
    """Answers hold neither token nor choice, have a null sender, and are automatic"""
    e = state.election
    for m in e.members:
        for answer in e.answers(m):
            check(answer.sender == "", "an answer has an envelope sender")
            check(answer.mail["Auto-Submitted"] == "auto-replied", "not automatic")
            check(m.letter.token not in answer.text, "an answer holds the token")
            # A correction lists what everyone may choose, whatever was chosen.
            told = [answer.text.count(french) + answer.text.count(english)
                    for french, english in OPTIONS]
            check(len(set(told)) == 1, f"an answer names some options: {told}")
            check(not told[0] or not receipt_of(answer), "a receipt names options")


def too_soon(state):
    """`close` before the closing time is refused"""
    state.election.close(expect=(1, 65, 75))


def end(state):
    """The election closes, is counted, verified and reconciled"""
    e = state.election
    e.head()
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2, 200)
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    e.share(2)
    e.share(3)
    e.tally()
    e.verify()
    e.reconcile()


def second_board(state):
    """A trustee never decrypts a second board of an election"""
    e = state.election
    with open(e.at("record", "board.ndjson"), "rb") as f:
        lines = f.read().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith(b'{"type":"ballot"'))
    other = e.at("record-other")
    shutil.copytree(e.at("record"), other)
    del lines[at]
    with open(os.path.join(other, "board.ndjson"), "wb") as f:
        f.write(b"".join(lines))
    done = e.run("scrutineer", "share", other, "--home", e.at("trustee-2"), "--yes",
                 *e.passphrase("trustee-2"), expect=(1, 65))
    check(done.stderr, "no reason is told")
    shutil.rmtree(other)


def strangers_word(state):
    """A program that shares no code with ours comes to the same result"""
    e = state.election
    stranger = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stranger.py")
    done = subprocess.run([sys.executable, "-B", stranger, e.at("record")], text=True,
                          capture_output=True, check=False)
    with open(e.at("record", "result.json"), encoding="utf-8") as f:
        counts = json.load(f)["counts"]
    check(done.returncode == 0 and str(counts) in done.stdout,
          f"the stranger says: {done.stdout or done.stderr}")


def changed_record(state):
    """A record with any byte changed is refused"""
    e = state.election
    draw = random.Random(7)
    print("      seed 7")
    for name in ("board.ndjson", "head.json", "share-2.json", "result.json"):
        with open(e.at("record", name), "rb") as f:
            data = f.read()
        for _ in range(6):
            at = draw.randrange(len(data) - 1)
            changed = data[:at] + bytes([data[at] ^ 1 << draw.randrange(7)]) + data[at + 1:]
            bad = e.at("record-bad")
            shutil.copytree(e.at("record"), bad)
            with open(os.path.join(bad, name), "wb") as f:
                f.write(changed)
            # One forged share of three may be left out, but there are only two here.
            done = e.verify(bad, expect=(0, 1))
            shutil.rmtree(bad)
            check(done.returncode == 1, f"{name} with byte {at} changed is accepted")


def reconcile_notices(state):
    """`reconcile` names a difference between what was issued and what was used"""
    e = state.election
    with open(e.at("record", "funnel.json")) as f:
        funnel = f.read()
    changed = e.write("public/funnel.json", funnel.replace('"counted":', '"counted":1', 1))
    e.run("scrutineer", "reconcile", e.at("public", "ledger.ndjson"), changed, e.at("record"),
          expect=(1, 65))


def minutes_again(state):
    """The minutes are the same, byte for byte, in another zone, locale and year"""
    e = state.election
    reports, bureau = e.reports(), e.bureau([("18:40", "A letter was shown around.")])
    library = next((os.path.join(folder, name) for folder, _, names in
                    os.walk("/usr/lib") for name in names if name == "libfaketime.so.1"), None)
    elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C"}
    if library:
        elsewhere.update(LD_PRELOAD=library, FAKETIME="2031-05-06 07:08:09")
    else:
        print("      without a faked clock: libfaketime is not installed")
    for name, env in (("one", None), ("two", elsewhere)):
        e.run("scrutineer", "minutes", *reports, bureau, "--out", e.at(name), env=env)
    for name in ("minutes.txt", "minutes.html", "minutes.pdf", "minutes.json"):
        with open(e.at("one", name), "rb") as f, open(e.at("two", name), "rb") as g:
            check(f.read() == g.read(), f"{name} differs")


def minutes_signed(state):
    """Who signed the minutes is told, and a file that was changed afterwards is named"""
    e = state.election
    e.sign_minutes("chair", e.at("one"))
    check(e.check_minutes(e.at("one")) == {"chair": "signed", "secretary": "has not signed",
                                           "assessor": "signs on paper"}, "who signed is wrong")
    with open(e.at("one", "minutes.txt"), "ab") as f:
        f.write(b"\n")
    check(e.check_minutes(e.at("one"), expect=1)["chair"] == "BAD", "a change is not told")


def no_minutes_of_a_bad_record(state):
    """A record that fails verification gets no minutes"""
    e = state.election
    bad = e.at("record-bad")
    shutil.copytree(e.at("record"), bad)
    with open(os.path.join(bad, "head.json"), "ab") as f:
        f.write(b" ")
    e.run("scrutineer", "minutes", bad, e.at("public", "ledger.ndjson"),
          e.at("record", "funnel.json"), e.at("bureau.conf"), "--out", e.at("none"), expect=1)
    check(not os.path.exists(e.at("none")), "minutes of a bad record were written")
    shutil.rmtree(bad)


if __name__ == "__main__":
    sys.exit(harness.main("laws of an election by email", [
        set_up, wrong_passphrase, forged_issued, second_sender, sender_memory, letters, letter_form,
        some_replies, no_memory, no_list, no_names, no_choice_in_answers, too_soon, end,
        second_board, strangers_word, changed_record, reconcile_notices, minutes_again,
        minutes_signed, no_minutes_of_a_bad_record]))
