# SPDX-License-Identifier: MIT
"""
harness - run the steps of a flow test in order, each a law in its own words; stop at the first
that does not hold.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

from election import SKIP, Programs, Trouble


def main(title, steps, more=None):
    """`steps`: functions of one state; each one's first docstring line is what it proves. `more`
    adds options of the test's own to a parser; state.options has them."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--build", required=True, help="where the programs were built")
    parser.add_argument("--keep", help="work in this new folder and leave it")
    if more:
        more(parser)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: Postfix needs root")
        return SKIP
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = options.keep or tempfile.mkdtemp(prefix="votepost-flow-")
    state = State(Programs(options.build), folder)
    state.options = options
    try:
        for step in steps:
            words = (step.__doc__ or step.__name__).split("\n")[0]
            begun = time.monotonic()
            try:
                step(state)
            except (Trouble, TimeoutError, RuntimeError) as e:
                print(f"FAIL  {words}\n      {e}\n      all of it is in {folder}", flush=True)
                return 1
            except Exception:
                print(f"FAIL  {words}\n      all of it is in {folder}", flush=True)
                traceback.print_exc()
                return 1
            print(f"ok    {words}  ({time.monotonic() - begun:.1f} s)", flush=True)
    finally:
        state.release()
    if not options.keep:
        shutil.rmtree(folder)
    return 0


class State:
    """What the steps share: set whatever attributes they like."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self._cleanup = []

    def at_end(self, function):
        self._cleanup.append(function)

    def release(self):
        for function in reversed(self._cleanup):
            function()
        self._cleanup = []
