#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second reader of mail, with no line and no library of ours: Python's email package, a small
HTML reader, and the reply's grammar written down again from docs/architecture.md.

Over every mail of eml/, the samples of other people where they are present, and thousands of
seeded changes of all of them: whatever our parser reads as a vote, this one must read too, from
text that it sees itself. It is the looser of the two: what it reads and ours refuses costs a
correction; the other way round would be a vote that nobody meant.

second_reader.py READINGS [--changes N] [--seed N] [--samples DIR] [--show DIR]
"""
import argparse
import codecs
import collections
import email
import email.policy
import hashlib
import html.parser
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"
STREAMS_MAX = 32  # ways to take one form of each letter that has several

# --- characters and lines ---------------------------------------------------------------------

# What mail calls by a smaller charset's name than it writes.
LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "shiftjis": "cp932", "sjis": "cp932",
          "euckr": "cp949", "ksc56011987": "cp949", "big5": "big5hkscs", "eucjp": "euc_jis_2004",
          "iso2022jp": "iso2022_jp_3", "iso88598i": "iso8859-8", "iso88596i": "iso8859-6",
          "unknown8bit": "utf-8", "xunknown": "utf-8", "": "utf-8", "usascii": "ascii",
          "xuserdefined": "utf-8", "none": "utf-8", "default": "utf-8", "unknown": "utf-8",
          "8bit": "utf-8", "7bit": "utf-8", "unicode": "utf-16", "koi8": "koi8-r",
          **{f"windows125{n}": f"cp125{n}" for n in range(9)},
          **{f"iso8859{n}": f"iso8859-{n}" for n in range(1, 17) if n != 12}}


class Unreadable(Exception):
    pass


def decode(raw, charset):
    name = re.sub(r"[^a-z0-9]", "", (charset or "").lower())
    try:
        codec = codecs.lookup(LARGER.get(name, charset or "utf-8"))
    except (LookupError, ValueError):
        codec = None
    try:  # names are compared by their letters and digits alone
        codec = codec or codecs.lookup(name)
    except (LookupError, ValueError):
        raise Unreadable("charset " + repr(charset))
    try:
        return codec.decode(raw)[0]
    except (UnicodeError, ValueError):
        # Tables of one charset differ at their edges. No vote is written there.
        if codec.name in ("utf-8", "ascii"):
            raise Unreadable("bytes of " + codec.name)
        return codec.decode(raw, "replace")[0]


def fold_char(c):
    n = ord(c)
    if 0xFF01 <= n <= 0xFF5E:
        return chr(n - 0xFF01 + 0x21)
    if c in "\t" or unicodedata.category(c) == "Zs":
        return " "
    if unicodedata.category(c) == "Pd" or n == 0x2212:
        return "-"
    if n in (0x3001, 0xFE50, 0xFE51):
        return ","
    if unicodedata.category(c) == "Cf" and n not in (0x202D, 0x202E):
        return ""
    return c


def fold(text):
    return "".join(fold_char(c) if not " " <= c <= "~" else c for c in text)


Line = collections.namedtuple("Line", "depth text")


def lines_of(text):
    """Folded lines with their depth of quotation."""
    out = []
    for line in re.split(r"\r*\n|\r|\v|\f|\u2028|\u2029", text):
        marks = re.match(r"[ >]*", fold(line).lstrip()).group()
        marks = marks if ">" in marks else ""
        rest = fold(line).strip()
        depth = 0
        while rest.startswith(">"):
            depth += 1
            rest = rest[1:].strip()
        out.append(Line(depth, rest))
    return out


# --- the grammar --------------------------------------------------------------------------------

OPTION = r"[ABCDEFGHJKMNPQRSTUVWXYZ](?:[1-9][0-9]?)?"
ANSWER = rf"(?:0|-|BLANK|BLANC|{OPTION}(?: *, *{OPTION})*)"
CHOICES = rf"{ANSWER}(?: */ *{ANSWER})*"
BARE = re.compile(rf"({CHOICES})$", re.I)
WHOLE = re.compile(rf"VOTE +((?:[0-9A-Z][- ]?){{27}}[0-9A-Z]) +({CHOICES})$", re.I)
B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def normal(token):
    t = re.sub(r"[^0-9A-Z]", "", token.upper()).replace("O", "0")
    return t.replace("I", "1").replace("L", "1")


def is_token(token):
    t = normal(token)
    if len(t) != 28 or any(c not in B32 for c in t):
        return False
    n = 0
    for c in t:
        n = n << 5 | B32.index(c)
    raw = (n >> 12).to_bytes(16, "big")
    check = hashlib.sha256(b"votepost/1 token check" + raw).digest()
    return n & 0xFFF == int.from_bytes(check[:2], "big") >> 4


def vote_of(text):
    """(token or "", choices) where the line is one, else None."""
    m = WHOLE.match(text)
    if m and is_token(m.group(1)):
        token, choices = normal(m.group(1)), m.group(2)
    elif BARE.match(text):
        token, choices = "", text
    else:
        return None
    choices = re.sub(r" ", "", choices).upper()
    return token, re.sub(r"BLAN[KC]", "0", choices)


def introduces(ahead):
    """Does something that quotes begin here? Whatever looks like it."""
    first = ahead[0].text
    if re.match(r"[-_=]{3}", first) or re.match(r"\*?[^:]{1,24} ?:", first):
        return True
    for k in range(1, 5):
        text = " ".join(line.text for line in ahead[:k])
        if re.search(r"\d", text) and re.search(r"[:>]$", text):
            return True
    return first.endswith(":")


def may_follow(line, ahead):
    if not ahead or not ahead[0].text or ahead[0].depth != line.depth:
        return True
    return ahead[0].text == "--" or introduces(ahead)


def strict_tokens(text):
    pattern = r"(?<![0-9A-Z-])(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}(?![0-9A-Z-])"
    return {normal(t) for t in re.findall(pattern, text.upper()) if is_token(t)}


# --- parts ---------------------------------------------------------------------------------------

# Not shown. A comment that nothing ends goes on to the end, as in browsers.
UNSEEN = re.compile(r"(?is)<!--.*?(?:-->|$)|<(style|script)\b.*?</\1\s*>")


class Page(html.parser.HTMLParser):
    """HTML to lines. Every paragraph has a gap round it here, whatever its style says."""
    APART = set("p ul ol dl pre blockquote".split())
    BLOCK = set("address article aside blockquote br caption center dd div dl dt fieldset footer "
                "form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section table tbody "
                "tfoot thead tr ul option dir".split())
    VOID = set("br hr img input meta link base area col embed source track wbr param".split())
    QUOTE = ("gmail_quote yahoo_quoted moz-cite-prefix moz-forward-container protonmail_quote "
             "tutanota_quote zmail_extra OLK_SRC_BODY_SECTION reply-intro").split()
    HIDDEN = re.compile(r"display:none|visibility:hidden|mso-hide:all|"
                        r"(?:font-size|max-height|opacity):0(?![.]?0*[1-9])")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.open, self.skip = [""], [], 0

    def text(self):
        return "\n".join(self.out)

    def new_line(self):
        depth = 0 if self.hidden() else sum(1 for e in self.open if e[1])
        self.out.append(">" * depth + (" " if depth else ""))

    def handle_starttag(self, tag, attrs):
        given = dict((k, v or "") for k, v in attrs)
        style = re.sub(r"\s", "", given.get("style", "").lower())
        quote = tag == "blockquote" or any(
            q in given.get("class", "") + " " + given.get("id", "") for q in self.QUOTE)
        hide = (tag in ("script", "style", "title", "template", "iframe", "object")
                or "hidden" in given or bool(self.HIDDEN.search(style)))
        struck = tag in ("s", "strike", "del") or "line-through" in style
        if tag not in self.VOID:
            self.open.append((tag, quote, hide, struck))
        if tag in self.BLOCK or quote:
            self.new_line()
        if tag in self.APART:
            self.new_line()
        if struck and not self.hidden():
            self.out[-1] += "~"
        if tag in ("td", "th"):
            self.out[-1] += " "

    def handle_endtag(self, tag):
        if not any(e[0] == tag for e in self.open):
            return
        while self.open:
            name, quote, _, _ = self.open.pop()
            if name in self.BLOCK or quote:
                self.new_line()
            if name in self.APART:
                self.new_line()
            if name == tag:
                break

    def hidden(self):
        return any(e[2] for e in self.open)

    def handle_data(self, data):
        if self.hidden():
            return
        if any(e[0] == "pre" for e in self.open):
            head, *rest = data.split("\n")
            self.out[-1] += head
            for line in rest:
                self.new_line()
                self.out[-1] += line
            return
        self.out[-1] += re.sub(r"[ \t\r\n\f]+", " ", data)


def unflow(text, delsp):
    out, held, was = [], None, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = re.match(r">*", line).group()
        line = line[len(marks):]
        line = line[1:] if line.startswith(" ") else line
        soft = line.endswith(" ") and line != "-- "
        if held is not None and (len(marks) != was or line == "-- "):
            out.append(held)
            held = None
        if held is None:
            held = marks + " " if marks else ""
        held += line[:-1] if soft and delsp else line
        was = len(marks)
        if not soft:
            out.append(held)
            held = None
    return "\n".join(out + ([held] if held is not None else []))


def unsigned(text):
    if text.lstrip().startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        text = re.split(r"\r?\n[ \t]*\r?\n", text.lstrip(), maxsplit=1)[-1]
        text = text.split("-----BEGIN PGP SIGNATURE-----")[0]
        text = re.sub(r"(?m)^- ", "", text)
    return text


def shown(part):
    """The text of a leaf."""
    raw = part.get_payload(decode=True)
    raw = b"" if raw is None else raw
    charset = part.get_param("charset")
    charset = charset[2] if isinstance(charset, tuple) else charset
    if part.get_content_subtype() == "html":
        if not charset:
            m = re.search(rb"charset[ =\"'\t]*([^ \"'>;/\r\n\t]+)", raw[:2048], re.I)
            charset = m.group(1).decode("ascii", "replace") if m else ""
        page = Page()
        page.feed(UNSEEN.sub("", decode(raw, charset)))
        page.close()
        return page.text()
    text = decode(raw, charset)
    if str(part.get_param("format", "")).lower() == "flowed":
        text = unflow(text, str(part.get_param("delsp", "")).lower() == "yes")
    return unsigned(text)


def is_letter(part):
    if part.is_multipart():
        return part.get_content_maintype() != "message" and any(map(is_letter, part.get_payload()))
    return (part.get_content_type() in ("text/plain", "text/html")
            and part.get_content_disposition() != "attachment"
            and bool((part.get_payload(decode=True) or b"").strip()))


# What a letter is made of, in its order: text of the author's, or something else.
Piece = collections.namedtuple("Piece", "kind lines named")


def streams(part):
    """Each way to read a mail that takes one form of every letter: lists of pieces."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "message":
        return [[Piece("message", [], False)]]
    if part.is_multipart():
        children = part.get_payload()
        letters = [c for c in children if is_letter(c)]
        if kind == "multipart/alternative" and letters:
            return list(itertools.islice(
                itertools.chain.from_iterable(streams(c) for c in letters), STREAMS_MAX))
        ways = itertools.product(*(streams(c) for c in children))
        return [list(itertools.chain.from_iterable(w)) for w in
                itertools.islice(ways, STREAMS_MAX)]
    if (part.get_content_disposition() == "attachment" or part.get_filename() == "winmail.dat"
            or kind not in ("text/plain", "text/html")):
        return [[Piece("other", [], False)]]
    return [[Piece("text", lines_of(shown(part)), bool(part.get_filename()))]]


