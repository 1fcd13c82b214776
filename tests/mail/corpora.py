#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
corpora - every mail that other people and their programs wrote becomes a reply to an invitation of
ours: an answer stands in the place of the human's words, the invitation in the place of the
quotation, and everything else stays. The answer is read, or the mail would be answered with a
correction; never is another vote read. What a correction asks for, in the same surroundings, is
read then. Without an answer nothing is read.

corpora.py READINGS [--samples DIR] [--docs FILE] [--write] [--show]
It fails where FILE does not show what was seen; --write makes it so.
"""

import argparse
import base64
import collections
import email
import email.policy
import pathlib
import quopri
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flow"))

import tables  # noqa: E402
from bodies import Body  # noqa: E402
from second_reader import TOKEN, beside, objection, ours  # noqa: E402

CHOICE = "B"
LINE = f"VOTE {TOKEN} {CHOICE}"
HEAD = (b"Return-Path: <anna@example.org>\nDelivered-To: vote+0123456789abc@example.org\n"
        b"From: Anna Martin <anna@example.org>\nTo: vote+0123456789abc@example.org\n"
        b"Subject: Re: Vote\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n")
PLAIN = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
HTML = b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

# Where people put an answer, and with what around it: (words, gap behind them).
FIRST, SECOND, NOTHING = "where the author wrote", "after a correction", "no answer"
PLACES = {
    "the letter alone": ([CHOICE], None),
    "VOTE, the code and the letter": ([LINE], None),
    "an empty line behind it": ([CHOICE], 1),
    "no empty line behind it": ([CHOICE], 0),
    "a greeting before it": (["Hello,", "", CHOICE], None),
    "thanks behind it": ([CHOICE, "", "Thank you!"], None),
    "thanks right behind it": ([CHOICE, "Thank you!"], None),
    "a sentence with it": ([f"I vote {CHOICE}"], None),
    "a letter that begins a sentence": (["A", "is the one I cannot accept."], 1),
    "a letter that begins a line": (["A is the one I cannot accept."], 1),
    "a question about it": (["What does B stand for?"], 1),
    "another early vote below": ([CHOICE, "", "I changed my mind.", "", f"VOTE {TOKEN} A"], 1),
    "a signature that is a letter": (["Thank you!", "", "-- ", CHOICE], 1),
}
NEVER = ("a letter that begins a sentence", "a letter that begins a line", "a question about it",
         "another early vote below", "a signature that is a letter", "a sentence with it")
AS_IT_IS = email.policy.compat32.clone(mangle_from_=False)


class Mail:
    """One mail to be read: of which corpus and sample, what was done to it."""

    def __init__(self, corpus, name, place, raw):
        self.corpus, self.name, self.place, self.raw = corpus, name, place, raw
        self.came = self.reading = None


def outcome(r):
    """read, corrected, refused (never answered), or wrong: a vote that was not meant."""
    if r["is"] in ("automatic", "bounce"):
        return "refused"
    vote = r["vote"]
    if r["is"] != "letter" or r["twins_differ"] or r["too_many"] or not vote:
        return "corrected"
    if vote["token"] != TOKEN:
        return "corrected"  # no token, or none of this election's
    if not re.fullmatch("[ABC0]", vote["choices"]):
        return "corrected"
    if any(re.fullmatch("[ABC0]", o["choices"]) and o["choices"] != vote["choices"] and
           o["token"] in ("", TOKEN) for o in r["others"]):
        return "corrected"
    return "read" if vote["choices"] == CHOICE else "wrong"


# --- plain bodies --------------------------------------------------------------------------------

def plain_bodies(folder):
    for path in sorted((folder / "crisp").glob("*.txt")):
        yield "crisp", path.stem, Body(path.read_bytes().decode("utf-8", "replace"))
    for path in sorted((folder / "trimmer/emails").glob("*.txt")):
        trimmed = folder / "trimmer/trimmed" / path.name
        human = trimmed.read_bytes().decode("utf-8", "replace") if trimmed.exists() else None
        yield "trimmer", path.stem, Body(path.read_bytes().decode("utf-8", "replace"), human)


def between(body, letter):
    """The answer among the quoted lines."""
    lines = body.reply(["Thank you!"], letter, 1).split("\n")
    quoted = [i for i, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return None
    at = quoted[len(quoted) // 2]
    return "\n".join(lines[:at] + ["", CHOICE, ""] + lines[at:])


def of_body(corpus, name, body, letter):
    def mail(place, text, kind=PLAIN):
        return Mail(corpus, name, place, HEAD + kind + text.encode())
    # The letter alone where the invitation is quoted, the whole line where it is not: as it asks.
    yield mail(FIRST, body.reply([CHOICE if body.quotes() else LINE], letter))
    for place, (words, gap) in PLACES.items():
        yield mail(place, body.reply(words, letter, gap))
    whole = body.reply(["Thank you!"], letter, 1)
    yield mail("at the very end", whole + f"\n{CHOICE}\n")
    inline = between(body, letter)
    if inline:
        yield mail("among the quoted lines", inline)
    yield mail("format=flowed", body.reply([CHOICE], letter),
               PLAIN.replace(b"plain;", b"plain; format=flowed;"))
    yield mail(SECOND, "\n".join([LINE] + body.frame()) + "\n")
    yield mail(NOTHING, body.reply(body.human, letter))


# --- whole mails ---------------------------------------------------------------------------------

def encoded(leaf, data):
    """A part's bytes as its header says they are written."""
    how = str(leaf.get("Content-Transfer-Encoding") or "").strip().lower()
    if how == "base64":
        return base64.encodebytes(data)
    return quopri.encodestring(data) if how == "quoted-printable" else data


