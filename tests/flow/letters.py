#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
letters - members of seven languages: an announcement that finds a dead address, letters with the
organiser's own words, a plain answer to each of them.
"""

import sys
import time

import harness
import members as people
import postfix
from election import VOTE, Election, check, iso

# What the election is called, and what only this language's letter and announcement say.
LANGUAGES = {
    "en": ("Congress", "Your voting code", "A vote is coming"),
    "fr": ("Congrès", "Votre code de vote", "Un vote approche"),
    "es": ("Congreso", "Su código de votación", "Se acerca una votación"),
    "de": ("Kongress", "Ihr Abstimmungscode", "Eine Abstimmung steht bevor"),
    "pt-BR": ("Congresso", "O seu código de votação", "Aproxima-se uma votação"),
    "ar-EG": ("مؤتمر", "رمز التصويت", "تصويت قريب"),
    "zh-Hans": ("代表大会", "您的投票码", "投票即将举行"),
}
OWN = """\ufeff[subject]\r
您的一票：{{title}}\r
\r
[greeting]\r
尊敬的{{name}}：\r
\r
[body]\r
本次大会将决定协会今后两年的方向。请您在{{closes_local}}之前投票。\r
\r
[signature]\r
全国委员会\r
"""


class Lettered(Election):
    """With a folder of the organiser's own words, and somebody whose mailbox is gone."""

    def mailer_settings(self, connections=4):
        return super().mailer_settings(connections).replace(
            "[letter]\n", f"[letter]\ntexts = {self.at('texts')}\n")

    def gone(self):
        return self.members[-1]

    def mailboxes(self):
        super().mailboxes()
        self.post.refuse(self.gone().email, "550 5.1.1 no such mailbox any more")


def definition(opens, closes, port):
    def each(key, texts):
        return "".join(f"{key}[{tag}] = {text}\n" for tag, text in zip(LANGUAGES, texts))

    titles = [title for title, _, _ in LANGUAGES.values()]
    return (f"[election]\nlanguages = {';'.join(LANGUAGES)}\norganiser = Votepost tests\n"
            + each("title", titles) + each("waiver", titles)
            + f"opens = {iso(opens)}\ncloses = {iso(closes)}\nchannels = reply;sealed-reply;link\n"
            f"reply_to = {VOTE}\nlink = http://127.0.0.1:{port}/\nmin_ballots = 2\ntest = true\n"
            "[question text]\nkind = choice\n" + each("title", titles)
            + each("option1", titles) + each("option2", titles))


def set_up(state):
    """An election in seven languages is sealed, with its letters tried"""
    members = []
    for i, tag in enumerate((*LANGUAGES, "en"), 1):
        m = people.Member(i, "en", "members.test")
        m.language = tag
        members.append(m)
    e = state.election = Lettered(state.programs, state.folder, members, 1, 1)
    state.at_end(e.end)
    e.write("texts/zh.txt", OWN)

    def define(took):
        opens = int(time.time())
        e.closes = opens + max(3600, round(took * 15))
        return definition(opens, e.closes, e.http_port)
    e.prepare(define)
    listed = e.run("mailer", "preview", "--home", e.at("mailer"), "--list").stdout.decode()
    check("templates/pt/" in listed and e.at("texts", "zh.txt") in listed, listed)


def announced(state):
    """Each hears once, in their language and without a code, what is coming; one is gone"""
    e = state.election
    done = e.mail("announce")
    check(b"1 address was refused for good" in done.stderr, done.stderr.decode())
    done = e.mail("announce")
    e.post.settle()
    for m in e.members[:-1]:
        mails = [people.Letter(x) for x in e.post.letters(m.email)]
        check(len(mails) == 1, f"{m} has {len(mails)} mails")
        check(LANGUAGES[m.language][2] in mails[0].subject, mails[0].subject)
        check(not mails[0].tokens and not mails[0].clicks, "it holds a code")
        check("election@vote.test" in mails[0].text, "it does not say whence the code will come")


def mailed(state):
    """Each has a letter in their language, one with the organiser's words; the gone has none"""
    e = state.election
    done = e.send()
    check(b"1 member get nothing" in done.stderr or b"1 member gets nothing" in done.stderr,
          done.stderr.decode())
    e.post.settle()
    for m in e.members[:-1]:
        mails = e.post.letters(m.email)
        check(len(mails) == 2, f"{m} has {len(mails)} mails")
        m.letter = people.Letter(mails[1])
        title, code, _ = LANGUAGES[m.language]
        check(code in m.letter.text and code in m.letter.html, m.letter.text)
        check(title in m.letter.subject and m.letter.token, m.letter.subject)
        check(all(len(line) <= 76 for line in m.letter.raw.split(b"\n\n", 1)[1].splitlines()),
              "a line is too long for the road")
        own = m.language == "zh-Hans"
        check(("尊敬的" + m.name + "：" in m.letter.text) == own, m.letter.text)
        check(("全国委员会" in m.letter.html) == own, m.letter.html)
    check(not e.post.letters(e.gone().email), "somebody who is gone was mailed")


def answered(state):
    """A letter typed above each of them, the whole letter quoted below, is a vote"""
    e = state.election
    mails = []
    for m in e.members[:-1]:
        quoted = "\n".join("> " + line for line in m.letter.text.splitlines())
        mail = people.email.message.EmailMessage(policy=people.email.policy.SMTP)
        mail["From"], mail["To"] = m.email, m.letter.reply_to
        mail["Subject"] = "Re: " + m.letter.subject
        mail["Message-ID"] = f"<{m.id}@client.test>"
        mail.set_content(f"B\n\n> Votepost <election@vote.test>:\n{quoted}\n", cte="base64")
        mails.append((m.email, m.letter.reply_to, mail.as_bytes()))
    e.serve()
    client = e.post.client()
    for sender, recipient, raw in mails:
        client.sendmail(sender, [recipient], raw)
    client.quit()
    postfix.wait_until("the votes",
                       lambda: e.funnel()["verdicts"]["counted"] == len(LANGUAGES), 60)


if __name__ == "__main__":
    sys.exit(harness.main("letters in seven languages", (set_up, announced, mailed, answered)))
