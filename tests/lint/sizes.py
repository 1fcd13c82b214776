# SPDX-License-Identifier: MIT
"""A function has at most 60 lines and a complexity of 15; a .c 400 lines, a .h 150."""
import gate

FUNCTION_LINES = 60
COMPLEXITY = 15
FILE_LINES = {".c": 400, ".h": 150}


def check(tree):
    for path in tree.product():
        n = len(tree.text(path).splitlines())
        most = FILE_LINES[path[-2:]]
        if n > most:
            tree.finding(path, n, f"{n} lines, at most {most}: split it by concept")
    for path in tree.product(".c"):
        for row in gate.run("pmccabe", path, cwd=tree.root).stdout.splitlines():
            modified, _, _, first, lines, rest = row.split(None, 5)
            name = rest.split(": ")[-1]
            if int(lines) > FUNCTION_LINES:
                tree.finding(path, int(first), f"{name} has {lines} lines, at most "
                             f"{FUNCTION_LINES}: give its steps names")
            if int(modified) > COMPLEXITY:
                tree.finding(path, int(first), f"{name} has complexity {modified}, at most "
                             f"{COMPLEXITY}: give its cases names")


LONG = "int a(void)\n{\n" + "\ta();\n" * 70 + "}\n"
BRANCHY = "int a(int x)\n{\n" + "\tif (x)\n\t\treturn x;\n" * 16 + "}\n"
PLANTS = [
    ("small", {"core/a.c": "int a(void)\n{\n\treturn 1;\n}\n"}, None),
    ("long function", {"core/a.c": LONG}, "core/a.c:1"),
    ("branchy function", {"core/a.c": BRANCHY}, "core/a.c:1"),
    ("long file", {"core/a.c": "\n" * 401}, "core/a.c:401"),
    ("long header", {"mailer/a.h": "\n" * 151}, "mailer/a.h:151"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
