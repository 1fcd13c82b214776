#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
preflight - what a new administrator is told before anything is sent: once all is well, and then one
thing at a time is not. The page names exactly that, and what to do about it.

The DNS is a server of the tests' own; relay, mailbox, signatures and receiver are the real ones.
"""

import json
import os
import sys
import time

import harness
import members as people
import postfix

import small
from election import Election, check
from homeland import Homeland, Part
from names import Names

USER, DOMAIN, SELECTOR = "admin@members.test", "vote.test", "s1"
SPF, DMARC = "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=reject"


def zone(state):
    """All in order."""
    return {
        DOMAIN: {"TXT": ["another=thing", SPF], "MX": [[10, "mx." + DOMAIN]]},
        "mx." + DOMAIN: {"A": ["192.0.2.1"]},
        "_dmarc." + DOMAIN: {"TXT": [DMARC]},
        f"{SELECTOR}._domainkey.{DOMAIN}": {"TXT": [state.home.key.record]},
        "members.test": {"MX": [[10, "mx." + DOMAIN]]},
        "other.test": {"TXT": ["v=spf1 -all"], "MX": [[10, "mx." + DOMAIN]]},
    }


def set_up(state):
    """An election stands open; its administrator has a mailbox at a strict server"""
    e = Election(state.programs, state.folder, people.roll(20), 1, 1)
    state.election = e
    state.at_end(e.end)
    state.home = home = Homeland(e.at("home"), USER, DOMAIN, SELECTOR)
    state.at_end(home.stop)
    state.names = Names(zone(state)).start()
    state.at_end(state.names.stop)
    home.sign_for(e.post)
    home.post.replies_by_lmtp("vote@vote.test", e.lmtp_port)
    home.start()
    e.post.route(USER, f"smtp:[127.0.0.1]:{home.post.smtp}")
    opens = int(time.time())
    e.prepare(lambda took: small.definition(opens, opens + 3600, port=f":{e.http_port}"))
    e.serve()
    e._secret("home", "home sweet home\n")


def settings(state, relay=None, bounce="bounce@vote.test", reply=True):
    e, home = state.election, state.home
    text = e.mailer_settings().replace("bounce = bounce@vote.test", f"bounce = {bounce}")
    for key, value in (relay or {}).items():
        old = next(line for line in text.split("\n") if line.startswith(key + " ="))
        text = text.replace(old, f"{key} = {value}", 1)
    e.write("mailer/mailer.conf", text + f"""
