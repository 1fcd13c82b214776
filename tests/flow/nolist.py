# SPDX-License-Identifier: MIT
"""
nolist - the first law, tested: search everything that an election wrote for every token, in every
form that a token can be written, and say where each one stands.
"""

import base64
import glob
import os
import subprocess

from members import token_bytes


def forms(text):
    """A token's forms as bytes, the shortest beginnings that still betray it. The search folds
    case, so lower case needs no form of its own."""
    plain, secret = text.replace("-", ""), token_bytes(text)
    yield "text", plain[:24].encode()
    yield "hyphens", text[:29].encode()
    yield "spaces", text[:29].replace("-", " ").encode()
    yield "escaped", text[:29].replace("-", "%2D").encode()
    yield "raw", secret
    yield "hex", secret.hex().encode()
    yield "wide", plain[:24].encode("utf-16-le")
    for name, data in (("raw", secret), ("text", plain[:24].encode()),
                       ("hyphens", text[:29].encode())):
        yield from _base64(name, data)


def _base64(name, data):
    """Base64 of `data` inside something longer: three ways to fall on its groups of three."""
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + data)
        # The first group and the last depend on the neighbours.
        whole = coded[4 if shift else 0:len(coded) - 4]
        yield f"base64-{name}-{shift}", whole
        url = whole.replace(b"+", b"-").replace(b"/", b"_")
        if url != whole:
            yield f"base64url-{name}-{shift}", url


def write_needles(path, tokens):
    """`tokens`: label → token. A file for flow-search."""
    with open(path, "w") as f:
        for label, text in tokens.items():
            for form, data in forms(text):
                f.write(f"{label}/{form} {data.hex()}\n")


def files_under(*folders):
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def elsewhere():
    """Where a program might leave something outside its own folders: shared memory, and core
    files in the places where a kernel puts them."""
    found = list(files_under("/dev/shm"))
    for pattern in ("core", "core.*", "/tmp/core*", "/var/crash/*", "/var/lib/systemd/coredump/*"):
        found += [p for p in glob.glob(pattern) if os.path.isfile(p)]
    return found


def search(helper, needles, paths):
    """[(path, label, form)] of everything found; `needles` is a file of write_needles, which is
    removed: it is a list of tokens itself."""
    paths = [p for p in paths if os.path.abspath(p) != os.path.abspath(needles)]
    found = []
    try:
        for i in range(0, len(paths), 500):
            done = subprocess.run([helper, needles] + paths[i:i + 500], capture_output=True,
                                  check=False)
            if done.returncode > 1:
                raise RuntimeError("flow-search: " + done.stderr.decode())
            for line in done.stdout.decode(errors="surrogateescape").splitlines():
                path, _, label = line.split("\t")
                found.append((path,) + tuple(label.split("/")))
    finally:
        os.unlink(needles)
    return found
