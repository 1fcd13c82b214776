# SPDX-License-Identifier: MIT
"""
crashes - a send-out that is killed again and again: everyone has a letter in the end, nobody more
letters than there were crashes to account for, and the memory stays flat.
"""

import asyncio
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SESSIONS = 20
KILLS = 12
REPLIES = {b"EHLO": b"250-counter\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n",
           b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
MEMBER = re.compile(rb"RCPT TO:<member\.(\d+)@", re.I)


class Counter:
    """A mail server that counts the letters that each member was given, and keeps nothing else."""

    def __init__(self, members):
        self.seen = bytearray(members)
        self.taken = 0
        self.ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self.ready.wait()

    async def _serve(self):
        # Who is killed leaves connections behind: that is no news.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        async with server:
            await server.serve_forever()

    async def _client(self, reader, writer):
        try:
            writer.write(b"220 counter ESMTP\r\n")
            member = None
            while True:
                line = await reader.readuntil(b"\n")
                word = line[:4].upper()
                found = MEMBER.match(line)
                if found:
                    member = int(found.group(1))
                writer.write(REPLIES.get(word, b"250 2.0.0 Ok\r\n"))
                if word == b"QUIT":
                    break
                if word == b"DATA":
                    await reader.readuntil(b"\r\n.\r\n")
                    self.seen[member] = min(255, self.seen[member] + 1)
                    self.taken += 1
                    writer.write(b"250 2.0.0 Ok: queued as 1\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def high_water(pid):
    """VmHWM in bytes, 0 for a process that has ended."""
    try:
        with open(f"/proc/{pid}/status") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def forget_high(pid):
    try:
        with open(f"/proc/{pid}/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass


def one_run(e, journal, kill_at, counter):
    """A send; killed once so many letters more were taken, None: not at all. The exit status, the
    most memory that it held once its keys were unlocked, and what it said."""
    def unlocks():
        with open(journal, "rb") as f:
            return f.read().count(b'"unlock"')

    before, taken, high = unlocks(), counter.taken, 0
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen(e.send_command(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=err)
        while process.poll() is None and unlocks() == before:
            time.sleep(0.005)
        forget_high(process.pid)
        while process.poll() is None:
            high = max(high, high_water(process.pid))
            if kill_at is not None and counter.taken - taken >= kill_at:
                process.send_signal(signal.SIGKILL)
                process.wait()
            time.sleep(0.01)
        err.seek(0)
        return process.returncode, high, err.read().decode(errors="replace")


def again(said):
    """How many letters a run said were sent again."""
    found = re.search(r"(\d+) letters may have arrived", said)
    return int(found.group(1)) if found else 0


def crash_through(b, e, members, counter, seed):
    rng = random.Random(seed)
    journal = e.at("mailer", "journal.ndjson")
    uncertain, kills, high, status = 0, 0, 0, None
    while status != 0:
        left = members - counter.taken
        kill_at = rng.randrange(1, 2 * max(2, left // max(1, KILLS - kills))) \
            if kills < KILLS and left > 1 else None
        status, memory, said = one_run(e, journal, kill_at, counter)
        high, uncertain = max(high, memory), uncertain + again(said)
        kills += status == -signal.SIGKILL
        states = e.states()["states"]
        if sum(states.values()) != members:
            raise b.trouble(f"states do not add up to {members}: {states}")
        if status not in (0, -signal.SIGKILL):
            raise b.trouble(f"send ended with {status}: {said.strip()[-300:]}")
    return uncertain, kills, high, states


def crashes(b, mailing):
    members = int(os.environ.get("VOTEPOST_MEMBERS", 1600000 if b.soak else 20000))
    seed = int(os.environ.get("VOTEPOST_SEED", time.time()))
    print(f"  … {members} members, {KILLS} crashes; VOTEPOST_SEED={seed}", file=sys.stderr,
          flush=True)
    counter = Counter(members)
    folder = tempfile.mkdtemp(prefix="votepost-bench-")
    e, _, _ = mailing(b, folder, members, counter, SESSIONS)
    begun = time.monotonic()
    uncertain, kills, high, states = crash_through(b, e, members, counter, seed)
    took = time.monotonic() - begun
    shutil.rmtree(folder)
    missing = counter.seen.count(0)
    extra = counter.taken - (members - missing)
    good = not missing and extra <= uncertain and states["accepted"] == members
    b.data["crashes"] = {"members": members, "kills": kills, "missing": missing, "extra": extra,
                         "uncertain": uncertain, "memory": high, "seconds": took, "seed": seed}
    b.row(f"a send-out to {members}, killed {kills} times: nobody missing",
          f"{missing} missing", "", None, "0", not missing)
    b.row("  letters more than members", extra, f"{uncertain} said to be uncertain", None,
          "≤", good)
    b.row("  memory (VmHWM), keys unlocked", f"{high / (1 << 20):.0f} MiB", "", None, "≤ 64 MiB",
          high <= 64 << 20)
    b.row("  letters a second, starts included", f"{counter.taken / took:.0f} /s", "")
