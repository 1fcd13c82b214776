# SPDX-License-Identifier: MIT
"""
tables - the tables in docs/ that tests write, each between two comments that name it. What is
written by hand around them stays.
"""

import re


def write(path, name, head, rows):
    """Put this table in the place of the one of that name."""
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head)] + rows]
    with open(path, encoding="utf-8") as f:
        text = f.read()
    block = f"<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- end {name} -->"
    text, n = re.subn(f"(?s)<!-- {name} -->.*?<!-- end {name} -->", lambda _: block, text)
    if n != 1:
        raise RuntimeError(f"{path} has {n} places for the table {name}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read(path, name):
    """The rows of a table, its head first, as lists of cells; empty where there is none."""
    with open(path, encoding="utf-8") as f:
        found = re.search(f"(?s)<!-- {name} -->\n(.*?)<!-- end {name} -->", f.read())
    lines = found.group(1).splitlines() if found else []
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for i, line in enumerate(lines) if i != 1]
