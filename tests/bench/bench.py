#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
bench - measure against peers and floors, in turns within one run, and say the ratios.

  bench.py --build build/release [--soak] [--only NAME,…] [--json FILE]

Nothing here is a test: times depend on the machine, so only ratios have a gate, and a missed one
is marked and does not fail. --soak takes the full sizes: a million ballots on the board, a hundred thousand to verify.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))

import crashes  # noqa: E402
import load  # noqa: E402
import postfix  # noqa: E402
import small  # noqa: E402
from election import ROOT, Election, Programs, Trouble  # noqa: E402

SESSIONS = 20
FEW = 4
MIB = 1 << 20


class Bench:
    def __init__(self, options):
        self.programs = Programs(options.build)
        self.build = os.path.abspath(options.build)
        self.soak = options.soak
        self.rows, self.data = [], {}
        self.cores = len(os.sched_getaffinity(0))

    def helper(self, name):
        return os.path.join(self.build, "tests", "bench", "bench-" + name)

    def run_helper(self, name, *args):
        done = subprocess.run([self.helper(name)] + [str(a) for a in args], capture_output=True,
                              check=False)
        if done.returncode:
            raise Trouble(f"bench-{name}: {done.stderr.decode().strip()}")
        return json.loads(done.stdout) if done.stdout else None

    def row(self, what, ours, other, ratio=None, gate=None, good=None):
        self.rows.append((what, ours, other, "" if ratio is None else f"{ratio:.2f}",
                          gate or "", "" if good is None else "yes" if good else "NO"))

    trouble = Trouble

    def show(self):
        head = ("", "Votepost", "beside it", "ratio", "gate", "kept")
        widths = [max(len(str(r[i])) for r in self.rows + [head]) for i in range(len(head))]
        print()
        for r in [head] + self.rows:
            print("  " + "  ".join(str(c).rjust(w) if 0 < i < 5 else str(c).ljust(w)
                                   for i, (c, w) in enumerate(zip(r, widths))).rstrip())
        print()


def note(text):
    print(f"  … {text}", file=sys.stderr, flush=True)


class Watched:
    """A process run to its end: wall time, processor time, and the memory that it took.

    `settled` says when the part begins that is to be measured: the kernel's high-water mark is
    put back then (`high_before` is what it was), so that `high_after` is the most that process and children held from there on,
    file pages that were mapped included. None where that moment never came."""

    def __init__(self, command, cwd=None, settled=None):
        self.settled, self.high_before, self.high_after = settled, None, None
        begun = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       cwd=cwd)
            watcher = threading.Thread(target=self._watch, args=(process.pid,))
            watcher.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.wall = time.monotonic() - begun
            watcher.join()
            err.seek(0)
            self.words = err.read().decode(errors="replace")
            out.seek(0)
            self.out = out.read()
        self.status = process.returncode
        self.cpu = usage.ru_utime + usage.ru_stime
        self.high = usage.ru_maxrss * 1024

    def _watch(self, pid):
        """Until it is gone."""
        try:
            while self.settled and not self.settled():
                os.kill(pid, 0)
                time.sleep(0.002)
            if self.settled:
                self.high_before = high_water(pid)
                for each in tree(pid):
                    with open(f"/proc/{each}/clear_refs", "w") as f:
                        f.write("5")
            while self.settled:
                high = sum(high_water(each) for each in tree(pid))
                if not high:
                    return
                self.high_after = high
                time.sleep(0.01)
        except (OSError, ValueError):
            return

    def must(self):
        if self.status:
            raise Trouble(f"exit status {self.status}: {self.words.strip()[-400:]}")
        return self


def tree(pid):
    """A process and all that it has begun."""
    found = [pid]
    for each in found:
        with open(f"/proc/{each}/task/{each}/children") as f:
            found += [int(child) for child in f.read().split()]
    return found


def high_water(pid):
    """VmHWM in bytes; 0 for a process that has ended."""
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def ballots(b):
    """Make and check a 1-of-4 ballot, against the bare operations."""
    note("ballots")
    d = b.data["ballots"] = b.run_helper("ballot")
    for name in ("make", "check"):
        bare = d[f"{name}_points_us"] + d[f"{name}_rest_us"]
        ratio = d[f"{name}_us"] / bare
        d[f"{name}_ratio"] = ratio
        b.row(f"{name} a 1-of-4 ballot", f"{d[name + '_us']:.0f} us", f"{bare:.0f} us libsodium",
              ratio, "≤ 1.15", ratio <= 1.15)
        b.row(f"  {d[name + '_base']} base and {d[name + '_mul']} other multiplications, "
              f"{d[name + '_add']} additions", "", f"{d[name + '_points_us']:.0f} us",
              d[f"{name}_us"] / d[f"{name}_points_us"])
    b.row(f"check on {d['cores']} cores", f"{d['speedup']:.2f} x", "1 core")


