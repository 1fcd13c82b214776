# SPDX-License-Identifier: MIT
"""Who may include whom, from where, and where a foreign library stops."""
import os
import re

import gate

MAY_INCLUDE = {
    "core": ("core",),
    "core/mail": ("core", "core/mail"),
    "mailer": ("mailer", "mailer/report", "core", "core/mail"),
    "mailer/report": ("mailer/report", "core"),
    "receiver": ("receiver", "receiver/parser", "core", "core/mail"),
    "receiver/parser": ("receiver/parser", "core"),
    "scrutineer": ("scrutineer", "core"),
    # The board page is a scrutineer in a browser.
    "receiver/web": ("receiver/web", "core", "scrutineer"),
}

# A foreign header and the files in which it may stand. libsodium and GLib (text, files of
# settings) have no types that spread; Jansson is behind core/json.h.
FOREIGN = {
    r"lmdb\.h": ("core/store.c",),
    r"seccomp\.h": ("core/sandbox.c",),
    r"jansson\.h": ("core/json.h", "receiver/web/stubs.c"),
    r"gmime/.*": ("core/mail/message.c", "mailer/report/report.c", "receiver/parser/parse.c",
                   "receiver/parser/part.c"),
    r"libxml/.*": ("receiver/parser/parse_html.c",),
    r"curl/.*": ("core/mail/smtp.c", "core/mail/imap_talk.c", "core/mail/imap_login.c",
                   "core/mail/fetch.c", "core/mail/clean.c"),
    r"microhttpd\.h": ("receiver/http.c", "receiver/httpin.c", "receiver/httpout.c"),
    r"zlib\.h": ("receiver/front.c",),
    r"hpdf\.h": ("scrutineer/pdf.c",),
    r"ares\.h": ("mailer/preflight.c",),
}

# The part of core that is compiled for the pages does no input or output.
PURE = {"group", "token", "credential", "manifest", "question", "proof", "ballot", "armour",
        "merkle", "ceremony", "board", "sign", "tally", "count", "share", "buf", "err", "head",
        "json", "registry", "result", "rules", "shamir", "syntax", "text"}
IMPURE_OURS = {"file", "settings", "cli", "log", "store", "secret", "sandbox", "progress",
               "passphrase"}
IMPURE_SYSTEM = re.compile(r"(glib|unistd|fcntl|pthread|signal|poll|dirent|time|sys/.*)\.h$")


def own_header(path, tree):
    header = path[:-2] + ".h"
    return header if path.endswith(".c") and os.path.exists(os.path.join(tree.root, header)) \
        else None


def check_product(tree, path, line, quoted, name):
    folder = os.path.dirname(path)
    module = os.path.basename(path)[:-2]
    if quoted:
        if os.path.dirname(name) not in MAY_INCLUDE[folder]:
            tree.finding(path, line, f"{folder}/ may not include {name}: move what both need "
                         "down to core/")
        if re.match(r"cmd", os.path.basename(name)) and not re.match(r"(cmd|main$)", module):
            tree.finding(path, line, "a module does not call back into commands")
        if folder == "core" and module in PURE and os.path.basename(name)[:-2] in IMPURE_OURS:
            tree.finding(path, line, f"{module} runs in the voting page too: no input or output")
        return
    if folder == "core" and module in PURE and IMPURE_SYSTEM.match(name):
        tree.finding(path, line, f"{module} runs in the voting page too: no input or output")
    for foreign, places in FOREIGN.items():
        if re.fullmatch(foreign, name) and path not in places:
            tree.finding(path, line, f"<{name}> stops at {' and '.join(places)}: call that")


def check(tree):
    for path in tree.files(".c", ".h"):
        first = own_header(path, tree)
        product = os.path.dirname(path) in gate.PRODUCT
        for line, text in tree.code_lines(path, strings=True):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', text)
            if not match:
                continue
            quoted, name = match.group(1) == '"', match.group(2)
            if ".." in name.split("/"):
                tree.finding(path, line, 'write the path from the root, without "../"')
            elif quoted and not os.path.exists(os.path.join(tree.root, name)) and not (
                    path.startswith("tests/") and
                    os.path.exists(os.path.join(tree.root, os.path.dirname(path), name))):
                tree.finding(path, line, f'"{name}" is no path from the root')
            elif product and first and name != first:
                tree.finding(path, line, f'"{first}" comes first')
            elif product:
                check_product(tree, path, line, quoted, name)
            first = None


H = {"core/a.h": "", "core/b.h": "", "core/mail/m.h": "", "mailer/r.h": "", "receiver/x.h": "",
     "core/file.h": "", "core/token.h": ""}
PLANTS = [
    ("in order", {**H, "core/a.c": '#include "core/a.h"\n#include <stdio.h>\n#include "core/b.h"\n',
                  "mailer/r.c": '#include "mailer/r.h"\n#include "core/mail/m.h"\n',
                  "core/store.c": "#include <lmdb.h>\n"}, None),
    ("own header second", {**H, "core/a.c": '#include <stdio.h>\n#include "core/a.h"\n'},
     "core/a.c:1"),
    ("up a folder", {**H, "core/mail/m.c": '#include "core/mail/m.h"\n#include "../a.h"\n'},
     "core/mail/m.c:2"),
    ("not from the root", {**H, "core/b.c": '#include "core/b.h"\n#include "a.h"\n'}, "core/b.c:2"),
    ("core into mail", {**H, "core/b.c": '#include "core/b.h"\n#include "core/mail/m.h"\n'},
     "core/b.c:2"),
    ("receiver into mailer", {**H, "receiver/x.c": '#include "receiver/x.h"\n'
                              '#include "mailer/r.h"\n'}, "receiver/x.c:2"),
    ("scrutineer into mail", {**H, "scrutineer/y.c": '#include "core/mail/m.h"\n'},
     "scrutineer/y.c:1"),
    ("foreign type", {**H, "mailer/r.c": '#include "mailer/r.h"\n#include <lmdb.h>\n'},
     "mailer/r.c:2"),
    ("page code reads files", {**H, "core/token.c": '#include "core/token.h"\n'
                               '#include "core/file.h"\n'}, "core/token.c:2"),
    ("page code has system calls", {**H, "core/token.c": '#include "core/token.h"\n'
                                    '#include <unistd.h>\n'}, "core/token.c:2"),
    ("a comment is no include", {**H, "core/b.c": '#include "core/b.h"\n/*\n#include "x.h"\n*/\n'},
     None),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
