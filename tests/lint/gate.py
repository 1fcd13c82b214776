# SPDX-License-Identifier: MIT
"""What every gate shares: the files of the tree, findings as file:line, self-tests.

A gate is a script with check(tree) and plants, and ends with gate.main(check, plants).
A plant is a small tree with one violation: (name, {path: text}, "path:line"), or None for the
place where nothing may be found. `--selftest` runs the gate over each.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

PROGRAMS = ("mailer", "receiver", "scrutineer")
PRODUCT = ("core", "core/mail", "receiver/parser", "receiver/web") + PROGRAMS
SKIPPED = {"build", "demo", "__pycache__", ".git"}
SPDX = "/* SPDX-License-Identifier: MIT */\n"


class Tree:
    def __init__(self, root, build):
        self.root = os.path.abspath(root)
        self.build = os.path.abspath(build) if build else None
        self.found = []

    def finding(self, path, line, sentence):
        self.found.append((path, line, sentence))

    def files(self, *suffixes):
        """Paths from the root, sorted; all of them without suffixes."""
        out = []
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(n for n in names if n not in SKIPPED
                              and os.path.join(folder, n) != self.build)
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), self.root)
                if not suffixes or path.endswith(suffixes):
                    out.append(path)
        return out

    def product(self, *suffixes):
        return [p for p in self.files(*(suffixes or (".c", ".h")))
                if os.path.dirname(p) in PRODUCT]

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    def code(self, path, strings=False):
        """The C text with comments, and strings unless wanted, blanked; lines stay."""
        pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

        def blank(match):
            text = match.group()
            if text[0] == "/" or not strings:
                return re.sub(r"[^\n]", " ", text)
            return text
        return re.sub(pattern, blank, self.text(path), flags=re.S)

    def code_lines(self, path, strings=False):
        return enumerate(self.code(path, strings).splitlines(), 1)

    def compile_flags(self):
        """-D, -I, -isystem and -std of every compilation, together."""
        with open(os.path.join(self.build, "compile_commands.json")) as f:
            entries = json.load(f)
        flags = []
        for entry in entries:
            words = shlex.split(entry["command"])
            while words:
                word = words.pop(0)
                flag = [word, words.pop(0)] if word == "-isystem" else [word]
                if re.match(r"-(D|I|isystem|std|pthread)", word) and flag not in flags \
                        and "NDEBUG" not in word:
                    flags.append(flag)
        return [word for flag in flags for word in flag]


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)


def plant_tree(folder, files):
    for path, text in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)


def selftest(check, plants, prepare):
    failed = 0
    for name, files, where in plants:
        with tempfile.TemporaryDirectory(prefix="votepost-lint-") as folder:
            plant_tree(folder, files)
            tree = Tree(folder, os.path.join(folder, "build"))
            if prepare:
                prepare(tree)
            check(tree)
            places = [f"{path}:{line}" for path, line, _ in tree.found]
            good = not places if where is None else places == [where]
            print(f"{'ok' if good else 'FAILED'}: {name}: {places or 'nothing found'}")
            failed += not good
    return 1 if failed or not any(p[2] for p in plants) else 0


def main(check, plants, prepare=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=".")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--selftest", action="store_true")
    args = parser.parse_args()
    if args.selftest:
        sys.exit(selftest(check, plants, prepare))
    tree = Tree(args.root, args.build)
    check(tree)
    for path, line, sentence in tree.found:
        print(f"{path}:{line}: {sentence}")
    print(f"{len(tree.found)} found" if tree.found else "clean")
    sys.exit(1 if tree.found else 0)
