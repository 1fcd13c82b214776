#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
clients - members who answer with a real mail program: s-nail, neomutt, mutt, GNU mailutils and nmh
in a terminal, and headless Thunderbird, plain and in HTML. Each opens the invitation and sends its
reply by SMTP, with its own headers, quoting and encoding, in its user's language. Whoever is
corrected follows the correction with the same program; in the end the ballots are counted.

A part of all pairs of program and language as a rule; every one with --every. --table FILE writes
what came of them between the marks in FILE (docs/clients.md).
"""

import collections
import concurrent.futures
import itertools
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

import harness
import members as people
import small
import tables
import terminal
from demo import receipt_of
from election import ROOT, VOTE, Election, Trouble, check, iso
from terminal import BARE, BELOW, FRESH, TIGHT, TOP, WORDS
from thunderbird import FORMS, Thunderbird

LANGUAGES = {"en": "Imogen Carrick", "fr": "Élodie Guérin", "es": "Íñigo Núñez",
             "de": "Jörg Weiß", "pt": "Conceição Simões", "ar": "ليلى حداد", "zh": "王芳"}
PACKS = {"en": "en-US", "es": "es-ES", "pt": "pt-PT", "zh": "zh-CN"}
# By package: something of it that must be there.
NEEDED = {"s-nail": "s-nail", "neomutt": "neomutt", "mutt": "mutt", "mailutils": "mail.mailutils",
          "nmh": "/usr/bin/mh/repl", "thunderbird": "thunderbird", "libc-bin": "localedef",
          "faketime": "faketime"}
BROWSE = {form: f"Thunderbird, {form}" for form in FORMS}
ACTS = (TOP, TIGHT, BELOW, WORDS, BARE, FRESH)
OPTIONS = "ABC0"

# What must come of each act, and the verdict that says so.
READ, CORRECTED = "read", "corrected"
WANT = {TOP: (READ, "counted"), TIGHT: (READ, "counted"), FRESH: (READ, "counted"),
        BELOW: (CORRECTED, "no choice"), WORDS: (CORRECTED, "no choice"),
        BARE: (CORRECTED, "no token")}
# These write no date over a quotation: that line may be a person's own.
UNDATED = ("mailutils", "nmh")

TABLE_HEAD = {TOP: "choice above the quotation", TIGHT: "the same without an empty line",
              BELOW: "choice below it", WORDS: "words only", BARE: "choice, nothing quoted",
              FRESH: "the letter's `mailto:`"}

DEFINITION = """\
[election]
{titles}organiser = Votepost tests
languages = {languages}
opens = {opens}
closes = {closes}
channels = reply;sealed-reply;link
{waivers}reply_to = {vote}
link = http://127.0.0.1:{port}/
min_ballots = 2
test = true

[question text]
kind = choice
{titles}"""


class Case:
    """One member, one program in one language, one thing that they do."""

    def __init__(self, number, client, language, act, letter_language):
        self.client, self.language, self.act = client, language, act
        self.choice = OPTIONS[number % len(OPTIONS)]
        self.member = people.Member(number, "en", "members.test")
        self.member.name = LANGUAGES[language]
        self.member.language = letter_language
        self.came = None
        want, self.verdict = WANT[act]
        if act == TIGHT and client in UNDATED:
            want, self.verdict = WANT[WORDS]
        self.want = want

    def __repr__(self):
        return f"{self.client} in {self.language}, {TABLE_HEAD[self.act]}"

    def link(self):
        return self.member.letter.click_for(self.choice)


def pairs(every):
    """(client, language, act): all, or each client with each act and each language somewhere."""
    languages = list(LANGUAGES)
    clients = list(terminal.PROGRAMS)
    for i, client in enumerate(clients):
        for k, act in enumerate(ACTS):
            for language in languages if every else [languages[(i + k) % len(languages)]]:
                yield client, language, act
    for i, language in enumerate(languages):
        for form in FORMS if every else [list(FORMS)[i % len(FORMS)]]:
            for act in (TOP, BELOW, WORDS, BARE, FRESH):
                if every or i < 3 or act in (TOP, FRESH):
                    yield BROWSE[form], language, act


def define(languages, e, opens):
    def each(key, words):
        return "".join(f"{key}[{tag}] = {words}\n" for tag in languages)
    text = DEFINITION.format(titles=each("title", "Vote"), languages=";".join(languages),
                             opens=iso(opens), closes=iso(e.closes), vote=VOTE, port=e.http_port,
                             waivers=each("waiver", "A plain reply shows your choice."))
    return text + "".join(each(f"option{i}", name)
                          for i, name in enumerate(("Amber", "Birch", "Cedar"), 1))


def set_up(state):
    """An election is open to members with six mail programs, in seven languages"""
    for package, program in NEEDED.items():
        check(shutil.which(program), f"{program} is not there: apt-get install {package}")
    every = state.options.every
    templates = sorted(os.listdir(os.path.join(ROOT, "config", "templates")))
    ours = {tag.split("-")[0]: tag for tag in templates if tag != "README"}
    state.cases = [Case(i, client, language, act, ours.get(language, "en"))
                   for i, (client, language, act) in enumerate(pairs(every), 1)]
    e = Election(state.programs, state.folder, [c.member for c in state.cases], 1, 1)
    state.election = e
    state.at_end(e.end)
    # nmh answers to this one too.
    e.post.mailbox("election@vote.test")
    languages = sorted({c.member.language for c in state.cases}, key=list(ours.values()).index)

    def defined(_):
        opens = int(time.time())
        e.closes = opens + 3600
        return define(languages, e, opens)
    e.prepare(defined)
    e.serve()
    check(len(small.send(state)) == len(e.members), "a letter did not arrive")
    state.locales = os.path.join(state.folder, "locales")
    os.makedirs(state.locales)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: speak(state.locales, name), terminal.LOCALE.values()))


def speak(folder, name):
    """Let the terminal's programs speak a language, whatever this system has."""
    done = subprocess.run(["localedef", "-i", name, "-f", "UTF-8", "--no-archive",
                           os.path.join(folder, name + ".UTF-8")], capture_output=True, check=False)
    check(done.returncode < 2, f"localedef {name}: {done.stderr.decode(errors='replace')}\n"
          "      apt-get install locales")


