#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
relays - a send-out through a relay that wants TLS and a password, as most do: what works, and
what a person is told where it does not.
"""

import base64
import csv
import html.parser
import os
import sys
import time

import harness
import members as people

import small
from dovecot import Dovecot
from election import Election, check

MEMBERS = 40
USER, PASSWORD, WRONG = "vote@vote.test", "Kdo-4 % naïve", "hunter2 hunter2"


def set_up(state):
    """An election stands; its relay takes mail only after a password"""
    e = Election(state.programs, state.folder, people.roll(MEMBERS), 1, 1)
    state.election, state.sent = e, 0
    state.at_end(e.end)
    state.keeper = Dovecot(e.at("dovecot"), {USER: PASSWORD})
    state.at_end(state.keeper.stop)
    state.keeper.start()
    e.post.passwords(state.keeper)
    opens = int(time.time())
    e.prepare(lambda took: small.definition(opens, opens + 3600))
    e._secret("relay", PASSWORD + "\n")
    e._secret("relay-wrong", WRONG + "\n")


def settings(state, **changes):
    """mailer.conf with these keys of [relay]; a key that is None is left out."""
    e = state.election
    keys = {"host": "127.0.0.1", "port": e.post.submission, "tls": "starttls",
            "ca_file": e.post.ca, "user": USER, "password_file": e.at("secret", "relay"),
            "timeout": 5, "connections": 2, **changes}
    rest = e.mailer_settings()
    e.write("mailer/mailer.conf",
            "[relay]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items() if v is not None) +
            rest[rest.index("[sender]"):])


def sends(state, **changes):
    """Five letters more reach their members; the password stands in no word of it."""
    e = state.election
    settings(state, **changes)
    e.send("--limit", 5, expect=(0, 75))
    state.sent += 5
    e.post.settle()
    check(e.states()["states"]["accepted"] == state.sent, f"states: {e.states()}")
    check(len(e.read_letters()) == state.sent, "a letter that was accepted is not there")


def refused(state, *words, **changes):
    """Nothing is sent, nothing is lost, and the message says what to do."""
    e = state.election
    settings(state, **changes)
    said = e.send(expect=78).stderr.decode()
    for word in words + ("nothing was lost",):
        check(word in said, f"the message does not say {word!r}: {said}")
    states = e.states()["states"]
    check(states["accepted"] == state.sent and
          states["planned"] + states["refused"] == MEMBERS - state.sent, f"states: {states}")
    print("      " + said.strip().split("\n")[-1])


def implicit(state):
    """tls = implicit, user and password: letters arrive"""
    sends(state, tls="implicit", port=state.election.post.smtps)


def starttls(state):
    """tls = starttls, user and password: letters arrive"""
    sends(state)


def wrong_password(state):
    """A wrong password is told as one, and nothing is lost"""
    wrong = state.election.at("secret", "relay-wrong")
    refused(state, "535", "user and password_file", password_file=wrong)
    refused(state, "535", "user and password_file", password_file=wrong, tls="implicit",
            port=state.election.post.smtps)


def no_password(state):
    """A relay that wants a password denies a sender without one, who is told to see to that"""
    refused(state, "554 5.7.1", "a user and a password", user=None, password_file=None)
    # Two are too few to tell by.
    e = state.election
    e.send("--limit", 2)
    states = e.states()["states"]
    check(states["refused"] == 2 and states["accepted"] == state.sent, f"states: {states}")


def unknown_authority(state):
    """A certificate of an authority that nobody knows is refused, with TLS of either kind"""
    refused(state, "ca_file", ca_file=None)
    refused(state, "ca_file", ca_file=None, tls="implicit", port=state.election.post.smtps)


def wrong_name(state):
    """A certificate for another name is refused"""
    e = state.election
    e.post.certify("DNS:elsewhere.test")
    e.post.reload()
    time.sleep(0.5)
    refused(state, "set host to a name")
    refused(state, "set host to a name", tls="implicit", port=e.post.smtps)
    e.post.certify("DNS:localhost,IP:127.0.0.1")
    e.post.reload()
    time.sleep(0.5)


def wrong_port(state):
    """TLS of the wrong kind for the port is told as such"""
    refused(state, "set tls = starttls", tls="implicit")


def login_only(state):
    """A relay that knows only the older AUTH LOGIN takes letters, too"""
    e = state.election
    state.keeper.stop()
    state.keeper = Dovecot(e.at("dovecot"), {USER: PASSWORD}, "login")
    state.at_end(state.keeper.stop)
    state.keeper.start()
    sends(state)
    sends(state, tls="implicit", port=e.post.smtps)
    with open(e.post.log) as f:
        log = f.read()
    for mechanism in ("PLAIN", "LOGIN"):
        check(f"sasl_method={mechanism}" in log, f"nobody logged in by {mechanism}")


class Tags(html.parser.HTMLParser):
    """Complains of a page whose tags are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        check(self.open and self.open.pop() == tag, f"</{tag}> is out of place")


