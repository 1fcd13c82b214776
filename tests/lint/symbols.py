# SPDX-License-Identifier: MIT
"""What a program must be unable to do, it does not even contain: nm over the release build."""
import glob
import os
import re

import gate

# The start of a symbol, defined or wanted, that must not be in a program or library.
FORBIDDEN = {
    "votepost-mailer": "ballot_ box_ cast_ parse_ MHD_ trustee_ tally_",
    "votepost-receiver": "roll_ mint_ outbox_ letter_ bounce_ trustee_ tally_ parse_ g_mime_parser_ "
                         "html xml",
    "votepost-parser": "roll_ mint_ outbox_ letter_ box_ cast_ key_ secret_ trustee_ tally_ ballot_ "
                       "mdb_ curl_ MHD_ socket connect",
    "votepost-report": "roll_ mint_ outbox_ letter_ keys_ whom_ returns_ key_ secret_ trustee_ tally_ "
                       "ballot_ mdb_ curl_ MHD_ socket connect",
    "votepost-scrutineer": "roll_ mint_ box_ cast_ mdb_ g_mime_ curl_ MHD_ socket connect",
    "libcore.a": "curl_ MHD_ g_mime_ socket connect",
    "libcoremail.a": "MHD_ ballot_ mdb_",
    "libmailer.a": "ballot_ box_ cast_ parse_ MHD_ trustee_ tally_ mdb_ curl_ g_mime_",
    "libreceiver.a": "roll_ mint_ outbox_ letter_ bounce_ trustee_ tally_ mdb_ curl_ g_mime_ xml",
    "libparser.a": "roll_ mint_ box_ cast_ key_ secret_ ballot_ mdb_ curl_ MHD_ connect",
    "libreport.a": "roll_ mint_ keys_ whom_ returns_ key_ secret_ ballot_ mdb_ curl_ MHD_ socket connect",
    "libscrutineer.a": "roll_ mint_ box_ cast_ mdb_ g_mime_ curl_ MHD_ socket connect",
}
# These print. Modules do not; bug.c says a last word before abort.
PRINTS = re.compile(r"(stdout|stderr|(__)?v?printf(_chk)?|puts|putchar|perror|psignal)$")
MAY_PRINT = re.compile(r"(log|cli|progress|bug|main|cmd_\w+)\.c\.o$")


def symbols(path):
    """(object, symbol) of each global that a file defines or wants."""
    for row in gate.run("nm", "-A", path).stdout.splitlines():
        match = re.match(r"(\S+?):\s*(?:[0-9a-f]+)?\s+([A-Zvwi]) (\S+)$", row)
        if match and match.group(2) not in "aA":
            yield match.group(1).split(":")[-1], match.group(3).split("@")[0]


def check(tree):
    seen = 0
    for name, starts in FORBIDDEN.items():
        for path in glob.glob(os.path.join(tree.build, name)):
            seen += 1
            shown = os.path.relpath(path, tree.root)
            for member, symbol in symbols(path):
                for start in starts.split():
                    whole = start in ("socket", "connect")
                    if symbol == start if whole else symbol.startswith(start):
                        tree.finding(shown, 0, f"{os.path.basename(member)} brings {symbol}; "
                                     f"nothing that starts with {start} may be in {name}")
                if name.endswith(".a") and PRINTS.match(symbol) and not MAY_PRINT.search(member):
                    tree.finding(shown, 0, f"{member} uses {symbol}: a module never prints, it "
                                 "returns its words in struct why")
    if not seen:
        tree.finding(os.path.relpath(tree.build, tree.root), 0, "nothing is built here")


def prepare(tree):
    """Each planted folder becomes lib<folder>.a, a main.c the mailer's program."""
    os.makedirs(tree.build)
    for folder in ("core", "mailer", "receiver", "scrutineer"):
        objects = []
        for source in sorted(glob.glob(os.path.join(tree.root, folder, "*.c"))):
            out = os.path.join(tree.build, os.path.basename(source) + ".o")
            assert not gate.run("gcc", "-c", source, "-o", out).returncode
            objects.append(out)
        if objects:
            gate.run("ar", "rcs", os.path.join(tree.build, f"lib{folder}.a"), *objects)
        if os.path.exists(os.path.join(tree.root, folder, "main.c")):
            gate.run("gcc", *objects, "-o", os.path.join(tree.build, "votepost-mailer"))


PLANTS = [
    ("clean", {"core/a.c": "int a(void) { return 1; }\n"}, None),
    ("nothing built", {}, "build:0"),
    ("core talks", {"core/a.c": "int socket(int, int, int);\nint a(void)\n"
                    "{ return socket(1, 1, 1); }\n"}, "build/libcore.a:0"),
    ("core prints", {"core/a.c": '#include <stdio.h>\nint a(void) { return puts("x"); }\n'},
     "build/libcore.a:0"),
    ("cli may print", {"core/cli.c": '#include <stdio.h>\nint a(void) { return puts("x"); }\n'},
     None),
    ("the receiver mints", {"receiver/a.c": "int mint_token(void) { return 1; }\n"},
     "build/libreceiver.a:0"),
    ("the mailer's program reads ballots",
     {"core/main.c": "int ballot_read(void) { return 1; }\nint main(void) { return 0; }\n"},
     "build/votepost-mailer:0"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS, prepare)