def letter_in(part):
    """The text parts that are the author's letter: the first, or each of its several forms."""
    if not part.is_multipart():
        return [part] if part.get_content_maintype() == "text" else []
    inside = [letter_in(p) for p in part.get_payload()]
    if part.get_content_subtype() == "alternative":
        return [leaf for leaves_ in inside for leaf in leaves_]
    return next((leaves_ for leaves_ in inside if leaves_), [])


def leaves(raw):
    """Each text part of the letter, and where its body stands in the raw mail."""
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    letter, at = letter_in(mail), 0
    for leaf in mail.walk():
        if leaf.is_multipart():
            continue
        written = leaf.as_bytes(policy=AS_IT_IS)
        data = written.split(b"\n\n", 1)[-1] if leaf.items() else written[1:]
        where = raw.find(b"\n\n" + data, at) + 2 if data.strip() else 0
        if where > 1:
            at = where + len(data)
            if leaf in letter:
                yield leaf, where, at


def put_in(raw, paragraphs):
    """Paragraphs before all others, in each form of the letter; None where no text is found."""
    done = 0
    for leaf, start, end in reversed(list(leaves(raw))):
        text = leaf.get_payload(decode=True)
        if leaf.get_content_subtype() == "html":
            words = b"".join(b"<div>" + p.encode() + b"</div><div><br></div>" for p in paragraphs)
            changed, done_here = re.subn(rb"(?i)<body[^>]*>", lambda m: m.group() + words, text,
                                         count=1)
            text = changed if done_here else words + text
        else:
            text = b"".join(p.encode() + b"\n\n" for p in paragraphs) + text
        raw = raw[:start] + encoded(leaf, text) + raw[end:]
        done += 1
    return raw if done else None


# What the authors of talon's mails wrote, and what they quote.
SAID = (b"Allo! Follow up MIME!", b"Hi. I am fine.", b"Hello")
SIGNED = ((b"Thanks,", b""), (b"Alex<", b"<"))
ASKED = (b"Hello! How are you?", b"Hi")


