#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
demo - a whole election by email and link on this machine, told as a story: 300 members in two languages,
three texts and blank, two of three trustees, a private Postfix, replies of every shape.

It ends with status 0 only if everything came out as it must: each mail its verdict, each voter
their receipt, the result what the members meant, the record verified, the accounts reconciled.

  demo.py --build build/release [--keep DIR] [--discard] [--window SECONDS] [--stay]

With --stay it ends before the vote does: the vote stays open for some hours, and the members'
mailboxes are shown on a local page until Ctrl-C.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import members as people
import names
import nolist
import replies
import stay
from election import SKIP, VOTE, Election, Programs, Trouble, check, iso
from story import Story

MEMBERS, MARK = 300, ".votepost-demo"
OFFICERS = (2, 3)  # so many unlock the key that makes codes, of so many
GONE = 3  # members whose mailbox is no more

TEXTS = (("Text A: Solidarity first", "Texte A : la solidarité d'abord"),
         ("Text B: A greener province", "Texte B : une province plus verte"),
         ("Text C: Work and dignity", "Texte C : travail et dignité"))

# Who answers how: a shape, how many members, what a reader of the story should know of it.
FIRST_WAVE = (
    (replies.top_posted, 34, "an answer above the quoted letter"),
    (replies.signed, 12, "the same, with a phone's signature"),
    (replies.one_line, 20, "a fresh mail: VOTE token choice"),
    (replies.mailto_click, 30, "one click on a choice in the letter"),
    (replies.html_gmail, 12, "HTML only, as a web mail writes it"),
    (replies.html_office, 10, "HTML only, as an office program does"),
    (replies.both_parts, 12, "plain text and HTML side by side"),
    (replies.quoted_printable, 10, "quoted-printable, accents and all"),
    (replies.base64, 8, "base64"),
    (replies.flowed, 10, "format=flowed"),
    (replies.latin1, 6, "Latin-1"),
    (replies.spoken, 6, "token in lower case, O for zero"),
    (replies.typographic, 5, "a phone's typographic hyphens"),
    (replies.forwarded, 8, "the letter forwarded, not answered"),
    (replies.attached, 4, "the letter attached whole"),
    (replies.sealed, 7, "a sealed reply, in a mail of its own"),
    (replies.sealed_quoted, 4, "a sealed reply above the letter"),
    (replies.blank, 8, "BLANK, BLANC"),
    (replies.twice, 6, "the same answer sent twice"),
    (replies.second_thought, 5, "a second mail with another choice"),
    (replies.bottom_posted, 6, "the answer below the quotation"),
    (replies.ambiguous, 4, "two votes in one mail"),
    (replies.changed_mind, 2, "an earlier vote left below a new one"),
    (replies.chatty, 3, "“A / is the one I cannot accept”"),
    (replies.bad_choice, 3, "a choice that does not exist"),
    (replies.mistyped, 2, "a token with a letter wrong"),
    (replies.guessed, 1, "a well-made token, never issued"),
    (replies.out_of_office, 6, "an out-of-office quoting the token"),
    (replies.voting_robot, 1, "an automatic mail that says VOTE"),
    (replies.bounced, 1, "a delivery report quoting the token"),
    (replies.sealed_broken, 1, "a sealed reply, a letter lost"),
    (replies.too_large, 1, "a vote with a film attached"),
    (replies.encrypted, 1, "a mail encrypted to nobody's key"),
    (replies.stranger, 3, "strangers, without any token"),
)
SEALED = (replies.sealed, replies.sealed_quoted, replies.sealed_broken)
AUTOMATIC = (replies.out_of_office, replies.voting_robot, replies.bounced)
LINK = 24  # members who follow the link instead
LATE = 5
STAY = 6 * 3600  # seconds that a vote stays open to look at
WINDOW = 30  # seconds that the vote is open, on a quick machine

