# SPDX-License-Identifier: MIT
"""
memory - what running processes could be made to give away.
"""

import os


def processes_of(pid):
    """A process and all below it."""
    found = [pid]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                found += processes_of(int(entry))
    return found


def dump(pid, path):
    """What a process could be made to give away: every page of its own that is not empty. The
    box's map is left out: it is the file, which is searched on disk."""
    chunk = 1 << 20
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as pages, \
            open(path, "wb") as out:
        for line in maps:
            fields = line.split()
            first, last = (int(x, 16) for x in fields[0].split("-"))
            if not fields[1].startswith("r") or line.rstrip().endswith((".mdb", "[vvar]")):
                continue
            for at in range(first, last, chunk):
                try:
                    pages.seek(at)
                    data = pages.read(min(chunk, last - at))
                except (OSError, ValueError, OverflowError):
                    break
                if data.strip(b"\0"):
                    out.write(data)
    return path