def swap(raw, answer):
    """These words become an answer, and the quoted ones the code, in every form."""
    done = 0
    for leaf, start, end in reversed(list(leaves(raw))):
        text = leaf.get_payload(decode=True)
        said = next((word for word in SAID if word in text), None)
        if said:
            text = text.replace(said, answer.encode(), 1)
            done += 1
        if said == SAID[1]:
            for words, instead in SIGNED:
                text = text.replace(words, instead, 1)
        asked = next((word for word in ASKED if word in text), b"")
        text = text.replace(asked, b"Your voting code: " + TOKEN.encode(), 1) if asked else text
        raw = raw[:start] + encoded(leaf, text) + raw[end:]
    return raw if done else None


def of_mail(corpus, name, raw):
    """A mail of any shape, its structure and damage kept; the code stands with the answer."""
    code = "Your voting code: " + TOKEN
    first = put_in(raw, [CHOICE, code])
    if corpus == "talon":
        first = swap(raw, CHOICE)
    made = {FIRST: first, SECOND: put_in(raw, [LINE]), NOTHING: put_in(raw, ["Thank you!", code]),
            "VOTE, the code and the letter": put_in(raw, [LINE]),
            "a letter that begins a line": put_in(raw, ["A is the one I cannot accept.", code]),
            "a greeting before it": put_in(raw, ["Hello,", CHOICE, code])}
    made[NOTHING] = made[NOTHING] or raw
    for place, changed in made.items():
        if changed:
            yield Mail(corpus, name, place, changed)


def whole_mails(folder):
    for corpus, path in (("talon", "talon/standard_replies"), ("mime", "mime"),
                         ("bounces", "bounces")):
        for file in sorted((folder / path).rglob("*.eml")):
            yield corpus, str(file.relative_to(folder).with_suffix("")), \
                file.read_bytes().replace(b"\r\n", b"\n")
    for file in sorted((folder / "talon/html_replies").glob("*.html")):
        yield "talon", str(file.relative_to(folder)), HEAD + HTML + file.read_bytes()


def all_mails(folder, letter):
    for corpus, name, body in plain_bodies(folder):
        yield from of_body(corpus, name, body, letter)
    for corpus, name, raw in whole_mails(folder):
        yield from of_mail(corpus, name, raw)


# --- what came of them ---------------------------------------------------------------------------

def invitation(program):
    """The lines of our letter, as a reader of its plain part sees them."""
    raw = subprocess.run([pathlib.Path(program).resolve(), "--letter"], stdout=subprocess.PIPE, check=True,
                         cwd=HERE.parent).stdout
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return mail.get_body(("plain",)).get_content().replace("\r", "").rstrip().split("\n")


def is_wrong(mail):
    """A vote that nobody meant, or that the second reader does not see."""
    if mail.came == "read" and objection(mail.raw, mail.reading):
        return True
    if mail.place in NEVER or mail.place == NOTHING:
        return mail.came in ("read", "wrong")
    return mail.came == "wrong"


def share(mails):
    n = collections.Counter(m.came for m in mails)
    return [str(len(mails)), str(n["read"]), str(n["corrected"]), str(n["refused"]),
            str(sum(map(is_wrong, mails)))]


def by_corpus(mails):
    rows = []
    for corpus in sorted({m.corpus for m in mails}):
        mine = [m for m in mails if m.corpus == corpus]
        first = {m.name: m for m in mine if m.place == FIRST}
        left = without_a_vote(mine)
        rows.append([corpus] + share(list(first.values())) +
                    [str(len(left)) if corpus != "bounces" else "–"])
    return rows


# Which of our own fixtures, hand-written after what such programs send, is of which kind.
KINDS = (("Gmail", "gmail"), ("Apple Mail, iPhone", "apple|iphone"), ("Outlook", "outlook"),
         ("Samsung, K-9, Yahoo", "samsung|k9|yahoo"), ("format=flowed", "flowed"),
         ("HTML alone", "html"), ("plain and HTML", "twins|alternative"),
         ("banners, footers, disclaimers", "banner|footer|mixed|one-line-(?:footer|disclaimer)"),
         ("charsets, true and false", "charset"), ("signed", "signed"), ("encrypted", "encrypted"),
         ("winmail.dat", "winmail"), ("calendars", "calendar"),
         ("automatic answers, reports", "auto|bounce|list|mailer|no-reply|null|precedence|read-rec|"
          "subject-(?:auto|und)|vacation|x-|folded"), ("everything else", ""))


