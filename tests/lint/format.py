# SPDX-License-Identifier: MIT
"""Every C file is as clang-format would write it."""
import os
import re

import gate

TOOL = "clang-format-14"


def check(tree):
    for path in tree.files(".c", ".h"):
        out = gate.run(TOOL, "--dry-run", "-Werror", "--style=file", path, cwd=tree.root).stdout
        match = re.search(r":(\d+):\d+: error", out)
        if match:
            tree.finding(path, int(match.group(1)), f"run: {TOOL} -i {path}")
        elif out:
            tree.finding(path, 1, out.splitlines()[0])


with open(os.path.join(os.path.dirname(__file__), "../../.clang-format")) as f:
    STYLE = f.read()
PLANTS = [
    ("well formed", {".clang-format": STYLE, "core/a.c": "int a(void)\n{\n\treturn 1;\n}\n"}, None),
    ("spaces", {".clang-format": STYLE, "core/a.c": "int a(void)\n{\n    return 1;\n}\n"},
     "core/a.c:2"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