DEFINITION = """\
[election]
title[fr] = Texte d'orientation 2027
title[en] = Policy text 2027
organiser = Commission électorale, fédération de l'étranger
languages = fr;en
opens = {opens}
closes = {closes}
channels = reply;sealed-reply;link
waiver[fr] = Une réponse simple montre votre choix à chaque serveur qu'elle traverse, et au nôtre.
waiver[en] = A plain reply shows your choice to our server and to every mail server on the way.
reply_to = {vote}
link = http://127.0.0.1:{port}/
min_ballots = 10
test = true

[question text]
kind = choice
title[fr] = Quel texte le parti adopte-t-il ?
title[en] = Which text shall the party adopt?
{texts}
min = 1
max = 1
blank = true
"""


class Voter:
    """A member's part in the story: what they mean and whether it was counted."""

    def __init__(self, member, shape, choice):
        self.member, self.shape, self.choice = member, shape, choice
        self.mails = []

    def counted(self):
        return any(m.verdict == "counted" for m in self.mails)


class Posted:
    """A ballot that came by the link: no mail, and the receipt came with the answer."""

    verdict, answer = "counted", replies.NOTHING


def by_link(_member, _letter, _choice):
    """Not a mail at all."""
    return []


def deal_parts(reached):
    """Give each member a shape and a choice, the same in every run."""
    draw = random.Random(20230128)
    order = list(reached)
    draw.shuffle(order)
    voters = []
    for shape, n, _ in FIRST_WAVE + ((by_link, LINK, ""), (replies.too_late, LATE, "")):
        for _ in range(n):
            choice = draw.choices("ABC0", (41, 33, 20, 6))[0]
            if shape is replies.blank:
                choice = "0"
            elif choice == "0" and shape in (replies.chatty, replies.ambiguous,
                                             replies.changed_mind, replies.second_thought):
                choice = "A"
            voters.append(Voter(order.pop(), shape, choice))
    return voters


def zone():
    """The names of the demonstration, as a DNS server would tell them."""
    return {"vote.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"], "MX": [[10, "mail.test"]]},
            "mail.test": {"A": ["192.0.2.1"]},
            "members.test": {"MX": [[10, "mail.test"]]},
            "_dmarc.vote.test": {"TXT": ["v=DMARC1; p=none; rua=mailto:help@vote.test"]}}


def cells_of(choice):
    return "".join("1" if choice == c else "0" for c in "ABC0")


def compose(election, voter, shape):
    answer = voter.choice
    if shape in SEALED:
        answer = election.sealed_block(voter.member, cells_of(voter.choice))
    mails = shape(voter.member, voter.member.letter, answer)
    voter.mails += mails
    return mails


def second_wave(voters):
    """Who was told that their mail did not count, or had only a robot answer for them, and now
    votes: all of these but a few."""
    again = []
    for voter in voters:
        if voter.shape in AUTOMATIC or any(m.answer == replies.WORDS for m in voter.mails):
            again.append(voter)
    return [v for i, v in enumerate(again) if i % 4 != 3]