def by_kind(program):
    """What becomes of our own fixtures (tests/mail/table.txt holds each to it)."""
    files = sorted((HERE / "eml").glob("*.eml"))
    rows = {kind: collections.Counter() for kind, _ in KINDS}
    for file, r in zip(files, ours(program, [f.read_bytes() for f in files])):
        came = outcome(r)
        kind = next(kind for kind, names in KINDS if re.match(names, file.stem))
        # Each is read as what its own author meant; a sealed reply is read, and opened elsewhere.
        rows[kind]["read" if came == "wrong" or r["sealed"] else came] += 1
    return [[kind, str(sum(n.values())), str(n["read"]), str(n["corrected"]), str(n["refused"])]
            for kind, n in rows.items()]


def without_a_vote(mails):
    """Samples of people that neither the answer nor what a correction asks for was read from."""
    read = {(m.corpus, m.name) for m in mails if m.place in (FIRST, SECOND) and m.came == "read"}
    return sorted({(m.corpus, m.name) for m in mails if m.place == SECOND} - read)


def by_place(mails):
    human = [m for m in mails if m.corpus != "bounces"]
    places = list(dict.fromkeys(m.place for m in human))
    return [[place] + share([m for m in human if m.place == place]) for place in places]


COLUMNS = ["mails", "read", "corrected", "never answered", "read wrongly"]


def compare(docs, name, head, rows, write):
    """What the docs show is what was seen; or it is written there."""
    if write:
        tables.write(docs, name, head, rows)
    shown = tables.read(docs, name)
    if shown == [head] + rows:
        return True
    print(f"{docs}: the table \"{name}\" shows something else; --write mends it")
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readings")
    parser.add_argument("--samples", type=pathlib.Path, default=beside())
    parser.add_argument("--docs", default=str(HERE.parents[1] / "docs" / "clients.md"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", help="print each mail of this place that was not read")
    args = parser.parse_args()
    same = compare(args.docs, "shapes", ["shape", *COLUMNS[:4]], by_kind(args.readings), args.write)
    if not args.samples or not args.samples.is_dir():
        print("samples of other people's mail are not present: skipped")
        return 0 if same else 1
    mails = list(all_mails(args.samples, invitation(args.readings)))
    for mail, r in zip(mails, ours(args.readings, [m.raw for m in mails])):
        mail.came, mail.reading = outcome(r), r
    for mail in mails:
        if args.show == mail.place and mail.came != "read" and mail.corpus != "bounces":
            print(f"=== {mail.corpus} {mail.name}: {mail.came} {mail.reading}\n" +
                  mail.raw.decode("utf-8", "replace"))
    wrong = [m for m in mails if is_wrong(m)]
    for m in wrong[:20]:
        print(f"{m.corpus} {m.name}, {m.place}: {m.reading}")
    people = [m for m in mails if m.corpus != "bounces"]
    # mime/ is damaged on purpose: whoever wrote these has no program that sends another.
    left = [x for x in without_a_vote(people) if x[0] != "mime"]
    n = len({(m.corpus, m.name) for m in people if m.corpus != "mime"})
    for row in [["", *COLUMNS]] + by_corpus(mails) + by_place(mails):
        print("  ".join(f"{cell:>14}" if i else f"{cell:36}" for i, cell in enumerate(row)))
    print(f"{len(mails)} mails; {len(wrong)} read wrongly; of {n} samples {len(left)} are without a "
          f"vote after one correction: {', '.join('/'.join(x) for x in left) or 'none'}")
    same &= compare(args.docs, "corpora", ["samples", *COLUMNS, "without a vote after one correction"],
                   by_corpus(mails), args.write)
    same &= compare(args.docs, "places", ["answer", *COLUMNS], by_place(mails), args.write)
    return 0 if same and not wrong and len(left) * 100 < n else 1


if __name__ == "__main__":
    sys.exit(main())
