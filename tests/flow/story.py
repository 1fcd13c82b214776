# SPDX-License-Identifier: MIT
"""
story - tell on a terminal what happens, in sections, ticked and timed. Colour and a moving line
only where a person looks at it; plain lines elsewhere.
"""

import contextlib
import os
import sys
import time

WIDTH = 78


class Story:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.live = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colour = self.live and "NO_COLOR" not in os.environ
        self.begun = time.monotonic()
        self.sections = 0

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def bold(self, text):
        return self.paint("1", text)

    def dim(self, text):
        return self.paint("2", text)

    def say(self, text=""):
        print(text, file=self.out, flush=True)

    def title(self, text, under):
        self.say()
        self.say("  " + self.paint("1;36", text))
        self.say("  " + self.dim(under))

    def facts(self, rows):
        self.say()
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            self.say(f"  {self.dim(name.ljust(width))}   {value}")

    def section(self, text):
        self.sections += 1
        self.say()
        at = f"{time.monotonic() - self.begun:.0f} s"
        head = f"{self.sections}  {text}"
        self.say("  " + self.paint("1;36", f"{self.sections}") + "  " + self.bold(text) +
                 self.dim(at.rjust(WIDTH - len(head) - 2)))

    def _line(self, mark, text, right=""):
        return f"     {mark} {text}" + (self.dim(" " + right.rjust(WIDTH - 8 - len(text)))
                                        if right else "")

    @contextlib.contextmanager
    def step(self, text):
        """A line that is ticked when the block ends well, with the time that it took. The block
        may call the given function to say what came of it instead."""
        outcome = [text]
        begun = time.monotonic()

        def became(new):
            outcome[0] = new
        if self.live:
            self.out.write(self._line(self.paint("33", "·"), text + " …"))
            self.out.flush()
        try:
            yield became
        except BaseException:
            if self.live:
                self.out.write("\r\033[K")
            self.say(self._line(self.paint("31", "✗"), text))
            raise
        took = time.monotonic() - begun
        if self.live:
            self.out.write("\r\033[K")
        self.say(self._line(self.paint("32", "✓"), outcome[0],
                            f"{took:.1f} s" if took >= 0.05 else ""))

    def note(self, text):
        self.say("       " + self.dim(text))

    def countdown(self, text, until):
        """Wait for a time of the clock, and show that we do."""
        while True:
            left = until - time.time()
            if left <= 0:
                break
            if self.live:
                self.out.write("\r\033[K" + self._line(self.paint("33", "·"),
                                                       f"{text} {left:.0f} s"))
                self.out.flush()
            time.sleep(min(left, 0.25) if self.live else left)
        if self.live:
            self.out.write("\r\033[K")
            self.out.flush()

    def table(self, head, rows, right=()):
        """Columns as wide as their content; those in `right` end at the right."""
        rows = [[str(c) for c in row] for row in rows]
        widths = [max(len(r[i]) for r in rows + [list(head)]) for i in range(len(head))]

        def line(cells):
            return "   ".join(c.rjust(w) if i in right else c.ljust(w)
                              for i, (c, w) in enumerate(zip(cells, widths))).rstrip()
        self.say("       " + self.dim(line(head)))
        for row in rows:
            self.say("       " + line(row))

    def bars(self, rows, width=28):
        """Names, counts and bars in proportion."""
        most = max(n for _, n in rows) or 1
        names = max(len(name) for name, _ in rows)
        for name, n in rows:
            eighths = round(n * width * 8 / most)
            bar = "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
            self.say(f"       {name.ljust(names)}   {str(n).rjust(4)}  {self.paint('36', bar)}")
