# SPDX-License-Identifier: MIT
"""Every header compiles alone, and has its include guard."""
import os
import re

import gate


def guard_of(path):
    return "VOTEPOST_" + re.sub(r"[/.]", "_", path).upper()


def check(tree):
    flags = tree.compile_flags()
    for path in tree.files(".h"):
        done = gate.run("gcc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c", *flags,
                        "-I", ".", "-include", path, "/dev/null", cwd=tree.root)
        if done.returncode and "cmocka" not in tree.text(path):
            match = re.search(re.escape(path) + r":(\d+):\d+: error: (.*)", done.stdout)
            tree.finding(path, int(match.group(1)) if match else 1, "does not compile alone: " +
                         (match.group(2) if match else done.stdout[:200]))
        text = tree.text(path)
        guard = guard_of(path)
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            tree.finding(path, 1, f"the include guard must be {guard}")


def prepare(tree):
    os.makedirs(tree.build)
    with open(os.path.join(tree.build, "compile_commands.json"), "w") as f:
        f.write('[{"command": "gcc -std=c17 -o x.o -c x.c"}]')


def guarded(name, text):
    guard = guard_of(name)
    return {name: f"#ifndef {guard}\n#define {guard}\n{text}\n#endif\n"}


PLANTS = [
    ("alone", guarded("core/a.h", "#include <stddef.h>\nsize_t a(void);"), None),
    ("not alone", guarded("core/a.h", "size_t a(void);"), "core/a.h:3"),
    ("another guard", {"core/a.h": "#ifndef A_H\n#define A_H\n#endif\n"}, "core/a.h:1"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS, prepare)
