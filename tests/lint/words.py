# SPDX-License-Identifier: MIT
"""The tree speaks of Votepost alone: no path of the machine it was written on, no name of a
tool that its authors used. The names are kept as digests, so that this file is clean too."""
import hashlib
import re

import gate

# Folders that exist on one machine only. (In pieces, for the same reason.)
PATHS = re.compile(r"(?<![\w.])/" + "wo" + r"rk/|/tmp/" + r"plan\b|\.\./" + r"shared\b|/(?:root|home)/\w"
                   r"|\b" + r"shared/(?:design|research|vectors|mail|hooks)\b")
DIGESTS = set("""
c857d09db23e6822
c70eca6b0f88f44d
60965168ce762e94
7d3194f79e645c42
3ea125d0bff386e6
57de4cf40144bdf7
487b91042c7cf27a
053ea4804ef1bb33
fc5a1047f5919892
94a168d2da574b00
c9ad8f2cc1294afa
09cf980b5ff304ac
dfabd4e533c887ab
""".split())  # the last one is for the self-test
TEXT = (".c", ".h", ".py", ".sh", ".md", ".txt", ".html", ".subject", ".conf", ".1", ".json",
        ".cmake", ".allowed", ".yml", ".in", "run", "CMakeLists.txt", "LICENSE", ".clang-format")


def check(tree):
    for path in tree.files(*TEXT):
        for line, text in tree.lines(path):
            if PATHS.search(text):
                tree.finding(path, line, "a path of one machine: write it relative to the root")
            for word in re.findall(r"[a-z][a-z0-9]+", text.lower()):
                if hashlib.sha256(word.encode()).hexdigest()[:16] in DIGESTS:
                    tree.finding(path, line, "names a tool of the workshop: say what the code does")


PLANTS = [
    ("plain", {"README.md": "See docs/work/ and work/x at https://example.org/home/.\n"}, None),
    ("a path", {"README.md": "\nlook in /" + "work/main\n"}, "README.md:2"),
    ("a tool", {"docs/a.md": "Made with " + "Planted" + "Tool.\n"}, "docs/a.md:1"),
    ("a home", {"core/a.c": '"/ho' + 'me/me/x"\n'}, "core/a.c:1"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
