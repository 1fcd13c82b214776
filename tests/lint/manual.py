# SPDX-License-Identifier: MIT
"""--help and the manual name the same commands and the same options, both ways, and mandoc has
nothing to complain of."""
import os
import re
import stat

import gate


def help_of(program, *words):
    return gate.run(program, *words, "--help", stdin=None).stdout


def commands_of(text):
    """The names under "commands:", each two columns in."""
    block = text.split("\ncommands:\n", 1)[-1].split("\n\n", 1)[0]
    return [m.group(1) for m in re.finditer(r"^  (\S+(?: \S+)?)(?:  |$)", block, re.M)]


def options_of(text):
    return set(re.findall(r"^  --([a-z][a-z0-9-]*)", text, re.M)) - {"help"}


def sections_of(tree, page):
    """{command: (line, {option: line of its own entry}, {option: line where it is named})}"""
    sections, now, chapter = {}, None, None
    for line, text in tree.lines(page):
        if text.startswith(".Sh "):
            chapter, now = text[4:].strip('" '), None
        elif text.startswith(".Ss ") and chapter == "COMMANDS":
            now = text[4:].strip('" ')
            sections[now] = (line, {}, {})
        for option in re.findall(r"\bFl -([a-z][a-z0-9-]*)", text):
            if now and option != "help":
                if text.startswith(".It "):
                    sections[now][1].setdefault(option, line)
                sections[now][2].setdefault(option, line)
    return sections


def check_page(tree, name, program, page):
    sections = sections_of(tree, page)
    helps = {c: options_of(help_of(program, *c.split())) for c in commands_of(help_of(program))}
    everywhere = set().union(*helps.values())
    for command, options in helps.items():
        line, entries, _ = sections.get(command, (1, {}, {}))
        if command not in sections:
            tree.finding(page, 1, f"{name} --help has {command}: write its .Ss under COMMANDS")
            continue
        for option in sorted(options - set(entries)):
            tree.finding(page, line, f"{command} --help has --{option}: write its .It Fl -{option}")
        for option in sorted(set(entries) - options):
            tree.finding(page, entries[option], f"{command} --help has no --{option}")
    for command, (line, _, named) in sections.items():
        if command not in helps:
            tree.finding(page, line, f"{name} --help has no command {command}")
        for option in sorted(set(named) - everywhere):
            tree.finding(page, named[option], f"no command of {name} has --{option}")
    for row in gate.run("mandoc", "-T", "lint", "-W", "warning", page,
                        cwd=tree.root).stdout.splitlines():
        match = re.match(r"mandoc: [^:]+:(\d+):\d+: (.*)", row)
        if match:
            tree.finding(page, int(match.group(1)), match.group(2))


def check(tree):
    for folder in gate.PROGRAMS:
        name = f"votepost-{folder}"
        program = os.path.join(tree.build, name)
        page = f"docs/man/{name}.1"
        if not os.path.exists(program):
            tree.finding(os.path.relpath(program, tree.root), 0, "is not built")
        elif not os.path.exists(os.path.join(tree.root, page)):
            tree.finding(page, 0, "is missing")
        else:
            check_page(tree, name, program, page)


def prepare(tree):
    os.makedirs(tree.build)
    for folder in gate.PROGRAMS:
        program = os.path.join(tree.build, f"votepost-{folder}")
        with open(program, "w") as f:
            f.write("#!/bin/sh\ncase $1 in\ngo) printf 'options:\\n  --limit N  x\\n"
                    "  --help  y\\n';;\n*) printf 'x\\n\\ncommands:\\n  go          goes\\n\\n"
                    "options:\\n  --help  y\\n';;\nesac\n")
        os.chmod(program, stat.S_IRWXU)


def pages(change=lambda text: text):
    text = ('.\\" SPDX-License-Identifier: MIT\n.Dd November 22, 2026\n.Dt VOTEPOST-MAILER 1\n.Os\n'
            ".Sh NAME\n.Nm votepost-mailer\n.Nd words\n.Sh COMMANDS\n.Ss go\nGoes.\n"
            ".Bl -tag -width Ds\n.It Fl -limit Ar N\nAt most.\n.El\n")
    out = {f"docs/man/votepost-{folder}.1": text for folder in gate.PROGRAMS}
    out["docs/man/votepost-mailer.1"] = change(text)
    return out


MAN = "docs/man/votepost-mailer.1"
PLANTS = [
    ("agree", pages(), None),
    ("no page", {k: v for k, v in pages().items() if k != MAN}, MAN + ":0"),
    ("option not in the manual", pages(lambda t: t.replace("Fl -limit", "Ar x")), MAN + ":9"),
    ("option not in --help", pages(lambda t: t.replace("Goes.", "With\n.Fl -wrong .")), MAN + ":11"),
    ("command not in --help", pages(lambda t: t + ".Ss come\nComes.\n"), MAN + ":15"),
    ("command not in the manual", pages(lambda t: t[:t.index(".Ss")] + "Nothing.\n"), MAN + ":1"),
    ("a macro that is none", pages(lambda t: t + ".Zz x\n"), MAN + ":15"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS, prepare)