def reading(pieces):
    """(says anything, vote or None) of one stream."""
    for i, piece in enumerate(pieces):
        if piece.kind == "message":
            return True, None
        at = next((k for k, l in enumerate(piece.lines) if l.text or l.depth), None)
        if at is None:
            continue
        line, ahead = piece.lines[at], piece.lines[at + 1:]
        while ahead and not ahead[-1].text and not ahead[-1].depth and ahead[-1] is not ahead[0]:
            ahead = ahead[:-1]
        vote = vote_of(line.text) if line.depth == 0 else None
        if not vote or not may_follow(line, ahead):
            return True, None
        if ahead and not (len(ahead) == 1 and not ahead[0].text):
            return True, vote
        return True, vote if seam(vote, piece, pieces[i + 1:]) else None
    return False, None


def seam(vote, piece, behind):
    """A vote line ends its part: may it stand, with what the next ones begin with?"""
    if piece.lines and len(piece.lines) > 1 and not piece.lines[-1].text and \
            sum(1 for l in piece.lines if not l.text) > 1:
        return True
    close = not piece.named
    for other in behind:
        text = [l for l in other.lines if l.text or l.depth]
        if other.kind != "text" or not text:
            close = close and other.kind == "text"
            continue
        if text[0].depth or not other.lines[0].text or may_follow(Line(0, "A"), text):
            return True
        notice = "\n".join(l.text for l in text)
        return (close and not other.named and bool(vote[0]) and not text[0].text[0].islower()
                and not strict_tokens(notice) and not any(vote_of(l.text) for l in text))
    return True