class Demo:
    def __init__(self, options, story):
        self.story, self.stay = story, options.stay
        self.window = options.window or (STAY if options.stay else None)
        self.folder = folder_for(options.keep)
        self.programs = Programs(options.build)
        self.election = Election(self.programs, self.folder, people.roll(MEMBERS),
                                 officers=OFFICERS)
        self.election.ceremony_text = "Trustees of the demonstration"
        self.voters, self.strangers = [], []
        self.sent = []

    # 1 to 3: from nothing to letters in mailboxes.

    def set_up(self):
        story, e = self.story, self.election
        story.section("Three trustees make a key that nobody holds")
        e.mailboxes()
        for m in e.members[:GONE]:
            e.post.refuse(m.email, "550 5.1.1 no such mailbox any more")
        e.post.replies_by_lmtp(VOTE, e.lmtp_port)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            starting = pool.submit(e.post.start)
            begun = time.monotonic()
            with story.step("each commits to a part, before seeing any other's"):
                e.commit()
            with story.step("each reveals the part that it had committed to"):
                e.reveal()
            self.choose_window(time.monotonic() - begun)
            with story.step("a private Postfix is up on 127.0.0.1, with STARTTLS"):
                starting.result()
        self.seal()

    def choose_window(self, took):
        """The vote is open for as long as this machine, as it has just shown itself, needs with
        ease to bring some hundred mails through."""
        if not self.window:
            self.window = max(WINDOW, min(120, round(took * 10)))

    def seal(self):
        story, e = self.story, self.election
        story.section("The question and the roll are frozen")
        self.opens = int(time.time()) + 5
        self.closes = self.opens + self.window
        with story.step("definition read; three officers share the key that makes codes"):
            e.new(definition(self.opens, self.closes, e.http_port))
        with story.step(f"the roll is read: {MEMBERS} members"):
            e.roll()
        with story.step("the receiver makes its signing key"):
            e.key()
        with story.step("manifest sealed") as became:
            e.seal()
            became(f"manifest sealed, fingerprint {e.fingerprint}")
        with story.step("trustees deal their shares under it, and accept"):
            e.deal()
            e.accept()
        with story.step("tokens derived, one credential published for each"):
            e.issue()
        with story.step("the ballot box is ready: roll and trustees are complete"):
            e.open()
            e.serve()

    def look_ahead(self):
        """What an administrator does before the first letter: preflight, and a test letter."""
        story, e = self.story, self.election
        story.section("Before anything is sent: can these letters arrive?")
        dns = names.Names(zone()).start()
        settings = e.write("preflight/mailer.conf", e.mailer_settings() +
                           f"[preflight]\nresolver = {dns.resolver}\n")
        look = ("preflight", "--home", e.at("mailer"), "--settings", settings, "--received")
        with story.step("preflight looks at the DNS, the relay, the letter and the members"):
            letter = self.test_letter(settings)
            page = e.run("mailer", *look, letter).stdout
            found = json.loads(e.run("mailer", *look, letter, "--json").stdout)
        dns.stop()
        e.write("preflight/page.txt", page)
        check(not found["stop"] and not found["unseen"], "preflight:\n" + page.decode())
        marks = {"ok": story.paint("32", "✓"), "note": story.paint("36", "·"),
                 "warning": story.paint("33", "!")}
        for f in found["findings"]:
            words = f["found"] if f["level"] == "ok" else f["means"]
            line = f"{f['what']}: {words}" if words else f["what"]
            story.say(f"       {marks[f['level']]} " +
                      (line if len(line) < 70 else line[:line.rindex(" ", 0, 69)] + " …"))
        story.note("the whole page says what to do about each")

    def test_letter(self, settings):
        """A letter to the administrator's mailbox, saved as a file; its token opens nothing."""
        e = self.election
        e.mail("preflight", "--settings", settings, "--to", "help@vote.test")
        e.post.settle()
        raw = e.post.letters("help@vote.test")
        check(len(raw) == 1 and people.Letter(raw[0]).token, "no test letter came")
        return e.write("preflight/letter.eml", raw[0])

    def send(self):
        story, e = self.story, self.election
        story.section("Every member gets a letter with a token of their own")
        with story.step("letters sent") as became:
            e.send(expect=(0, 75))
            e.post.settle()
            states = e.states()["states"]
            became(f"letters sent: {states['accepted']} taken by the relay, "
                   f"{states['refused']} refused (no such mailbox)")
        check(states["accepted"] == MEMBERS - GONE and states["refused"] == GONE
              and sum(states.values()) == MEMBERS, f"states do not add up: {states}")
        with story.step("a page with charts shows whom they have reached") as became:
            page = e.at("mailer", "delivery.html")
            status = ("status", "--home", e.at("mailer"))
            line = e.run("mailer", *status, "--alarm", 95).stdout.decode()
            check(line.startswith(f"VOTEPOST OK - 99.0 % of {MEMBERS} letters delivered"), line)
            e.run("mailer", *status, "--html", page, "--unreached", e.at("mailer", "unreached.csv"))
            became("99.0 % delivered, by country and by provider in mailer/delivery.html; "
                   f"{GONE} members to telephone")
        with story.step("every letter opened: one token in each, all of them different"):
            reached = e.read_letters()
            check(len(reached) == MEMBERS - GONE,
                  f"{len(reached)} members have a letter, not {MEMBERS - GONE}")
            for m in reached:
                check(m.letter.token, f"the letter of {m} holds {len(m.letter.tokens)} tokens")
            check(len({m.letter.token for m in reached}) == len(reached),
                  "two members have the same token")
        self.voters = deal_parts(reached)

    # 4 and 5: replies.

    def vote(self):
        story, e = self.story, self.election
        story.section("Members answer, each in their own way")
        late = [v for v in self.voters if v.shape is replies.too_late]
        first = [v for v in self.voters if v.shape is not replies.too_late]
        story.countdown("the vote opens in", self.opens)
        mails = [some for some in (compose(e, voter, voter.shape) for voter in first) if some]
        self.sent = [m for some in mails for m in some]
        with story.step("first mails") as became:
            e.post_all([some[0] for some in mails])
            e.post_all([m for some in mails for m in some[1:]])  # a second comes second
            became(f"{len(self.sent)} mails through Postfix and LMTP into the receiver")
        self.table()
        with story.step("posts") as became:
            self.post_ballots([v for v in first if v.shape is by_link])
            became(f"{LINK} follow the link: sealed on their side, each answered with a receipt")
        self.in_time()
        e.head()
        again = second_wave(first)
        mails = []
        for voter in again:
            mails += compose(e, voter, replies.one_line)
        with story.step("second mails") as became:
            e.post_all(mails)
            became(f"{len(mails)} of those who were told why, or had an automatic answer, vote")
        self.sent += mails
        self.in_time()
        e.head()
        self.late = late
        with story.step("meanwhile a stranger verifies the board, as far as it has come"):
            e.verify(e.open_record())

    def post_ballots(self, voters):
        """What the page does: the ballot is made on the voter's side and posted; a second try
        gets the same receipt."""
        e = self.election
        os.makedirs(e.at("receipts"), exist_ok=True)

        def one(voter):
            line = e.line(voter.member, cells_of(voter.choice))
            answers = [e.web.post(line), e.web.post(line)]
            check([status for status, _ in answers] == [201, 200] and
                  answers[0][1]["tracker"] == answers[1][1]["tracker"],
                  f"a post by {voter.member} was answered {answers}")
            voter.mails.append(Posted)
            voter.receipt = json.dumps(answers[0][1], separators=(",", ":"), ensure_ascii=False)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(one, voters))
        self.sent += [Posted] * len(voters)

    def in_time(self):
        check(time.time() < self.closes, "this machine took longer than the vote was open "
              f"({self.window} s): try --window {self.window * 2}")

    def table(self):
        rows = []
        for shape, n, words in FIRST_WAVE:
            mails = [m for v in self.voters if v.shape is shape for m in v.mails]
            verdicts = list(dict.fromkeys(m.verdict for m in mails))
            rows.append((n, words, ", ".join(verdicts), answer_words(mails)))
        self.story.say()
        self.story.table(("", "what they sent", "verdict", "answered with"), rows, right=(0,))
        self.story.say()

    def finish(self):
        story, e = self.story, self.election
        story.section("The vote closes")
        self.preview()
        story.countdown("the vote closes in", self.closes)
        mails = []
        time.sleep(max(0, self.closes - time.time()) + 0.1)
        for voter in self.late:
            mails += compose(e, voter, replies.too_late)
        with story.step(f"{LATE} mails come after the closing time, and are told so"):
            e.post_all(mails)
        self.sent += mails
        with story.step("every mail and post has exactly the verdict that it must have"):
            self.check_verdicts()
        with story.step("closed; the record is written"):
            e.close()
            check(e.stop_serving() == 0, "votepost-receiver serve did not end well")
            e.record()

    def check_verdicts(self):
        want = collections.Counter(m.verdict for m in self.sent)
        have = {k: n for k, n in self.election.funnel()["verdicts"].items() if n}
        check(have == dict(want), "verdicts differ:\n" + "\n".join(
            f"    {k}: {have.get(k, 0)}, not {want.get(k, 0)}"
            for k in sorted(set(have) | set(want)) if have.get(k, 0) != want.get(k, 0)))

    def preview(self):
        story, e = self.story, self.election
        folder = e.at("preview")
        os.makedirs(folder, exist_ok=True)
        with story.step("a preview of the letter, with a token that opens nothing") as became:
            done = e.run("mailer", "preview", "--home", e.at("mailer"), "--settings",
                         e.at("mailer", "mailer.conf"), "--language", "en")
            e.write("preview/letter.eml", done.stdout)
            letter = people.Letter(done.stdout)
            page = e.write("preview/letter.html", letter.html)
            check(letter.tokens and not set(letter.tokens) &
                  {v.member.letter.token for v in self.voters}, "a preview shows a usable token")
            if picture(page, e.at("preview", "letter.png")):
                self.picture = e.at("preview", "letter.png")
                became("a preview of the letter, and its picture; its token opens nothing")
            else:
                self.picture = None

    # 6 to 8: the count and the checks.

    def count(self):
        story, e = self.story, self.election
        story.section("Two of the three trustees open the sum, and nothing else")
        for j in (1, 3):
            with story.step(f"trustee {j} checks the whole record, then gives its share"):
                e.share(j)
        with story.step("the shares are combined"):
            counts = e.tally()
        meant = collections.Counter(v.choice for v in self.voters if v.counted())
        story.say()
        story.bars([(TEXTS[i][0], counts[0][i]) for i in range(3)] + [("blank", counts[0][3])])
        story.say()
        with story.step("this is exactly what the members meant"):
            check(counts == [[meant[c] for c in "ABC0"]],
                  f"counted {counts}, meant {[meant[c] for c in 'ABC0']}")

    def check_all(self):
        story, e = self.story, self.election
        story.section("Nobody's word is needed")
        with story.step("record verified from end to end, as any stranger can"):
            report = e.verify()
            e.write("reports/verify.json", report.stdout)
        with story.step("receipts") as became:
            n = self.check_receipts()
            became(f"{n} receipts arrived, and each is in the record")
        with story.step("tokens issued, sent, used and unused reconcile"):
            report = e.reconcile()
            e.write("reports/reconcile.txt", report.stdout)
        with story.step("minutes written; two sign with their keys, the third on paper"):
            self.make_minutes()
        with story.step("the receiver's folder holds no member's name, address or id"):
            self.check_halves()
        with story.step("tokens") as became:
            files = self.check_no_list()
            became(f"all {MEMBERS - GONE} tokens searched for in {files} files, in every "
                   "written form")
        story.note("each stands in its member's own mailbox, and nowhere else")

    def make_minutes(self):
        """In English and French; each signature holds, and nothing that was signed may change."""
        e = self.election
        day = time.strftime("%Y-%m-%d, %H:%M UTC", time.gmtime(self.closes))
        incidents = ((day, f"{GONE} mailboxes no longer exist; their mail servers refused the letter.",
                      "The members were called by telephone; none asked for another letter."),)
        e.minutes("--language", "fr", into="minutes-fr", incidents=incidents)
        folder = e.minutes("--language", "en", incidents=incidents)
        for who in ("chair", "secretary"):
            e.sign_minutes(who)
        said = e.check_minutes()
        check(said == {"chair": "signed", "secretary": "signed", "assessor": "signs on paper"},
              f"who signed the minutes: {said}")
        with open(os.path.join(folder, "minutes.json"), encoding="utf-8") as f:
            check(json.load(f)["reconcile"]["good"], "the minutes do not reconcile")

    def check_receipts(self):
        """Each member got the answers that were due, and every receipt holds."""
        e = self.election
        os.makedirs(e.at("receipts"), exist_ok=True)
        work = []
        for v in self.voters:
            due = [m.answer for m in v.mails if m.answer != replies.NOTHING]
            came = e.answers(v.member)
            check(len(came) == len(due),
                  f"{v.member} ({v.shape.__name__}) got {len(came)} answers, not {len(due)}")
            receipts = [r for r in map(receipt_of, came) if r]
            check(len(receipts) == due.count(replies.RECEIPT), f"{v.member} "
                  f"({v.shape.__name__}) got {len(receipts)} receipts, not "
                  f"{due.count(replies.RECEIPT)}")
            for answer in came:
                check_answer(answer, v.member)
            work += [(v.member.id, i, r) for i, r in enumerate(receipts)]
            if v.shape is by_link:
                work.append((v.member.id, "link", v.receipt))

        def one(item):
            name = e.write(f"receipts/{item[0]}-{item[1]}.json", item[2] + "\n")
            e.run("scrutineer", "receipt", name, e.at("record"))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(one, work))
        return len(work)

    def check_halves(self):
        """Law 2: the receiver's folder holds no member's name, address or identifier."""
        needles = {}
        for m in self.election.members:
            needles.update({m.name.encode(): m, m.email.encode(): m, m.id.encode() + b'"': m})
        for path in nolist.files_under(self.election.at("receiver")):
            with open(path, "rb") as f:
                data = f.read()
            for needle, member in needles.items():
                check(needle not in data, f"{path} holds {needle.decode()}")

    def check_no_list(self):
        """Law 1: no token anywhere but with its member; the number of files searched."""
        e = self.election
        check(e.post.queued() == 0, "mail is left in the relay's queue")
        needles = e.at("secret", "needles")
        by_id = {m.id: m for m in e.members if m.letter}
        nolist.write_needles(needles, {m.id: m.letter.token for m in by_id.values()})
        paths = list(nolist.files_under(self.folder)) + nolist.elsewhere()
        found = nolist.search(self.programs.helper("flow-search"), needles, paths)
        for path, label, form in found:
            check(path.startswith(e.post.maildir(by_id[label].email) + "/"),
                  f"{path} holds the token of {label} ({form})")
        check(len({label for _, label, _ in found}) == len(by_id), "the search does not work")
        return len(paths)

    def where_to_look(self):
        e = self.election
        self.story.section("Where to look")
        rows = [("preflight", e.at("preflight", "page.txt")),
                ("letter", e.at("preview", "letter.eml"))]
        if self.picture:
            rows.append(("picture", self.picture))
        else:
            rows.append(("page", e.at("preview", "letter.html")))
        rows += [("reports", e.at("reports", "verify.json")),
                 ("", e.at("reports", "reconcile.txt")),
                 ("minutes", e.at("minutes", "minutes.pdf")),
                 ("", e.at("minutes", "minutes.html")),
                 ("", e.at("minutes-fr", "minutes.pdf")),
                 ("receipts", e.at("receipts")), ("mailboxes", e.at("post", "mail")),
                 ("logs", e.at("log"))]
        self.story.facts(rows)
        self.story.say()
        self.story.say("  Check it yourself:")
        self.story.say(f"    {self.programs.path('votepost-scrutineer')} verify "
                       f"{e.at('record')}")
        self.story.say()
        self.story.say(f"record: {e.at('record')}")

    def run(self):
        self.story.title("Votepost: a whole election by email, on this machine",
                         "real programs, real mail, nothing leaves this computer")
        self.story.facts([
            ("question", "which of three texts the party adopts, or blank"),
            ("members", f"{MEMBERS}, in French and English, each with a mailbox"),
            ("trustees", "3, any 2 of whom can open the result"),
            ("officers", "3, any 2 of whom can have letters mailed"),
            ("folder", self.folder)])
        parts = (self.set_up, self.look_ahead, self.send, self.vote, self.finish, self.count,
                 self.check_all, self.where_to_look)
        if self.stay:
            parts = (self.set_up, self.look_ahead, self.send, self.vote, self.leave_open)
        for part in parts:
            part()

    def leave_open(self):
        stay.stay(self.election, {v.member.id for v in self.voters if v.counted()}, self.story)


