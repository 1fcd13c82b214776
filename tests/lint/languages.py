# SPDX-License-Identifier: MIT
"""The mails say the same in every language: the same files as in English, with the same names in
the same sections, the same paragraphs, and in HTML the same elements with words in the same
places. What is written from left to right stands apart in a page written from right to left."""
import collections
import os
import re
from html.parser import HTMLParser

import gate

FOLDER = "config/templates"
ENGLISH = "en"
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
LEFT_TO_RIGHT = ("token", "four", "link", "page", "reply_to", "fingerprint", "example", "sender",
                 "root")
WITHIN_A_SENTENCE = ("b", "br", "i", "strong")  # where words stand is the language's affair
TAG = re.compile(r"\{\{([#/]?)([a-z_]+)\}\}")


def names(text):
    """How often each name stands in each section: {("questions", "options", "letter"): 2}."""
    open_, out = [], collections.Counter()
    for sign, name in TAG.findall(text):
        if sign == "#":
            open_.append(name)
            out[tuple(open_) + ("#",)] += 1
        elif sign == "/":
            if open_ and open_[-1] == name:
                open_.pop()
        else:
            out[tuple(open_) + (name,)] += 1
    return out


def paragraphs(text):
    """Runs of lines that hold more than marks."""
    lines = [TAG.sub("", line).strip() if re.fullmatch(r"\s*(\{\{[#/]\w+\}\}\s*)+", line)
             else line.strip() for line in text.splitlines()]
    return len(re.findall(r"(?:^|\n\n)\n*[^\n]", re.sub(r"\n{2,}", "\n\n", "\n".join(lines))))


class Elements(HTMLParser):
    """Its elements but for spans, and whether words stand behind each."""

    def __init__(self, text):
        super().__init__()
        self.list, self.apart = [], []
        self.directions = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "span":
            self.directions.append(attrs.get("dir"))
            return
        self.list.append([tag, attrs.get("class"), attrs.get("href"), False])

    def handle_endtag(self, tag):
        if tag == "span":
            self.directions.pop()

    def handle_data(self, data):
        if self.list and self.list[-1][0] == "style":
            return
        for _, name in [t for t in TAG.findall(data) if not t[0]]:
            if name in LEFT_TO_RIGHT and "ltr" not in self.directions:
                self.apart.append(name)
        blocks = [e for e in self.list if e[0] not in WITHIN_A_SENTENCE]
        if blocks and re.search(r"\w", TAG.sub("", data)):
            blocks[-1][3] = True


def compare(tree, language, name):
    path, model = (f"{FOLDER}/{x}/{name}" for x in (language, ENGLISH))
    text, english = tree.text(path), tree.text(model)
    ours, theirs = names(text), names(english)
    for key in sorted(set(ours) | set(theirs), key=str):
        if ours[key] != theirs[key]:
            tree.finding(path, 1, f"{' > '.join(key)} stands {ours[key]} times, in English "
                         f"{theirs[key]}")
            break
    if name.endswith(".txt") and paragraphs(text) != paragraphs(english):
        tree.finding(path, 1, f"{paragraphs(text)} paragraphs, in English {paragraphs(english)}")
    if not name.endswith(".html"):
        return
    ours, theirs = Elements(text), Elements(english)
    for i, (a, b) in enumerate(zip(ours.list, theirs.list)):
        if a != b:
            tree.finding(path, 1, f"element {i}: {a}, in English {b}")
            break
    if len(ours.list) != len(theirs.list):
        tree.finding(path, 1, f"{len(ours.list)} elements, in English {len(theirs.list)}")
    if language in RIGHT_TO_LEFT:
        if 'dir="rtl"' not in text:
            tree.finding(path, 1, 'no dir="rtl"')
        for apart in ours.apart:
            tree.finding(path, 1, f'{{{{{apart}}}}} needs <span dir="ltr"> around it')


def check(tree):
    files = collections.defaultdict(set)
    for path in tree.files():
        if path.startswith(FOLDER + "/") and path.count("/") == 3:
            language, name = path.split("/")[2:]
            files[language].add(name)
    for language in sorted(files):
        for name in sorted(files[language] ^ files[ENGLISH]):
            tree.finding(os.path.join(FOLDER, language, name), 1,
                         f"is in {language if name in files[language] else ENGLISH} alone")
        for name in sorted(files[language] & files[ENGLISH]):
            compare(tree, language, name)


EN = {f"{FOLDER}/en/a.txt": "{{#x}}\nHi {{name}}\n{{/x}}\n\nBye\n",
      f"{FOLDER}/en/a.html": "<p>Hi <b>{{token}}</b></p>"}
FR = {f"{FOLDER}/fr/a.txt": "{{#x}}\n{{name}}, salut\n{{/x}}\n\nAdieu\n",
      f"{FOLDER}/fr/a.html": "<p>Salut <b><span>{{token}}</span></b></p>"}
AR = {f"{FOLDER}/ar/a.txt": FR[f"{FOLDER}/fr/a.txt"],
      f"{FOLDER}/ar/a.html": '<p dir="rtl">x <b><span dir="ltr">{{token}}</span></b></p>'}
PLANTS = [
    ("the same", EN | FR | AR, None),
    ("a file is missing", EN | {f"{FOLDER}/fr/a.txt": FR[f"{FOLDER}/fr/a.txt"]},
     f"{FOLDER}/fr/a.html:1"),
    ("a name is missing", EN | FR | {f"{FOLDER}/fr/a.txt": "{{#x}}\nSalut\n{{/x}}\n\nAdieu\n"},
     f"{FOLDER}/fr/a.txt:1"),
    ("a name moved", EN | FR | {f"{FOLDER}/fr/a.txt": "{{#x}}\nSalut\n{{/x}}\n\n{{name}}\n"},
     f"{FOLDER}/fr/a.txt:1"),
    ("a paragraph is missing", EN | FR | {f"{FOLDER}/fr/a.txt": "{{#x}}\n{{name}}\n{{/x}}\n"},
     f"{FOLDER}/fr/a.txt:1"),
    ("a word is missing", EN | FR | {f"{FOLDER}/fr/a.html": "<p><b>{{token}}</b></p>"},
     f"{FOLDER}/fr/a.html:1"),
    ("an element is missing", EN | FR | {f"{FOLDER}/fr/a.html": "<p>Salut {{token}}</p>"},
     f"{FOLDER}/fr/a.html:1"),
    ("a code that turns round", EN | AR | {
        f"{FOLDER}/ar/a.html": '<p dir="rtl">x <b>{{token}}</b></p>'}, f"{FOLDER}/ar/a.html:1"),
]

if __name__ == "__main__":
    gate.main(check, PLANTS)