def is_automatic(mail):
    said = str(mail.get("Auto-Submitted") or "no").strip().lower()
    return not re.match(r"no\b", said) or mail.get("List-Id") is not None or \
        str(mail.get("Return-Path") or "x").strip() == "<>" or \
        mail.get_content_type() == "multipart/report"


# Where Python's package reads otherwise, and why ours may read on: what a person sees is the same.
LENIENT = [
    # RFC 5322 section 4.5.8 lets a space stand before the colon; Python ends the header there.
    (rb"(?m)^([!-9;-~]+)[ \t]+:", rb"\1:"),
    # A type without the semicolon behind it. The charset is lost for both, and not guessed.
    (rb"(?mi)^(Content-Type:[ \t]*[a-z]+/[a-z0-9.+-]+)(?:\r?\n[ \t]+|[ !-*,:<-@\[-`{-~])",
     rb"\1; x"),
    # The same boundary twice.
    (rb"(boundary=\"?[^\"\r\n]+\"?)(?:\r?\n[ \t]+\1)+", rb"\1"),
    # A CR alone ends a line for Python. No program writes one before or behind a boundary.
    (rb"(?m)^(--[^\r\n]+)\r(?=[^\r\n])", rb"\1 "),
    (rb"(?<=[^\n])\r(?=--)", rb" "),
    # A quoted value with something behind it: the quotes say where it ends.
    (rb"(?i)((?:charset|boundary)=\"[^\"\r\n]+\")(?:\r?\n[ \t]+)?[^;\r\n]", rb"\1;"),
    # An escape within a broken one: for ours its = is text, Python decodes it. A line with either
    # holds a = and is no vote line.
    (rb"=([0-9A-Fa-f]?)=(?=[0-9A-Fa-f]{2})", rb"=\1=3D"),
]
# HTML that is damaged within a tag: browsers, Python and libxml2 each mend it in their own way, and
# no program writes it. What is left of the letter still has to be read by ours as a vote line.
DAMAGED = re.compile(rb"<[a-zA-Z/!?][^<>]*<")