def in_terminals(state, jobs):
    """Each job: a case, what is done, and the mailto: link where that is a fresh mail."""
    def one(job):
        case, act, link = job
        folder = os.path.join(state.folder, "desks", f"{case.member.id}-{act}")
        desk = terminal.Desk(folder, case.member, case.language, state.election.post.smtp,
                             state.locales)
        try:
            terminal.PROGRAMS[case.client](desk, act, case.choice, link)
        except Trouble as e:
            raise Trouble(f"{case}: {e}") from None
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(one, jobs))


def in_thunderbird(state, jobs):
    """The same, one program after the other for each language."""
    for number, (language, those) in enumerate(itertools.groupby(
            sorted(jobs, key=lambda job: job[0].language), lambda job: job[0].language)):
        folder = os.path.join(state.folder, f"thunderbird-{number}-{time.monotonic_ns()}")
        program = Thunderbird(folder, PACKS.get(language, language), state.election.post.smtp)
        try:
            check(program.language == PACKS.get(language, language),
                  f"Thunderbird speaks {program.language}, not {language}: apt-get install "
                  f"thunderbird-l10n-{PACKS.get(language, language).lower()}")
            for case, act, link in those:
                answer_in(program, case, act, link)
        finally:
            program.stop()


def answer_in(program, case, act, link):
    form = next(form for form, name in BROWSE.items() if name == case.client)
    letter = os.path.join(program.folder, "letter.eml")
    with open(letter, "wb") as f:
        f.write(case.member.letter.raw)
    program.become(case.member, form, act != BELOW, act != BARE)
    if act == FRESH:
        program.click(link.href)
    elif act == WORDS:
        program.reply(letter, [terminal.THANKS[case.language], ""])
    else:
        program.reply(letter, [case.choice] if act == BELOW else [case.choice, ""])


def send_all(state, jobs):
    """All of them write; what came back to each member since then."""
    e = state.election
    before = {job[0].member.id: len(answers(e, job[0].member)) for job in jobs}
    browsers = [job for job in jobs if job[0].client in BROWSE.values()]
    others = [job for job in jobs if job[0].client not in BROWSE.values()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(in_thunderbird, state, browsers),
                     pool.submit(in_terminals, state, others)]:
            done.result()
    e.post.settle(120)
    return {job[0]: answers(e, job[0].member)[before[job[0].member.id]:] for job in jobs}


def answers(e, member):
    """Answers of ours: a program may have sent its user a copy of the reply."""
    return [a for a in e.answers(member) if a.mail["Auto-Submitted"] == "auto-replied"]


def check_verdicts(state):
    have = {k: n for k, n in state.election.funnel()["verdicts"].items() if n}
    check(have == dict(state.verdicts), f"verdicts {have}, not {dict(state.verdicts)}")


def reply(state):
    """Each program's reply is read, or corrected, as it must be, and nobody is left unanswered"""
    wrong = []
    back = send_all(state, [(c, c.act, c.link() if c.act == FRESH else None)
                            for c in state.cases])
    for case, mails in back.items():
        case.back = mails
        case.came = ("refused" if not mails else READ if receipt_of(mails[0]) else CORRECTED)
        if case.came != case.want or len(mails) != 1:
            wrong.append(f"{case}: {case.came}, must be {case.want}; {len(mails)} answers")
    check(not wrong, "\n      ".join(wrong))
    state.verdicts = collections.Counter(c.verdict for c in state.cases)
    check_verdicts(state)