[preflight]
resolver = {state.names.resolver}
dkim_selector = {SELECTOR}
imap_host = 127.0.0.1
imap_port = {home.imap_port}
imap_tls = none
submit_host = {"localhost" if reply else ""}
submit_port = {home.post.submission}
ca_file = {home.post.ca}
password_file = {e.at("secret", "home")}
wait = 20
""")


def look(state, *more, expect=0, **changes):
    """The findings that are not well, {key: finding}; all of them are in state.page."""
    e = state.election
    settings(state, **changes)
    unlock = e.unlock() if "--to" in more else ()
    done = e.run("mailer", "preflight", "--home", e.at("mailer"), "--json", *more, *unlock,
                 expect=(0, 1, 75))
    state.page = json.loads(done.stdout)["findings"]
    bad = [f for f in state.page if f["level"] not in ("ok", "note")]
    check(done.returncode == expect, f"status {done.returncode}, not {expect}: {bad}")
    for f in bad:
        check(f["means"] and f["remedy"], f"nothing to do about {f}")
    return {f["key"]: f for f in bad}


def only(state, key, level, *words, remedy=(), expect=1, more=(), **changes):
    """Exactly this one thing is wrong, in these words."""
    bad = look(state, *more, expect=expect, **changes)
    check(list(bad) == [key], f"{key} alone is wrong, and the page says {bad}")
    f = bad[key]
    check(f["level"] == level, f"{f}")
    for word in words:
        check(word in f["found"] + " " + f["means"], f"not said: {word!r} in {f}")
    for word in remedy:
        check(word in f["remedy"], f"not advised: {word!r} in {f}")
    print(f"      {f['what']}: {f['means']}\n      → {f['remedy']}")


def broken(state, name, entry):
    """The zone with one name changed; None: there is none."""
    state.names.zone = zone(state)
    if entry is None:
        del state.names.zone[name]
    else:
        state.names.zone[name] = entry


def all_well(state):
    """All is well: a letter goes, is signed and judged well; a reply reaches the receiver and back"""
    bad = look(state, "--to", USER)
    check(not bad, f"something is wrong: {bad}")
    said = {f["key"]: f["found"] for f in state.page}
    for key, word in (("spf", "spf=pass"), ("dkim", "dkim=pass"), ("dmarc", "dmarc=pass"),
                      ("arrival", "into INBOX"), ("reply", "answer came"),
                      ("signature", f"s={SELECTOR}"), ("server", "mx.home.test"),
                      ("way", "ESMTPS")):
        check(word in said.get(key, ""), f"{key} does not say {word!r}: {said.get(key)}")
    letters = state.home.post.letters(USER)
    folder = os.path.join(state.home.post.maildir(USER), "cur")
    letters += [open(os.path.join(folder, n), "rb").read() for n in os.listdir(folder)]
    state.letter = next(m for m in letters if b"\nMessage-ID: <preflight-" in
                        m.replace(b"\r", b""))
    token = people.Letter(state.letter).token
    check(token, "the test letter does not look like a member's")
    funnel = state.election.funnel()["verdicts"]
    check(funnel["unknown token"] == 1 and not funnel["counted"],
          f"the reply is no vote, and was judged: {funnel}")
    for line in (json.dumps(f) for f in state.page):
        check(token not in line and token[:24] not in line, "the page shows a token")


def no_key_needed(state):
    """Without --to no key is unlocked; nothing is written"""
    e = state.election
    before = open(e.at("mailer", "journal.ndjson"), "rb").read()
    check(not look(state), "something is wrong")
    check(open(e.at("mailer", "journal.ndjson"), "rb").read() == before, "the journal grew")


def no_spf(state):
    """No SPF record"""
    broken(state, DOMAIN, {"TXT": ["another=thing"], "MX": [[10, "mx." + DOMAIN]]})
    only(state, "spf", "stop", "refuse such mail", remedy=("TXT record", DOMAIN))


def two_spf(state):
    """Two SPF records"""
    broken(state, DOMAIN, {"TXT": [SPF, "v=spf1 mx ~all"], "MX": [[10, "mx." + DOMAIN]]})
    only(state, "spf", "stop", "2 records", remedy=("made one",))


def long_spf(state):
    """An SPF record that takes eleven lookups"""
    many = " ".join(f"include:i{i}.test" for i in range(11))
    broken(state, DOMAIN, {"TXT": [f"v=spf1 {many} -all"], "MX": [[10, "mx." + DOMAIN]]})
    for i in range(11):
        state.names.zone[f"i{i}.test"] = {"TXT": ["v=spf1 ip4:198.51.100.1 -all"]}
    only(state, "spf", "warning", "11 of 10 lookups", remedy=("taken out",), expect=0)


def no_key(state):
    """No DKIM key"""
    broken(state, f"{SELECTOR}._domainkey.{DOMAIN}", None)
    only(state, "dkim", "stop", f"{SELECTOR}._domainkey.{DOMAIN}", remedy=("TXT record",))


def silent_dns(state):
    """A DNS that fails is not a record that is missing"""
    broken(state, f"{SELECTOR}._domainkey.{DOMAIN}", "servfail")
    only(state, "dkim", "unseen", "SERVFAIL", remedy=("again",), expect=75)


def no_policy(state):
    """No DMARC"""
    broken(state, "_dmarc." + DOMAIN, None)
    only(state, "dmarc", "warning", "5,000", remedy=("v=DMARC1; p=none",), expect=0)


def unaligned(state):
    """DMARC p=reject, bounces at another domain, and no key known"""
    broken(state, DOMAIN, zone(state)[DOMAIN])
    settings(state, bounce="bounce@other.test")
    path = state.election.at("mailer", "mailer.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read().replace(f"dkim_selector = {SELECTOR}\n", "")
    other = state.election.write("other.conf", text)
    only(state, "alignment", "stop", "has such letters refused",
         remedy=("[sender] bounce", f"d={DOMAIN}"), more=("--settings", other))


def no_mx(state):
    """Replies find no server"""
    broken(state, DOMAIN, {"TXT": [SPF]})
    only(state, "mx", "stop", "No vote by mail would arrive", remedy=("MX record",))


def no_members(state):
    """The members' domain is not there"""
    broken(state, "members.test", None)
    only(state, "no-mail", "warning", "20 members at members.test: no such domain",
         remedy=("reissue --email",), expect=0)