def second_reading(raw):
    """(vote or None, all text). Unreadable where the mail is."""
    if re.match(rb"From ", raw):
        raw = raw.split(b"\n", 1)[-1]
    for pattern, instead in LENIENT:
        raw = re.sub(pattern, instead, raw)
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    ways = streams(mail)
    text = "\n".join(l.text for w in ways for p in w for l in p.lines)
    if is_automatic(mail):
        return None, text, mail
    said = {vote for says, vote in map(reading, ways) if says}
    return (said.pop() if len(said) == 1 else None), text, mail


# --- mails ---------------------------------------------------------------------------------------

HEAD = (b"Return-Path: <anna@example.org>\nFrom: Anna Martin <anna@example.org>\n"
        b"To: vote@example.org\nSubject: Re: Vote\nMIME-Version: 1.0\n")


def own():
    return [(p.name, p.read_bytes()) for p in sorted((HERE / "eml").glob("*.eml"))]


def answered(part, words, answer, quoted, quote):
    """Put an answer where the author's words stand, in every form of a letter."""
    done = 0
    for leaf in part.walk():
        if leaf.get_content_maintype() != "text":
            continue
        raw = leaf.get_payload(decode=True)
        for word in words:
            if word in raw:
                raw = raw.replace(word, answer, 1)
                done += 1
                break
        raw = raw.replace(quoted, quote, 1)
        del leaf["Content-Transfer-Encoding"]
        leaf["Content-Transfer-Encoding"] = "8bit"
        leaf.set_payload(raw.decode("ascii", "surrogateescape"))
    return done


