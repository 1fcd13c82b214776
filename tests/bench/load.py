# SPDX-License-Identifier: MIT
"""load - the web server under load: a part of bench.py."""

import os
import statistics
import tempfile


def web(b):
    """Ballots posted, pages fetched, and votes beside many slow connections."""
    ballots, requests = (30000, 200000) if b.soak else (3000, 30000)
    slow, seconds = (2000, 60) if b.soak else (2000, 10)
    with tempfile.TemporaryDirectory(prefix="votepost-bench-") as folder:
        def part(name, *args):
            place = os.path.join(folder, name)
            os.mkdir(place)
            return b.run_helper("http", name, place, *args)
        d = b.data["web"] = {"posts": part("posts", ballots), "pages": part("pages", requests),
                             "slow": part("slow", slow, seconds)}

    def middle(rounds, value):
        return statistics.median(value(r) for r in rounds)
    rounds = d["posts"]["rounds"]
    ratio = middle(rounds, lambda r: r["posts"] / r["bare"])
    b.row("ballots posted over 200 connections, on disk",
          f"{middle(rounds, lambda r: r['posts']):.0f} /s",
          f"{middle(rounds, lambda r: r['bare']):.0f} /s checked alone", ratio, "≥ 0.70",
          ratio >= 0.7)
    b.row("  of a processor, for the load itself",
          f"{middle(rounds, lambda r: r['generator']):.2f}", "")
    rounds = d["pages"]["rounds"]
    ratio = middle(rounds, lambda r: r["ours"] / r["minimal"])
    b.row(f"the page, {d['pages']['bytes']} bytes",
          f"{middle(rounds, lambda r: r['ours']):.0f} /s",
          f"{middle(rounds, lambda r: r['minimal']):.0f} /s bare libmicrohttpd", ratio, "≥ 0.70",
          ratio >= 0.7)
    s = d["slow"]
    b.row(f"the slowest of {s['votes']} votes beside {s['connections']} slow connections",
          f"{s['slowest']:.2f} s", "", None, "< 1 s", s["slowest"] < 1)
