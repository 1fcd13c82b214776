# SPDX-License-Identifier: MIT
"""The licence is the first line of every source file (after a #! line)."""
import gate

LINES = {
    (".c", ".h"): "/* SPDX-License-Identifier: MIT */",
    (".py", ".sh", "CMakeLists.txt", ".allowed", ".cmake", "run", ".ci/run"):
        "# SPDX-License-Identifier: MIT",
    (".1",): '.\\" SPDX-License-Identifier: MIT',
}


def check(tree):
    for suffixes, want in LINES.items():
        for path in tree.files(*suffixes):
            if suffixes[0] == ".py" and path.endswith("run") and path not in ("run", ".ci/run"):
                continue
            lines = tree.text(path).splitlines()[:2]
            if lines and lines[0].startswith("#!"):
                lines = lines[1:]
            if not lines or lines[0] != want:
                tree.finding(path, 1, f"the first line must be: {want}")


PLANTS = [
    ("all", {"core/a.c": gate.SPDX, "a.py": "#!/usr/bin/env python3\n# SPDX-License-Identifier: MIT\n",
             "docs/man/a.1": '.\\" SPDX-License-Identifier: MIT\n'}, None),
    ("c without", {"core/a.c": "int a;\n" + gate.SPDX}, "core/a.c:1"),
    ("script without", {"run": "#!/bin/sh\nset -e\n"}, "run:1"),
    ("empty", {"core/a.h": ""}, "core/a.h:1"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
