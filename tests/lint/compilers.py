# SPDX-License-Identifier: MIT
"""The other compiler accepts every file too: gcc where clang built, clang where gcc did."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess

import gate


def other(compiler):
    return "gcc" if "clang" in os.path.basename(compiler) else "clang-14"


def compile_again(entry):
    words = shlex.split(entry["command"])
    words[0] = other(words[0])
    words[words.index("-o") + 1] = "/dev/null"
    drop = {"-MD": 1, "-MT": 2, "-MF": 2}
    kept = []
    while words:
        n = drop.get(words[0], 0)
        kept += [] if n else [words[0]]
        words = words[max(n, 1):]
    done = subprocess.run(kept, cwd=entry["directory"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return entry["file"], kept[0], done


def check(tree):
    with open(os.path.join(tree.build, "compile_commands.json")) as f:
        entries = json.load(f)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, compiler, done in pool.map(compile_again, entries):
            if done.returncode == 0:
                continue
            match = re.search(r":(\d+):\d+: (?:fatal )?error: (.*)", done.stdout)
            path = os.path.relpath(file, tree.root)
            tree.finding(path, int(match.group(1)) if match else 1,
                         f"{compiler}: {match.group(2) if match else done.stdout[:200]}")


def prepare(tree):
    os.makedirs(tree.build)
    flags = "-Wall -Wextra -Wconversion -Wshadow -Werror"
    with open(os.path.join(tree.build, "compile_commands.json"), "w") as f:
        json.dump([{"directory": tree.build, "file": os.path.join(tree.root, path),
                    "command": f"gcc {flags} -o x.o -c {tree.root}/{path}"}
                   for path in tree.files(".c")], f)


PLANTS = [
    ("clean", {"core/a.c": "int a(void);\nint a(void)\n{\n\treturn 1;\n}\n"}, None),
    ("a loss that clang sees",
     {"core/a.c": "char a(int x);\nchar a(int x)\n{\n\treturn x;\n}\n"}, "core/a.c:4"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS, prepare)
