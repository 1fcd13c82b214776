# SPDX-License-Identifier: MIT
"""Functions that have no place here, and what to write instead."""
import re

import gate

INSTEAD = {
    "strcpy": "use struct buf", "strcat": "use struct buf", "strncpy": "use struct buf",
    "strncat": "use struct buf", "stpcpy": "use struct buf", "sprintf": "use snprintf",
    "vsprintf": "use vsnprintf", "gets": "use lines_next", "strtok": "use strchr, or strtok_r",
    "gmtime": "use time_write", "localtime": "use localtime_r", "ctime": "use time_write",
    "asctime": "use time_write", "system": "no shell is started", "popen": "no shell is started",
    "alloca": "use struct buf", "mktemp": "use mkostemp", "tmpnam": "use mkostemp",
    "rand": "use randombytes_buf", "srand": "use randombytes_buf", "random": "use randombytes_buf",
    "atoi": "use number_read", "atol": "use number_read",
    "assert": "plain assert stands under tests/ alone: use bug()",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(INSTEAD) + r")\s*\(")


def check(tree):
    for path in tree.product():
        for line, text in tree.code_lines(path):
            for match in CALL.finditer(text):
                name = match.group(1)
                tree.finding(path, line, f"{name} is banned: {INSTEAD[name]}")


PLANTS = [
    ("in words only", {"core/a.c": '/* strcpy(a, b) */\nchar *a = "sprintf(";\nint my_system(int);\n'},
     None),
    ("a call", {"core/a.c": "int a(char *x)\n{\n\treturn sprintf (x, x);\n}\n"}, "core/a.c:3"),
    ("assert", {"mailer/a.c": "void a(void)\n{\n\tassert(1);\n}\n"}, "mailer/a.c:3"),
    ("a test may", {"tests/unit/core/a.c": "void a(void)\n{\n\tassert(1);\n}\n"}, None),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