def filled_in(case):
    """The link of the correction, its two blanks filled in by the member."""
    link = next((c for c in case.back[0].text_clicks if c.body.startswith("VOTE")), None)
    check(link, f"{case}: the correction has no mailto: that votes")
    body = link.body.replace("CODE", case.member.letter.token).replace("?", case.choice)
    return people.Click(f"mailto:{urllib.parse.quote(link.to)}?subject="
                        f"{urllib.parse.quote(link.subject)}&body={urllib.parse.quote(body)}")


def second_try(state):
    """Whoever was corrected does what the correction says, in the same program: all have voted"""
    corrected = [c for c in state.cases if c.came == CORRECTED]
    back = send_all(state, [(c, FRESH, filled_in(c)) for c in corrected])
    wrong = [f"{c}: {len(mails)} answers, no receipt" for c, mails in back.items()
             if len(mails) != 1 or not receipt_of(mails[0])]
    check(not wrong, "\n      ".join(wrong))
    state.verdicts["counted"] += len(corrected)
    check_verdicts(state)
    for c in corrected:
        c.second = True


def in_two_hours(e, command):
    """A command of the receiver's at that time, by a clock that its operator has confirmed."""
    done = subprocess.run(["faketime", "-f", "+2h"] + e.programs.command(
        "receiver", *command, "--box", e.at("receiver")), capture_output=True, check=False,
        env=dict(os.environ, FAKETIME_DONT_FAKE_MONOTONIC="1"))
    check(done.returncode == 0, f"{command}, two hours on: {done.stderr.decode()}")


def count(state):
    """Every vote is what its member meant"""
    e = state.election
    check(e.stop_serving() == 0, "serve did not end well")
    in_two_hours(e, ["clock", "--confirm"])
    in_two_hours(e, ["close"])
    e.run("receiver", "clock", "--confirm", "--box", e.at("receiver"))
    e.record()
    e.share(1)
    meant = collections.Counter(c.choice for c in state.cases)
    counts = e.tally()
    check(counts == [[meant[o] for o in OPTIONS]], f"counted {counts}, meant {dict(meant)}")
    e.verify()


def version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          check=False)
    return re.sub(r"^\d+:|[-+~].*", "", done.stdout.decode()) or "?"


def sums(cases):
    """A cell of how many were read, corrected and refused at first."""
    n = collections.Counter(c.came for c in cases)
    return f"{n[READ]} / {n[CORRECTED]} / {n['refused']}"


def outcome(cases):
    """A cell of what came of one act: in every language, or in which."""
    kinds = collections.defaultdict(list)
    for c in cases:
        kinds[c.came].append(c.language)
    return "; ".join(name + (" in " + ", ".join(languages) if len(kinds) > 1 else "")
                     for name, languages in kinds.items()) or "–"


def table(state):
    """docs/clients.md shows what came of each"""
    clients = list(terminal.PROGRAMS) + list(BROWSE.values())
    if state.options.table:
        check(state.options.every, "--table needs --every")
        write_tables(state.options.table, clients, state.cases)
    head, *rows = tables.read(os.path.join(ROOT, "docs", "clients.md"), "acts")
    shown = {(line[0].split(" (")[0], act): cell
             for line in rows for act, cell in zip(head[1:], line[1:])}
    wrong = [f"{c}: {c.came}, and not {shown.get((c.client, TABLE_HEAD[c.act]))}"
             for c in state.cases if shown.get((c.client, TABLE_HEAD[c.act])) != c.came]
    check(not wrong, "\n      ".join(wrong + ["./run clients --table docs/clients.md mends it"]))


def write_tables(path, clients, cases):
    mine = {client: [c for c in cases if c.client == client] for client in clients}
    named = {c: f"{c} ({version(c.split(',')[0].lower())})" for c in clients}
    tables.write(path, "languages", ["program"] + list(LANGUAGES), [
        [named[client]] + [sums(c for c in mine[client] if c.language == language)
                           for language in LANGUAGES] for client in clients])
    tables.write(path, "acts", ["program"] + [TABLE_HEAD[a] for a in ACTS], [
        [named[client]] + [outcome([c for c in mine[client] if c.act == act]) for act in ACTS]
        for client in clients])


def more_options(parser):
    parser.add_argument("--every", action="store_true", help="every program in every language")
    parser.add_argument("--table", help="write what came of them into this file")


if __name__ == "__main__":
    sys.exit(harness.main("answers from real mail programs", [
        set_up, reply, second_try, count, table], more_options))
