# SPDX-License-Identifier: MIT
"""The same module, to the byte, from another folder: tree, sources and build all lie elsewhere, and
no compiler cache can hand over what was made here."""
import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

PARTS = ("CMakeLists.txt", "core", "mailer", "receiver", "scrutineer")


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def build_elsewhere(root, sources, folder):
    tree = os.path.join(folder, "another tree")
    os.makedirs(tree)
    for part in PARTS:
        copy = shutil.copytree if os.path.isdir(os.path.join(root, part)) else shutil.copy
        copy(os.path.join(root, part), os.path.join(tree, part))
    shutil.copytree(sources, os.path.join(folder, "src"), symlinks=True)
    build = os.path.join(folder, "out")
    subprocess.run(["cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DBUILD_TESTING=OFF",
                    "-DVOTEPOST_SOURCES=" + os.path.join(folder, "src")],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--target", "web/vote.wasm", "web/check.wasm"],
                   check=True, stdout=subprocess.DEVNULL)
    return build


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--sources", required=True)
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="votepost-again-") as folder:
        again = build_elsewhere(args.root, args.sources, folder)
        for name in ("vote.wasm", "check.wasm"):
            here, there = (digest(os.path.join(b, "web", name)) for b in (args.build, again))
            print(f"{name}: {here} here, {there} elsewhere")
            failed += here != there
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