def status(e, *args, **more):
    return e.run("mailer", "status", "--home", e.at("mailer"), *args, **more).stdout.decode()


def who_was_reached(state):
    """status says whom the letters have reached: an alarm, a list, a page; none with a code in it"""
    e = state.election
    settings(state)
    states = e.states()
    denied = states["states"]["refused"]
    tried = denied + state.sent
    check(states["reached"]["delivered"] == state.sent and
          sum(n for k, n in states["reached"].items() if k.startswith("refused")) == denied > 0 and
          sum(states["reached"].values()) == MEMBERS, f"reached: {states['reached']}")
    said = status(e, "--alarm", 100, expect=1)
    check(said.startswith("VOTEPOST CRITICAL - ") and said.count("\n") == 1 and
          f"members.test {state.sent} of {tried}" in said, said)
    print("      " + said.strip())
    page, table = e.at("mailer", "status.html"), e.at("mailer", "unreached.csv")
    said += status(e) + status(e, "--by", "group") + status(e, "--json")
    status(e, "--html", page, "--unreached", table)
    with open(table, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    check(sorted(r["address"] for r in rows if r["list"] == "unreached") ==
          sorted(m.email for m in e.members if m.id in {r["id"] for r in rows}) and
          len(rows) == denied, f"{len(rows)} rows for {denied} who were denied")
    check(all(r["status"] == "5.7.1" and r["reason"] and r["words"] for r in rows), rows[0])
    with open(page, encoding="utf-8") as f:
        text = f.read()
    tags = Tags()
    tags.feed(text)
    check(not tags.open and "{{" not in text, f"the page ends inside {tags.open}")
    for m in e.members:
        for word in (m.id, m.email, m.name):
            check(word not in text + said, f"{word} stands in a table or on the page")
    with open(table, encoding="utf-8") as f:
        text += said + f.read()
    for m in e.read_letters():
        for word in (m.letter.token, m.letter.token[:29], m.letter.sender.split("+")[1][:13]):
            check(word.lower() not in text.lower(), "a code or a handle stands in what status says")
    check("http" not in text.replace("http-equiv", ""), "a link stands in what status says")


def everyone(state):
    """In the end everyone has one letter, those who were denied by mistake included"""
    e = state.election
    settings(state)
    e.send("--refused")
    e.post.settle()
    check(e.states()["states"]["accepted"] == MEMBERS, f"states: {e.states()}")
    check(status(e, "--alarm", 100) == f"VOTEPOST OK - 100.0 % of {MEMBERS} letters delivered, "
          "threshold 100 %\n", "all letters are there, and status says otherwise")
    for m in e.members:
        check(len(e.post.letters(m.email)) == 1, f"{m} has {len(e.post.letters(m.email))}")


def kept_secret(state):
    """The password stands in nothing that was written but its own files"""
    e = state.election
    own = {e.at("secret", "relay"), e.at("secret", "relay-wrong"), e.at("dovecot", "users")}
    needles = [w.encode() for w in (PASSWORD, WRONG)]
    needles += [base64.b64encode(n).rstrip(b"=") for n in needles]
    needles += [base64.b64encode(f"\0{USER}\0{w}".encode()).rstrip(b"=")
                for w in (PASSWORD, WRONG)]
    looked = 0
    for where, _, names in os.walk(e.folder):
        for path in (os.path.join(where, n) for n in names):
            if path in own or not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            looked += 1
            check(not any(n in data for n in needles), f"a password stands in {path}")
    check(looked > 50, f"only {looked} files were looked at")


if __name__ == "__main__":
    sys.exit(harness.main("a relay that wants TLS and a password", [
        set_up, implicit, starttls, wrong_password, no_password, unknown_authority, wrong_name,
        wrong_port, login_only, who_was_reached, everyone, kept_secret]))