def samples(folder):
    """Mails of other people's: (name, mail, what an answer in them must read as, or None)."""
    code = b"Your voting code: " + TOKEN.encode()
    for path in sorted((folder / "talon/standard_replies").glob("*.eml")):
        raw = path.read_bytes()
        yield path.name, raw, None
        mail = email.message_from_bytes(raw, policy=email.policy.compat32)
        if answered(mail, (b"Allo! Follow up MIME!", b"Hello"), b"B", b"Hi", code):
            below = path.name == "thunderbird.eml"
            yield path.name + " answered", mail.as_bytes(), None if below else "B"
    for path in sorted((folder / "talon/html_replies").glob("*.html")):
        raw = path.read_bytes()
        top = HEAD + b"Content-Type: text/html; charset=utf-8\n\n"
        yield path.name, top + raw, None
        raw = raw.replace(b"Hi. I am fine.", b"B", 1).replace(b"Thanks,", b"", 1)
        raw = raw.replace(b"Alex<", b"<", 1).replace(b"Hello! How are you?", code, 1)
        yield path.name + " answered", top + raw, "B"
    for path in sorted((folder / "trimmer/emails").glob("*.txt")):
        raw = path.read_bytes().replace(b"\r\n", b"\n")
        top = HEAD + b"Content-Type: text/plain; charset=utf-8\n\n"
        yield path.name, top + raw, None
        words = (folder / "trimmer/trimmed" / path.name)
        said = words.read_bytes().replace(b"\r\n", b"\n").strip() if words.exists() else b""
        if said and raw.lstrip().startswith(said):
            rest = raw.lstrip()[len(said):]
            rest, n = re.subn(rb"(?m)^(>+ ?)\S.*$", lambda m: m.group(1) + code, rest, count=1)
            yield path.name + " answered", top + b"B" + rest + b"\n", "B" if n else "?"
    for path in sorted((folder / "crisp").glob("*.txt")):
        yield path.name, HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + \
            path.read_bytes(), None
    for path in itertools.chain(sorted((folder / "mime").rglob("*.eml")),
                                sorted((folder / "bounces").glob("*.eml"))):
        yield path.name, path.read_bytes(), None


# --- changes -------------------------------------------------------------------------------------

CHARSETS = [b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1252", b"iso-2022-jp", b"gb2312",
            b"shift_jis", b"euc-kr", b"big5", b"utf-7", b"utf-16", b"koi8-r", b"nonsense",
            b"unknown-8bit", b"iso-2022-kr", b"windows-1255"]