def reply(b):
    """Plain replies through deliver's code path, against parse + make + commit."""
    n = 20000 if b.soak else 3000
    note(f"{n} plain replies")
    with tempfile.TemporaryDirectory(prefix="votepost-bench-") as folder:
        d = b.run_helper("reply", folder, n, os.path.join(ROOT, "config", "answers"))
    b.data["replies"] = d
    ratio = statistics.median(d["ratios"])
    b.row("plain replies", f"{d['per_second']} /s", f"{d['floor_per_second']} /s floor", ratio,
          "≥ 0.60", ratio >= 0.6)


def board(b):
    """Accepted ballots a second as the board grows."""
    n = 1000000 if b.soak else 32000
    note(f"a board of {n} ballots")
    with tempfile.TemporaryDirectory(prefix="votepost-bench-") as folder:
        d = b.run_helper("board", folder, n)
    b.data["board"] = d
    first = d["at"][0]
    for point in d["at"][1:]:
        ratio = point["per_second"] / first["per_second"]
        last = point is d["at"][-1]
        if last or b.soak or point["size"] in (4000, 16000):
            b.row(f"accepted ballots, board of {point['size']}", f"{point['per_second']} /s",
                  f"{first['per_second']} /s at {first['size']}", ratio,
                  "≥ 0.80" if last else "", ratio >= 0.8 if last else None)


def verify(b):
    """Verify a record: memory, cores, and only what is new."""
    n = 100000 if b.soak else 4000
    note(f"a record of {n} ballots")
    with tempfile.TemporaryDirectory(prefix="votepost-bench-") as folder:
        os.mkdir(os.path.join(folder, "open"))
        b.run_helper("record", folder, n, n * 9 // 10)
        check_point = os.path.join(folder, "checkpoint.json")
        command = b.programs.command("scrutineer", "verify")
        whole = Watched(command + [folder]).must()
        Watched(command + [os.path.join(folder, "open"), "--checkpoint", check_point]).must()
        rest = Watched(command + [folder, "--from", check_point]).must()
    cpu = whole.cpu / whole.wall
    b.data["verify"] = {"ballots": n, "seconds": whole.wall, "cores": cpu,
                        "rss_high": whole.high,
                        "from_seconds": rest.wall}
    b.row(f"verify {n} ballots", f"{whole.wall:.1f} s", f"{n / whole.wall:.0f} /s")
    b.row("  processors used", f"{cpu:.2f}", f"{b.cores} there", cpu / b.cores, "≥ 0.80",
          cpu / b.cores >= 0.8)
    b.row("  memory (VmHWM)", f"{whole.high / MIB:.0f} MiB", "", None, "< 64 MiB",
          whole.high < 64 * MIB)
    b.row("  the last tenth, --from a checkpoint", f"{rest.wall:.1f} s", f"{whole.wall:.1f} s",
          rest.wall / whole.wall, "≤ 0.25", rest.wall / whole.wall <= 0.25)


class Sink:
    """Postfix's smtp-sink: takes everything, keeps nothing."""

    def __init__(self):
        self.port = postfix.free_port()
        self.process = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{self.port}",
                                         "1000"], stdin=subprocess.DEVNULL)
        postfix.wait_until("smtp-sink", lambda: postfix.Postfix._greets(self.port), 5)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def big_roll(path, n):
    with open(path, "w") as f:
        f.write("id,name,email,language\n")
        f.writelines(f"M{i},Member {i},member.{i}@d{i % 97}.test,{'en' if i % 3 else 'fr'}\n"
                     for i in range(n))


def mailing(b, folder, n, sink, sessions=SESSIONS):
    """An election of `n` members, up to the moment before `send`; seconds for roll and issue."""
    e = Election(b.programs, folder, [], 1, 1)
    now = int(time.time())
    e.commit()
    e.reveal()
    e.new(small.definition(now, now + 86400))
    settings = e.mailer_settings(sessions)
    settings = settings[settings.index("connections"):]
    e.write("mailer/mailer.conf", f"[relay]\nhost = 127.0.0.1\nport = {sink.port}\ntls = none\n"
            "per_connection = 100000\n" + settings)
    big_roll(e.at("members.csv"), n)
    roll = Watched(b.programs.command("mailer", "roll", e.at("members.csv"), "--home",
                                      e.at("mailer"))).must()
    e.key()
    e.seal()
    issue = Watched(b.programs.command("mailer", "issue", "--home", e.at("mailer"),
                                       *e.passphrase("mailer"))).must()
    return e, roll, issue


