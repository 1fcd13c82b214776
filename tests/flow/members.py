# SPDX-License-Identifier: MIT
"""
members - the people of the test elections: a roll in two languages, and what a member does with
a letter: open it, find the token and the links in it, as a person would.
"""

import csv
import email
import email.policy
import hashlib
import html.parser
import io
import re
import urllib.parse

FIRST = {
    "fr": ("Amélie", "Benoît", "Chloé", "Damien", "Élodie", "François", "Gaëlle", "Hugo", "Inès",
           "Jérôme", "Karine", "Léa", "Maëlle", "Noël", "Océane", "Pascal", "Quentin", "Rémi",
           "Solène", "Théo"),
    "en": ("Alice", "Brendan", "Catherine", "Duncan", "Eleanor", "Fergus", "Grace", "Harriet",
           "Imogen", "James", "Keira", "Lachlan", "Maeve", "Nigel", "Olwen", "Patrick", "Rosalind",
           "Stephen", "Tamsin", "Zoë"),
}
LAST = {
    "fr": ("Aubert", "Bérard", "Chevallier", "Delacroix", "Estève", "Fournier", "Guérin", "Hébert",
           "Lefèvre"),
    "en": ("Ashworth", "Blackwood", "Carrick", "Dunmore", "Ellery", "Fairfax", "Glenn"),
}
GROUPS = {"fr": ("Montréal", "Bruxelles", "Genève"), "en": ("London", "Dublin", "Wellington")}

TOKEN = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){6}\b")
B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"


def ascii_of(name):
    plain = name.translate(str.maketrans("éèêëîïôöûüçàÉÈ", "eeeeiioouucaEE"))
    return re.sub(r"[^a-z]", "", plain.lower())


class Member:
    """One line of the roll."""

    def __init__(self, number, language, domain, weight=1):
        first = FIRST[language][number % len(FIRST[language])]
        last = LAST[language][number // len(FIRST[language]) % len(LAST[language])]
        self.id = f"M-{number:04d}"
        self.name = f"{first} {last}"
        self.email = f"{ascii_of(first)}.{ascii_of(last)}.{number}@{domain}"
        self.language = language
        self.weight = weight
        self.group = GROUPS[language][number % 3]
        self.factor = ""
        self.letter = None

    def __repr__(self):
        return f"{self.id} {self.name}"


def roll(n, domain="members.test", weights=(1,)):
    """`n` members, three of five in French, weights in turn."""
    return [Member(i, "fr" if i % 5 < 3 else "en", domain, weights[i % len(weights)])
            for i in range(1, n + 1)]


def roll_csv(members):
    """The roll as the administrator's file: a BOM, quoted names, columns in an order of its own,
    as a spreadsheet writes it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    factor = any(m.factor for m in members)
    table.writerow(["name", "email", "id", "language", "group", "weight"] + ["factor"] * factor)
    for m in members:
        table.writerow([m.name, m.email, m.id, m.language, m.group, m.weight] +
                       [m.factor] * factor)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


class _Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.mailto = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.lower().startswith("mailto:"):
            self.mailto.append(href)


class Click:
    """What a mail program fills in when a mailto: link is opened (RFC 6068)."""

    def __init__(self, href):
        address, _, query = href[len("mailto:"):].partition("?")
        self.href = href
        self.to = urllib.parse.unquote(address)
        self.subject = self.body = ""
        for field in query.split("&"):
            key, _, value = field.partition("=")
            if key.lower() == "subject":
                self.subject = urllib.parse.unquote(value)
            elif key.lower() == "body":
                self.body = urllib.parse.unquote(value)

    def choice(self):
        """What the click would vote: the last word of the body's first line."""
        words = self.body.split()
        return words[-1] if words else ""


class Letter:
    """A mail as its reader sees it: headers, text, links, the token if there is one."""

    def __init__(self, raw):
        self.raw = raw
        self.mail = email.message_from_bytes(raw, policy=email.policy.default)
        plain = self.mail.get_body(("plain",))
        rich = self.mail.get_body(("html",))
        self.text = plain.get_content().replace("\r\n", "\n") if plain else ""
        self.html = rich.get_content().replace("\r\n", "\n") if rich else ""
        self.subject = str(self.mail["Subject"] or "")
        self.reply_to = str(self.mail["Reply-To"] or self.mail["From"] or "")
        self.sender = str(self.mail["Return-Path"] or "").strip("<>")
        self.message_id = str(self.mail["Message-ID"] or "").strip()
        tokens = sorted(set(TOKEN.findall(self.text)))
        self.tokens = tokens
        self.token = tokens[0] if len(tokens) == 1 else None
        links = _Links()
        links.feed(self.html)
        self.clicks = [Click(h) for h in links.mailto]
        # A plain-text reader shows links in the text; programs make those clickable too.
        self.text_clicks = [Click(h) for h in re.findall(r"mailto:[^\s<>\"]+", self.text)]

    def click_for(self, choice):
        for click in self.clicks + self.text_clicks:
            if click.choice() == choice:
                return click
        return None


def token_bytes(text):
    """The 16 bytes that a token's 28 characters stand for, without their check."""
    n = 0
    for c in text.replace("-", "").upper():
        n = n << 5 | B32.index(c)
    return (n >> 12).to_bytes(16, "big")


def token_text(secret):
    """The written form of 16 bytes (protocol section 3.1)."""
    check = hashlib.sha256(b"votepost/1 token check" + secret).digest()
    n = int.from_bytes(secret, "big") << 12 | check[0] << 4 | check[1] >> 4
    text = "".join(B32[n >> 5 * i & 31] for i in range(27, -1, -1))
    return "-".join(text[i:i + 4] for i in range(0, 28, 4))