ENCODINGS = [b"7bit", b"8bit", b"binary", b"quoted-printable", b"base64", b"x-uuencode", b"x-odd"]
KINDS = [b"multipart/mixed", b"multipart/alternative", b"multipart/related", b"multipart/signed",
         b"multipart/digest", b"multipart/report", b"multipart/odd", b"text/plain", b"text/html",
         b"text/enriched", b"text/calendar", b"application/octet-stream", b"message/rfc822",
         b"text/plain; format=flowed", b"text/plain; format=flowed; delsp=yes"]
WORDS = [b"is the one I cannot accept", b"B", b"> B", b"", b"-- ", b"A", b"VOTE " +
         TOKEN.encode() + b" B", b"On 3/4/26 10:00, X <x@example.org> wrote:", b"--b1", b"--b1--",
         b"--b2", b"<br>", b"<p>B</p>", b"</div><div>", b"<blockquote>", b"</blockquote>", b"<!--",
         b"=", b"=3D", b"=20", b"Content-Type: text/html", b"Content-Type: text/plain",
         b"Content-Disposition: attachment", b"Content-Transfer-Encoding: base64", b"~", b"*A*",
         b"<span style=\"display:none\">", b"<s>", b"From: x@example.org", b"This is a notice.",
         b"\xe2\x80\xa8", b"\xc2\xa0", b"\xef\xbc\xa2", b"\x0c", b"\x00", b"&nbsp;", b"&#66;"]


def change(raw, rng):
    lines = raw.split(b"\n")
    at = rng.randrange(len(lines))
    what = rng.randrange(12)
    if what == 0 and raw:
        i = rng.randrange(len(raw))
        return raw[:i] + bytes([rng.choice(b"\x00\r\n <>=-&;A \x80\xff\"")]) + raw[i + 1:]
    if what == 1 and raw:
        i = rng.randrange(len(raw))
        return raw[:i] + raw[i + 1:]
    if what == 2:
        del lines[at]
    elif what == 3:
        lines.insert(at, lines[at])
    elif what == 4:
        lines.insert(at, rng.choice(WORDS))
    elif what == 5:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 6:
        return re.sub(rb"charset=\"?[\w-]+\"?", lambda m: b"charset=" + rng.choice(CHARSETS)
                      if rng.random() < 0.7 else m.group(), raw)
    elif what == 7:
        return re.sub(rb"(?i)(Content-Transfer-Encoding: )\S+", lambda m: m.group(1) +
                      rng.choice(ENCODINGS), raw)
    elif what == 8:
        return re.sub(rb"(?i)(Content-Type: )[\w-]+/[\w-]+", lambda m: m.group(1) +
                      rng.choice(KINDS) if rng.random() < 0.4 else m.group(), raw)
    elif what == 9:
        return raw[:rng.randrange(len(raw) + 1)]
    elif what == 10:
        return raw.replace(b"\n", b"\r\n") if b"\r\n" not in raw else raw.replace(b"\r", b"")
    else:
        word = rng.choice(WORDS)
        i = rng.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:i] + word + lines[at][i:]
    return b"\n".join(lines)


# --- the comparison --------------------------------------------------------------------------

def ours(program, mails):
    data = b"".join(b"%d\n%s" % (len(m), m) for m in mails)
    out = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True)
    read = [json.loads(line) for line in out.stdout.splitlines()]
    assert len(read) == len(mails)
    return read


def counts(r):
    """Would this reading, for an election that knows its token, be counted?"""
    if r["is"] != "letter" or r["twins_differ"] or r["too_many"] or not r["vote"]:
        return False
    return not any(o["choices"] != r["vote"]["choices"] for o in r["others"])