def source(sink, n, size, sessions):
    """Messages a second of Postfix's own smtp-source."""
    begun = time.monotonic()
    subprocess.run(["smtp-source", "-d", "-s", str(sessions), "-m", str(n), "-l", str(size),
                    "-f", "bounce@vote.test", "-t", "member@members.test",
                    f"127.0.0.1:{sink.port}"], check=True, capture_output=True)
    return n / (time.monotonic() - begun)


def one_send(b, n, sink, sessions):
    """(our letters a second, smtp-source's, the letter's size)"""
    folder = tempfile.mkdtemp(prefix="votepost-bench-")
    e, _, _ = mailing(b, folder, n, sink, sessions)
    size = len(e.run("mailer", "preview", "--home", e.at("mailer"), "--language", "en",
                     "--settings", e.at("mailer", "mailer.conf")).stdout)
    theirs = source(sink, n, size, sessions)
    whole = Watched(e.send_command()).must()
    # Unlocking the keys is slow on purpose: a second send has nothing else to do.
    idle = Watched(e.send_command()).must()
    shutil.rmtree(folder)
    return n / (whole.wall - idle.wall), theirs, size


def send(b):
    """The send-out against smtp-source: same sink, sessions and size; the outbox is durable."""
    n = 20000 if b.soak else 8000
    sink = Sink()
    try:
        for sessions in (SESSIONS, FEW):
            note(f"{n} letters, {sessions} sessions")
            turns = [one_send(b, n, sink, sessions) for _ in range(3 if sessions > FEW else 1)]
            ours, theirs = (statistics.median(t[i] for t in turns) for i in (0, 1))
            ratio = statistics.median(t[0] / t[1] for t in turns)
            b.data[f"send-{sessions}"] = {"letters": n, "size": turns[0][2], "turns": turns}
            gate = sessions == SESSIONS
            b.row(f"letters of {turns[0][2]} bytes, {sessions} sessions", f"{ours:.0f} /s",
                  f"{theirs:.0f} /s smtp-source", ratio, "≥ 0.90" if gate else "",
                  ratio >= 0.9 if gate else None)
    finally:
        sink.stop()


OWN_REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.test (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b/mx.test"

--b/mx.test
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.test. Your message could not be delivered.

<m@d.test>: host d.test[192.0.2.1] said: 550 5.1.1 User unknown

--b/mx.test
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; m@d.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; d.test
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b/mx.test
Content-Type: message/rfc822

From: election@vote.test
Subject: Votre bulletin
Content-Type: text/plain

""" + "A line of the letter that came back, as long as such lines are.\n" * 60 + "--b/mx.test--\n"


def reports():
    """Other people's delivery reports where they are present, else one of our own."""
    for folder in sorted(os.listdir(os.path.dirname(ROOT))):
        folder = os.path.join(os.path.dirname(ROOT), folder, "mail", "bounces")
        if os.path.isdir(folder):
            found = []
            for name in sorted(os.listdir(folder)):
                if name.endswith(".eml"):
                    with open(os.path.join(folder, name), "rb") as f:
                        raw = f.read()
                    found.append(raw.split(b"\n", 1)[1] if raw.startswith(b"From ") else raw)
            return found
    note("other people's delivery reports are not present: one of our own instead")
    return [OWN_REPORT.encode()]


def fill_maildir(folder, mails, handles, n):
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(folder, name))
    for i in range(n):
        to = f"Delivered-To: bounce+{handles[i % len(handles)]}@vote.test\n".encode()
        with open(os.path.join(folder, "new", f"{i}.bench"), "wb") as f:
            f.write(to + mails[i % len(mails)])


def one_maildir(b, e, box, mails, handles, n):
    """(our mails a second, GMime's alone)"""
    fill_maildir(box, mails, handles, n)
    bare = b.run_helper("bounce", box)
    whole = Watched(b.programs.command("mailer", "bounce", "--home", e.at("mailer"), "--maildir",
                                       box)).must()
    if os.listdir(os.path.join(box, "new")):
        raise Trouble("mails are left in the Maildir")
    return n / whole.wall, bare["mails"] * 1000 / bare["ms"]