def no_tls(state):
    """A relay without TLS"""
    broken(state, DOMAIN, zone(state)[DOMAIN])
    port = postfix.free_port()
    sink = Part(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "10"], port)
    state.at_end(sink.stop)
    only(state, "relay", "stop", "It offers no TLS", remedy=("tls = implicit",),
         relay={"port": port})


def nobody_there(state):
    """No relay at all is not the same as one that refuses"""
    only(state, "relay", "unseen", "Nothing answers", remedy=("host and port",), expect=75,
         relay={"port": postfix.free_port()})


def unknown_authority(state):
    """A certificate of an authority that nobody knows"""
    only(state, "relay", "stop", "authority", remedy=("ca_file",),
         relay={"ca_file": state.home.post.ca})


def wrong_name(state):
    """A certificate for another name"""
    only(state, "relay", "stop", "another name", remedy=("[relay] host",),
         relay={"port": state.home.post.submission, "ca_file": state.home.post.ca})


def junk(state):
    """A letter that is taken for junk"""
    state.home.junk(True)
    state.home.post.reload()
    time.sleep(0.3)
    bad = look(state, "--to", USER, expect=1)
    check({k: f["level"] for k, f in bad.items()} == {"arrival": "stop", "reply": "warning"},
          f"in junk, and the page says {bad}")
    check("into Junk" in bad["arrival"]["found"] and
          "address books" in bad["arrival"]["remedy"], f"{bad['arrival']}")
    state.home.junk(False)


def failed_checks(state):
    """A server that finds SPF and DMARC wanting"""
    home = state.home
    home.find("spf=fail (not allowed)", "dmarc=fail")
    home.post.reload()
    time.sleep(0.3)
    bad = look(state, "--to", USER, expect=1, reply=False)
    check({k: f["level"] for k, f in bad.items()} == {"spf": "stop", "dmarc": "stop"},
          f"SPF and DMARC fail, and the page says {bad}")
    check("does not let the machine send" in bad["spf"]["means"] and
          "provider tells" in bad["spf"]["remedy"], f"{bad['spf']}")
    home.find("spf=pass", "dmarc=pass")
    home.post.reload()


def unsigned(state):
    """A saved letter whose body was changed, read by --received: the signature fails"""
    e, home = state.election, state.home
    raw = state.letter.replace(b"\n", b"\r\n") if b"\r\n" not in state.letter else state.letter
    path = e.write("letter.eml", raw)
    check(not look(state, "--received", path), "a letter that came well is told as bad")
    head, _, body = raw.partition(b"\r\n\r\n")
    at = head.index(b"DKIM-Signature:")
    client = home.post.client()
    client.starttls()
    client.sendmail("bounce@vote.test", [USER],
                    head[at:] + b"\r\nX-Changed: yes\r\n\r\n" + body + b"One line more.\r\n")
    client.quit()
    home.post.settle()
    changed = next(m for m in home.post.letters(USER) if b"X-Changed" in m)
    only(state, "dkim", "stop", "no signature that holds", remedy=("behind it change",),
         more=("--received", e.write("changed.eml", changed)))


def receiver_gone(state):
    """A receiver that does not serve"""
    state.election.stop_serving()
    e = state.election
    settings(state)
    path = e.at("mailer", "mailer.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read().replace("wait = 20", "wait = 2")
    other = e.write("short.conf", text)
    only(state, "reply", "stop", "No answer within 2 s", remedy=("operator",),
         more=("--to", USER, "--settings", other))


def in_the_clear(state):
    """A relay that sends on without TLS"""
    post = state.election.post
    post.settings = post.settings.replace("level = may", "level = none")
    post.reload()
    time.sleep(0.3)
    only(state, "way", "warning", "without TLS", remedy=("with TLS",), expect=0, reply=False,
         more=("--to", USER))


if __name__ == "__main__":
    sys.exit(harness.main("what a new administrator is told", [
        set_up, all_well, no_key_needed, no_spf, two_spf, long_spf, no_key, silent_dns, no_policy,
        unaligned, no_mx, no_members, no_tls, nobody_there, unknown_authority, wrong_name, junk, failed_checks,
        unsigned, receiver_gone, in_the_clear]))
