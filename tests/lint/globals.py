# SPDX-License-Identifier: MIT
"""A symbol that only its own file uses is static. Exceptions stand, with a reason, in
globals.allowed."""
import collections
import os
import re

import gate

ALLOWED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "globals.allowed")


def allowed(path):
    names = {}
    with open(path, encoding="utf-8") as f:
        for line, text in enumerate(f, 1):
            if text.strip() and not text.startswith("#"):
                name, _, reason = text.strip().partition(" ")
                names[name] = (line, reason.strip())
    return names


def objects(tree):
    for folder, _, files in os.walk(tree.build):
        for name in files:
            if name.endswith(".c.o"):
                yield os.path.join(folder, name)


def source_of(obj):
    """build/CMakeFiles/core.dir/core/mail/x.c.o -> core/mail/x.c"""
    match = re.search(r"\.dir/(.*)\.o$", obj)
    return match.group(1) if match else None


def check(tree, allow_file=ALLOWED):
    defined, wanted = {}, collections.Counter()
    for obj in objects(tree):
        source = source_of(obj)
        if not source:
            continue
        product = os.path.dirname(source) in gate.PRODUCT
        for row in gate.run("nm", obj).stdout.splitlines():
            match = re.match(r"(?:[0-9a-f]+)?\s+([A-Z]) (\S+)$", row)
            if not match:
                continue
            kind, name = match.groups()
            if kind == "U":
                wanted[name] += 1
            elif product and name != "main":
                defined[name] = source
    names = allowed(allow_file) if os.path.exists(allow_file) else {}
    shown = os.path.relpath(allow_file, tree.root)
    for name, source in sorted(defined.items(), key=lambda item: item[::-1]):
        if wanted[name] or name in names:
            continue
        line = next((n for n, text in tree.lines(source)
                     if re.search(r"\b" + name + r"\b", text)), 1)
        tree.finding(source, line, f"{name} is used in this file only: make it static, or give "
                     "a reason in tests/lint/globals.allowed")
    for name, (line, reason) in names.items():
        if not reason:
            tree.finding(shown, line, f"{name} needs a reason after it")
        elif wanted[name] or name not in defined:
            tree.finding(shown, line, f"{name} needs no exception any more: take it out")


def prepare(tree):
    for path in tree.files(".c"):
        out = os.path.join(tree.build, "x.dir", path + ".o")
        os.makedirs(os.path.dirname(out), exist_ok=True)
        assert not gate.run("gcc", "-c", os.path.join(tree.root, path), "-o", out).returncode


TWO = {"core/a.c": "int a(void);\nint a(void)\n{\n\treturn 1;\n}\n",
       "core/b.c": "int a(void);\nint main(void)\n{\n\treturn a();\n}\n"}
PLANTS = [
    ("used elsewhere", TWO, None),
    ("used at home", {**TWO, "core/b.c": "int b(void);\nint b(void)\n{\n\treturn 2;\n}\n"
                      "int a(void);\nint main(void)\n{\n\treturn a() + b();\n}\n"}, "core/b.c:1"),
    ("allowed", {"core/a.c": "int a;\n", "allow": "a the page calls it\n"}, None),
    ("without a reason", {"core/a.c": "int a;\n", "allow": "a\n"}, "allow:1"),
    ("no longer needed", {**TWO, "allow": "# old\na for later\n"}, "allow:2"),
]

if __name__ == "__main__":
    import sys
    if "--selftest" in sys.argv:
        gate.main(lambda tree: check(tree, os.path.join(tree.root, "allow")), PLANTS, prepare)
    gate.main(check, PLANTS, prepare)