def objection(raw, r):
    """What the second reader has against a vote of the first; None where nothing."""
    choices = r["vote"]["choices"]
    try:
        vote, text, mail = second_reading(raw)
    except Unreadable as e:
        return f"unreadable: {e}"
    if not vote or vote[1] != choices:
        if b"html" in raw.lower() and DAMAGED.search(re.sub(rb"(?s)<!--.*?-->", b"", raw)):
            return None
        return f"it reads {vote}, ours {choices}"
    token = normal(r["vote"]["token"])
    if vote[0] and vote[0] != token:
        return "another token"
    if token and not vote[0]:
        whole = re.sub(r"[^0-9A-Z]", "", text.upper()).replace("O", "0")
        if token not in whole.replace("I", "1").replace("L", "1") and not attached(mail, token):
            return "the token is not in what it sees"
        if len(strict_tokens(text)) > 1:
            return "two tokens"
    return None


def attached(mail, token):
    """The token in what is attached or quoted in other forms."""
    for part in mail.walk():
        if not part.is_multipart() and part.get_content_maintype() == "text":
            raw = (part.get_payload(decode=True) or b"").decode("utf-8", "replace").upper()
            raw = re.sub(r"<[^>]*>|[^0-9A-Z<>]", "", raw).replace("O", "0")
            if token in raw.replace("I", "1").replace("L", "1"):
                return True
    return False


def tell_samples(mails, expect, read):
    """How other people's mails were read: with an answer in its place, and as they are."""
    tally = collections.Counter()
    for n, want in expect.items():
        r = read[n]
        if not mails[n][0].endswith(" answered"):
            tally["as they are: " + ("a vote" if counts(r) and r["vote"]["token"] else
                                     "no vote")] += 1
        else:
            tally["answered: " + ("read" if counts(r) else "below" if want is None else
                                  "a correction, " + mails[n][0])] += 1
    for what, n in sorted(tally.items()):
        print(f"samples, {what}: {n}")


def beside():
    """Where other people's samples are: VOTEPOST_SAMPLES, or mail/ of a folder beside the tree."""
    given = os.environ.get("VOTEPOST_SAMPLES")
    found = sorted(HERE.parents[1].parent.glob("*/mail/bounces"))
    return pathlib.Path(given) if given else found[0].parent if found else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readings")
    parser.add_argument("--changes", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("VOTEPOST_SEED", "1")))
    parser.add_argument("--samples", type=pathlib.Path, default=beside())
    parser.add_argument("--show", type=pathlib.Path, help="keep each mail of an objection here")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    mails = own()
    folder = args.samples
    expect = {}
    if folder and folder.is_dir():
        for name, raw, want in samples(folder):
            expect[len(mails)] = want
            mails.append((name, raw))
    else:
        print("samples of other people's mail are not present: their part is skipped")
    bases = list(mails)
    voting = [m for m, r in zip(bases, ours(args.readings, [m[1] for m in bases])) if counts(r)]
    for i in range(args.changes):
        name, raw = rng.choice(voting if i % 4 else bases)
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            raw = change(raw, rng)
        mails.append((f"{name} changed {i}", raw))
    read = ours(args.readings, [m[1] for m in mails])
    wrong, votes = [], 0
    for n, ((name, raw), r) in enumerate(zip(mails, read)):
        if n in expect:
            got = r["vote"]["choices"] if counts(r) else None
            if expect[n] != "?" and got != expect[n] and not (
                    expect[n] is None and not (r["vote"] and r["vote"]["token"])):
                wrong.append((name, raw, f"reads as {got}, must be {expect[n]}"))
        if not counts(r):
            continue
        votes += 1
        against = objection(raw, r)
        if against:
            wrong.append((name, raw, against))
    tell_samples(mails, expect, read)
    print(f"seed {args.seed}: {len(mails)} mails, {votes} votes, {len(wrong)} objections")
    for i, (name, raw, against) in enumerate(wrong[:40]):
        print(f"{name}: {against}")
        if args.show:
            args.show.mkdir(exist_ok=True)
            (args.show / f"{i}.eml").write_bytes(raw)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