def bounces(b):
    """`bounce` over a Maildir, each mail durable and then destroyed, against GMime alone. In
    memory, for what it costs to read; on disk as well, where each mail is overwritten, too."""
    n = 60000 if b.soak else 12000
    folder = tempfile.mkdtemp(prefix="votepost-bench-")
    memory_folder = tempfile.mkdtemp(prefix="votepost-bench-", dir="/dev/shm")
    sink = Sink()
    try:
        e, _, _ = mailing(b, folder, 1000, sink)
        with open(e.at("mailer", "handles.json"), encoding="utf-8") as f:
            handles = json.load(f)["handles"]
        handles = [handles[i:i + 13] for i in range(0, len(handles), 13)]
        mails = reports()
        note(f"{n} mails that came back, {len(mails)} kinds")
        box = os.path.join(memory_folder, "box")
        turns = [one_maildir(b, e, box, mails, handles, n) for _ in range(5)]
        disk = one_maildir(b, e, e.at("box"), mails, handles, n // 4)
    finally:
        sink.stop()
        shutil.rmtree(folder)
        shutil.rmtree(memory_folder)
    ours, floor = (statistics.median(t[i] for t in turns) for i in (0, 1))
    ratio = statistics.median(t[0] / t[1] for t in turns)
    b.data["bounces"] = {"mails": n, "turns": turns, "disk": disk}
    b.row("mails that came back", f"{ours:.0f} /s", f"{floor:.0f} /s GMime alone", ratio, "≥ 0.70",
          ratio >= 0.7)
    b.row("  overwritten on this disk", f"{disk[0]:.0f} /s", f"{disk[1]:.0f} /s GMime alone",
          disk[0] / disk[1])


def unlocked(e):
    """True once the journal has the next "unlock": the keys are out, and what it took to open
    them has been given back."""
    path = e.at("mailer", "journal.ndjson")

    def count():
        with open(path, "rb") as f:
            return f.read().count(b'"unlock"')
    before = count()
    return lambda: count() > before


def memory(b):
    """Memory of a send-out, and whether time grows with the roll alone."""
    full, limit = 1600000, 4000
    sink = Sink()
    seen = {}
    try:
        for n in (full // 4, full):
            note(f"a roll of {n} members")
            folder = tempfile.mkdtemp(prefix="votepost-bench-")
            e, roll, issue = mailing(b, folder, n, sink)
            done = Watched(e.send_command("--limit", str(limit)), settled=unlocked(e))
            if done.status not in (0, 75):
                done.must()
            if done.high_after is None:
                raise Trouble("the send-out was over before its memory could be looked at")
            seen[n] = {"roll_seconds": roll.wall, "issue_seconds": issue.wall,
                       "roll_cpu": roll.cpu, "issue_cpu": issue.cpu,
                       "roll_high": roll.high, "issue_high": issue.high,
                       "send_seconds": done.wall, "send_high_unlocking": done.high_before,
                       "send_high_after_unlocking": done.high_after}
            shutil.rmtree(folder)
    finally:
        sink.stop()
    b.data["memory"] = seen
    few, many = seen[full // 4], seen[full]
    before, after = "send_high_unlocking", "send_high_after_unlocking"
    b.row(f"send, roll of {full}: memory while sending (VmHWM)", f"{many[after] / MIB:.0f} MiB",
          f"{few[after] / MIB:.0f} MiB at a quarter", None, "< 64 MiB", many[after] < 64 * MIB)
    b.row("  before that, a moment's Argon2id on the passphrase (VmHWM)",
          f"{many[before] / MIB:.0f} MiB", f"{few[before] / MIB:.0f} MiB")
    # Processor time: beside other work, or a slow disk, the clock says nothing of growth.
    for name in ("roll", "issue"):
        ratio = many[f"{name}_cpu"] / few[f"{name}_cpu"] / 4
        b.row(f"{name}, {full} members: processor time", f"{many[name + '_cpu']:.1f} s",
              f"4 x {few[name + '_cpu']:.1f} s", ratio, "≤ 1.30", ratio <= 1.3)


def crash_out(b):
    """A send-out that is killed again and again."""
    crashes.crashes(b, mailing)


PARTS = {"ballots": ballots, "replies": reply, "board": board, "verify": verify, "send": send,
         "bounces": bounces, "memory": memory, "crashes": crash_out, "web": load.web}


def main():
    parser = argparse.ArgumentParser(description="measure against peers and floors")
    parser.add_argument("--build", required=True, help="where the programs were built")
    parser.add_argument("--soak", action="store_true", help="the full sizes; takes an hour")
    parser.add_argument("--only", help="some parts: " + ", ".join(PARTS))
    parser.add_argument("--json", help="where to write the numbers; default BUILD/bench.json")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(PARTS)
    for name in names:
        if name not in PARTS:
            parser.error(f"there is no part {name}; they are: {', '.join(PARTS)}")
    b = Bench(options)
    status = 0
    for name in names:
        try:
            PARTS[name](b)
        except (Trouble, TimeoutError, OSError, subprocess.CalledProcessError) as e:
            print(f"bench: {name}: {e}", file=sys.stderr)
            status = 1
    b.show()
    path = options.json or os.path.join(b.build, "bench.json")
    with open(path, "w") as f:
        json.dump(b.data, f, indent=1)
    print(f"  numbers: {path}")
    return status


if __name__ == "__main__":
    sys.exit(main())
