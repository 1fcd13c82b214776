# SPDX-License-Identifier: MIT
"""Each label of the protocol ("votepost/1 ...") is written in one place only, so that no hash
can be taken for another."""
import re

import gate


def check(tree):
    first = {}
    for path in tree.product():
        for line, text in tree.code_lines(path, strings=True):
            for label in re.findall(r'"(votepost/1 [^"]+)"', text):
                if label in first:
                    where = ":".join(map(str, first[label]))
                    tree.finding(path, line, f'"{label}" stands at {where} already: give it one '
                                 "place, and let both call that")
                first.setdefault(label, (path, line))


PLANTS = [
    ("different ones", {"core/a.c": 'x("votepost/1 a");\ny("votepost/1 b");\n/* "votepost/1 a" */\n'},
     None),
    ("twice", {"core/a.c": 'x("votepost/1 a");\n', "core/b.c": '\nx("votepost/1 a");\n'},
     "core/b.c:2"),
    ("a test may", {"core/a.c": 'x("votepost/1 a");\n', "tests/b.c": 'x("votepost/1 a");\n'}, None),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