def answer_words(mails):
    kinds = {m.answer for m in mails}
    if replies.RECEIPT in kinds:
        return "receipt"
    return "a correction" if replies.WORDS in kinds else "nothing"


RECEIPT = re.compile(r'\{"type":"receipt".*?\]\}', re.S)


def receipt_of(answer):
    found = RECEIPT.search(answer.text)
    return re.sub(r"\s", "", found.group(0)) if found else None


def check_answer(answer, member):
    """What holds for every answer: to nobody but its sender, no token, from no mailbox."""
    check(not answer.sender, f"an answer to {member} has an envelope sender: {answer.sender}")
    check(answer.mail["Auto-Submitted"] == "auto-replied", f"an answer to {member} does not say "
          "that it is automatic")
    token = member.letter.token
    raw = answer.raw.decode("ascii", "replace") + answer.text + answer.html
    check(token not in raw and token.replace("-", "") not in raw,
          f"an answer to {member} holds the token")


def picture(page, path):
    """A picture of a page, where a browser is installed."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        return False
    with tempfile.TemporaryDirectory() as profile:
        try:
            subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu",
                            "--hide-scrollbars", f"--user-data-dir={profile}",
                            "--window-size=760,1580", f"--screenshot={path}", f"file://{page}"],
                           capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return False
    return os.path.exists(path)


def folder_for(keep):
    """A fresh folder; an earlier demo in a kept one is replaced, anything else is not touched."""
    if not keep:
        return tempfile.mkdtemp(prefix="votepost-demo-")
    keep = os.path.abspath(keep)
    if os.path.exists(os.path.join(keep, MARK)):
        shutil.rmtree(keep)
    check(not os.path.exists(keep) or not os.listdir(keep), f"{keep} is not empty")
    os.makedirs(keep, exist_ok=True)
    with open(os.path.join(keep, MARK), "w"):
        pass
    return keep


def definition(opens, closes, port):
    texts = "\n".join(f"option{i + 1}[en] = {en}\noption{i + 1}[fr] = {fr}"
                      for i, (en, fr) in enumerate(TEXTS))
    return DEFINITION.format(opens=iso(opens), closes=iso(closes), texts=texts, vote=VOTE,
                             port=port)


def main():
    parser = argparse.ArgumentParser(description="a whole election by email, on this machine")
    parser.add_argument("--build", required=True, help="where the programs were built")
    parser.add_argument("--keep", help="the folder to work in; an earlier demo is replaced")
    parser.add_argument("--discard", action="store_true", help="remove the folder at the end")
    parser.add_argument("--stay", action="store_true",
                        help="leave the vote open and show the members' mailboxes until Ctrl-C")
    parser.add_argument("--window", type=int, help="how long the vote is open, in s")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    story, demo = Story(), None
    if os.geteuid() != 0:
        print("the demo needs root, as Postfix does", file=sys.stderr)
        return SKIP
    try:
        demo = Demo(options, story)
        demo.run()
    except KeyboardInterrupt:
        if options.stay and demo and not options.keep:
            demo.election.end()
            shutil.rmtree(demo.folder)
            print("\ndemo: ended, and its folder is removed")
            return 0
        return 130
    except (Trouble, TimeoutError, AssertionError) as e:
        print(f"\ndemo: {e}", file=sys.stderr)
        if demo:
            print(f"demo: everything is in {demo.folder}", file=sys.stderr)
        return 1
    finally:
        if demo:
            demo.election.end()
    if options.discard:
        shutil.rmtree(demo.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
