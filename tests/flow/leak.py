#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
leak - the worst that can happen in the middle of a vote, twice: an intruder copies everything
that both machines hold, and then a list of every member's token is published. The election lives
through it.
"""

import base64
import collections
import concurrent.futures
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
import time

import harness
import memory
import nolist
import postfix
import replies
import small
from election import check
from members import Letter, token_text
from web import Web

MEMBERS = 300
EARLY = 150     # have voted when it happens
STOLEN = 6      # of the leaked tokens are used by a thief before anybody knows
RACING = 5      # vote with their old token while it is being replaced
OPTIONS = "ABC"
OFFICERS = (2, 3)
MOVED = "somewhere.else@members.test"


def cells_of(choice):
    return "".join("1" if choice == c else "0" for c in OPTIONS + "0")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


# The members.

def by_link(e, m, choice, expect=201, token=None):
    """Post a ballot as the page would; what was answered."""
    line = e.line(m, cells_of(choice), token=token)
    status, said = e.web.post(line)
    check(status == expect, f"{m} was answered {status}, not {expect}: {said}")
    return said


def vote_all(e, members, choice_of):
    def one(m):
        m.choice = choice_of(m)
        m.receipt = by_link(e, m, m.choice)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, members))


def set_up(state):
    """An election of 300 stands, its key in the hands of three officers, any two of them"""
    small.set_up(state, MEMBERS, window=110, trustees=3, threshold=2,
                 channels="reply;sealed-reply;link", officers=OFFICERS, mailboxes=(MOVED,))
    e = state.election
    e.serve()
    check(len(small.send(state)) == MEMBERS, "not every member has a letter")


def half_have_voted(state):
    """Half of the members vote, by link and by sealed reply; a witness keeps a head"""
    e = state.election
    state.early, state.late = e.members[:EARLY], e.members[EARLY:]
    vote_all(e, state.early[:100], lambda m: OPTIONS[int(m.id[2:]) % 3])
    mails = []
    for m in state.early[100:]:
        m.choice = OPTIONS[int(m.id[2:]) % 3]
        mails += replies.sealed(m, m.letter, e.sealed_block(m, cells_of(m.choice)))
    e.post_all(mails)
    check(e.funnel()["ballots"] == EARLY, f"{e.funnel()['ballots']} ballots, not {EARLY}")
    state.witness = e.head()


# The intruder.

def everything_is_copied(state):
    """An intruder copies all that both machines hold, and one officer's share and passphrase"""
    e = state.election
    loot = e.at("loot")
    os.mkdir(loot, 0o700)
    shutil.copytree(e.at("receiver"), os.path.join(loot, "receiver"),
                    ignore=shutil.ignore_patterns("socket"))
    shutil.copytree(e.at("mailer"), os.path.join(loot, "mailer"))
    shutil.copytree(e.at("log"), os.path.join(loot, "log"))
    for path in (e.share_file(1), e.at("secret", "officer-1")):
        shutil.copy2(path, loot)
    for pid in memory.processes_of(e.server.pid):
        memory.dump(pid, os.path.join(loot, f"memory-{pid}"))
    state.loot = loot


def no_token_in_it(state):
    """In all of that there is no token, and none of the keys that make them"""
    e = state.election
    state.keys = e.token_keys()
    check(len(state.keys) == 1 and len(state.keys[0]) == 32, "the test could not open the key")
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, {m.id: m.letter.token for m in e.members})
    with open(needles, "a") as f:
        for form, data in (("raw", state.keys[0]), ("hex", state.keys[0].hex().encode()),
                           ("b64", b64(state.keys[0])[:40])):
            f.write(f"K/{form} {data.hex()}\n")
    found = nolist.search(state.programs.helper("flow-search"), needles,
                          list(nolist.files_under(state.loot)))
    check(not found, f"found: {sorted(set(found))[:5]}")
    control = e.write("secret/control", b"noise" * 9 + state.keys[0] + b"noise")
    with open(needles, "w") as f:
        f.write(f"K/raw {state.keys[0].hex()}\n")
    check(nolist.search(state.programs.helper("flow-search"), needles, [control]),
          "the search itself does not find the key where it is")
    os.unlink(control)


def candidates(folder):
    """Everything that could be a key of 32 bytes: base64 and hex in any file, and each place of
    the small ones."""
    found = set()
    for path in nolist.files_under(folder):
        with open(path, "rb") as f:
            data = f.read()
        for text in re.findall(rb"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", data):
            found.add(_decoded(text))
        for text in re.findall(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", data):
            found.add(bytes.fromhex(text.decode()))
        if len(data) <= 1 << 14:
            found.update(data[i:i + 32] for i in range(0, len(data) - 31))
    found.discard(None)
    return found


def _decoded(text):
    try:
        return base64.urlsafe_b64decode(text + b"=")
    except ValueError:
        return None


def attempt(state, keys, members):
    """What flow-attempt opens with these keys."""
    e = state.election
    done = subprocess.run(
        [state.programs.helper("flow-attempt"), e.at("receiver", "board.ndjson")] +
        [m.id for m in members], input="".join(k.hex() + "\n" for k in keys).encode(),
        capture_output=True, check=False)
    check(done.returncode in (0, 1), "flow-attempt: " + done.stderr.decode())
    return done.stdout.decode().splitlines()


def no_token_can_be_made(state):
    """No key found in it makes a token, opens a ballot or is a trustee's share"""
    tried = candidates(state.loot)
    check(len(tried) > 1000, f"only {len(tried)} candidates: the intruder did not look")
    opened = attempt(state, sorted(tried), state.late[:1])
    print(f"      ({len(tried)} candidates)")
    check(not opened, f"opened: {opened[:3]}")
    check(len(attempt(state, state.keys, state.late[:2])) == 2,
          "the attempt itself fails with the right key")


def one_officer_is_not_enough(state):
    """One officer's share and passphrase unlock nothing, on the copied home neither"""
    e = state.election
    home = os.path.join(state.loot, "mailer")
    one = ("--share", os.path.join(state.loot, "officer-1.share"), "--passphrase-file",
           os.path.join(state.loot, "officer-1"))
    for args in (("issue", "--home", home) + one, ("ledger", "--home", home) + one,
                 ("issue", "--home", home) + one + one):
        done = e.run("mailer", *args, expect=(1, 64, 65, 78))
        check(b"share" in done.stderr or b"officer" in done.stderr,
              "the message does not speak of shares: " + done.stderr.decode())


def no_ballot_can_be_added(state):
    """With the receiver's key stolen too, no ballot can be added that `verify` accepts"""
    e = state.election
    with open(os.path.join(state.loot, "receiver", "board.ndjson"), "rb") as f:
        board = f.read()
    someone = token_text(hashlib.sha256(b"a thief").digest()[:16])
    unused = state.late[0]
    ballot = e.line(unused, cells_of("A"), token=someone)
    taken = json.loads(ballot)
    first = json.loads(next(line for line in board.splitlines() if b'"type":"ballot"' in line))
    taken["credential"] = first["credential"]

    def canonical(line):
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False)
    forged = {
        "nothing": ("", None),
        "a ballot of a token that was never issued": (ballot, "ballot credential"),
        "a ballot under a credential that has voted": (canonical(taken), "ballot credential"),
        "a ballot that stands, again": (canonical(first), "ballot credential"),
    }
    for what, (line, name) in forged.items():
        folder = e.at("forged")
        os.mkdir(folder)
        with open(os.path.join(folder, "board.ndjson"), "wb") as f:
            f.write(board + (line.encode() + b"\n" if line else b""))
        subprocess.run([state.programs.helper("flow-forge"),
                        os.path.join(state.loot, "receiver", "receiver.key"), folder,
                        str(int(time.time()))], check=True)
        done = e.verify(folder, expect=(0, 1))
        answer = json.loads(done.stdout)
        shutil.rmtree(folder)
        if name is None:
            check(done.returncode == 0, f"the board as it is fails: {answer}")
        else:
            check(done.returncode == 1 and any(f["check"] == name for f in answer["failures"]),
                  f"{what}: {answer['failures']}")


# The leak.

def token_of(key, election_id, member, generation=1):
    """A token as protocol section 3 makes it."""
    data = (b"votepost/1 token" + election_id + generation.to_bytes(4, "little") +
            member.id.encode())
    return token_text(hmac.new(key, data, "sha512").digest()[:16])


def a_list_is_published(state):
    """A list of all tokens, made with the key itself, is published: each is the member's own"""
    e = state.election
    with open(e.at("mailer", "manifest.json"), "rb") as f:
        line = f.read().rstrip(b"\n")
    label = b"votepost/1 election"
    whole = b"".join(len(x).to_bytes(8, "little") + x for x in (label, line))
    election_id = hashlib.sha512(whole).digest()[:32]
    state.leaked = {m.id: token_of(state.keys[0], election_id, m) for m in e.members}
    for m in e.members:
        check(state.leaked[m.id] == m.letter.token, f"the list has another token for {m}")


def a_thief_votes(state):
    """Before anybody knows, a thief votes with some of them"""
    e = state.election
    state.robbed = state.late[:STOLEN]
    for m in state.robbed:
        by_link(e, m, "C", token=state.leaked[m.id])
        m.choice = "C"
    check(e.funnel()["ballots"] == EARLY + STOLEN, "the thief's ballots are not there")


def what_would_have_been_lost(state):
    """Without a rotation the thief takes every ballot that was not cast yet"""
    e = state.election
    copy = e.at("without")
    shutil.copytree(e.at("receiver"), copy, ignore=shutil.ignore_patterns("socket", "lock"))
    port = postfix.free_port()
    with open(os.path.join(copy, "receiver.conf"), encoding="utf-8") as f:
        text = f.read()
    text = text.replace(f":{e.http_port}", f":{port}").replace(
        f":{e.lmtp_port}", f":{postfix.free_port()}")
    with open(os.path.join(copy, "receiver.conf"), "w", encoding="utf-8") as f:
        f.write(text)
    log = open(e.at("log", "without.log"), "ab")
    server = subprocess.Popen(
        e.programs.command("receiver", "serve", "--box", copy, "--settings",
                           os.path.join(copy, "receiver.conf")),
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    log.close()
    web = Web(port)

    def steal(m):
        return web.post(e.line(m, cells_of("C"), token=state.leaked[m.id]))[0]
    try:
        postfix.wait_until("the copy's web server", lambda: _answers(web), 15)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(steal, state.late[STOLEN:]))
    finally:
        server.terminate()
        server.wait()
    shutil.rmtree(copy)
    lost = answers.count(201)
    print(f"      ({lost} members would have found that somebody had voted for them)")
    check(lost == MEMBERS - EARLY - STOLEN, f"{lost} of {len(answers)} were taken")


def _answers(web):
    try:
        return web.get("/")[0] == 200
    except OSError:
        return False


# What the bureau does.

def all_unused_are_replaced(state):
    """`rotate` replaces every unused token; votes go on, and one used meanwhile stays used"""
    e = state.election
    begun = time.monotonic()
    e.board_files()
    e.rotate()
    state.racing = state.late[STOLEN:STOLEN + RACING]
    vote_all(e, state.racing, lambda m: "A")
    done = e.apply(expect=1)
    answers = collections.Counter(
        line.split(" ", 1)[1] for line in done.stdout.decode().splitlines())
    check(answers == {"written": MEMBERS - EARLY - STOLEN - RACING, "used": RACING},
          f"apply answered {dict(answers)}")
    again = e.apply(expect=1).stdout.decode()
    check(again.count("seen already") == MEMBERS - EARLY - STOLEN - RACING, "applied twice: "
          + again[:200])
    e.board_files()
    e.send(*e.board_options())
    took = time.monotonic() - begun
    e.post.settle()
    print(f"      ({took:.1f} s from the alarm to the last new letter)")
    check(took < 60, f"it took {took:.0f} s")


def only_they_are_mailed(state):
    """Only those whose token was replaced have a new letter, with another token, and told why"""
    e = state.election
    state.renewed = state.late[STOLEN + RACING:]
    for m in e.members:
        letters = [x for x in map(Letter, e.post.letters(m.email)) if x.token]
        tokens = {x.token for x in letters}
        if m in state.renewed:
            check(len(letters) == 2 and len(tokens) == 2, f"{m} has {len(letters)} letters")
            m.old, m.letter = m.letter, next(x for x in letters if x.token != m.letter.token)
            check(m.letter.token not in state.leaked.values(), "a new token is a leaked one")
        else:
            check(len(letters) == 1, f"{m}, who voted, has {len(letters)} letters")


def leaked_tokens_open_nothing(state):
    """The leaked tokens are refused by link, by reply and by sealed reply, and their owners told"""
    e = state.election
    before = e.funnel()
    mails = []
    for m in state.renewed[:9]:
        said = by_link(e, m, "C", expect=410, token=state.leaked[m.id])
        check("replaced" in json.dumps(said), f"the page is told {said}")
    for m in state.renewed[9:12]:
        mails += replies.one_line(m, m.old, "C")
    for m in state.renewed[12:15]:
        mails += replies.sealed(m, m.old, e.sealed_block(m, cells_of("C"), token=m.old.token))
    e.post_all(mails)
    after = e.funnel()
    check(after["ballots"] == before["ballots"], "a leaked token has voted")
    check(after["verdicts"]["replaced"] - before["verdicts"]["replaced"] == 15,
          f"verdicts {after['verdicts']}")
    for m in state.renewed[9:15]:
        told = [x for x in e.answers(m) if x.mail["Auto-Submitted"] == "auto-replied"]
        check(told and all(x.token is None for x in told), f"{m} was not told, or told a token")


def the_owners_vote(state):
    """Their owners vote with the new ones, by link, by reply and by sealed reply"""
    e = state.election
    mails = []
    for m in state.renewed[:-20]:
        m.choice = OPTIONS[int(m.id[2:]) % 2]
    vote_all(e, state.renewed[:-60], lambda m: m.choice)
    for m in state.renewed[-60:-40]:
        mails += replies.one_line(m, m.letter, m.choice)
    for m in state.renewed[-40:-20]:
        mails += replies.sealed(m, m.letter, e.sealed_block(m, cells_of(m.choice)))
    e.post_all(mails)
    state.voters = [m for m in e.members if m not in state.renewed[-20:]]
    check(e.funnel()["ballots"] == len(state.voters), f"{e.funnel()['ballots']} ballots")


def who_was_robbed_hears_of_it(state):
    """`notify` tells each for whom a ballot stands, once, and what the bureau can do"""
    e = state.election
    e.board_files()
    e.notify()
    e.notify()
    e.post.settle()
    for m in e.members:
        notices = [x for x in map(Letter, e.post.letters(m.email))
                   if x.sender.startswith("bounce+") and not x.tokens]
        want = m in state.voters
        check(len(notices) == want, f"{m} has {len(notices)} notices, voted: {want}")
        for x in notices:
            check("help@vote.test" in x.text, "the notice does not say whom to tell")
            check(not any(word in x.text for word in ("Ambre", "Amber", "Bouleau", "Cèdre")),
                  "the notice names a choice")
    for m in state.robbed:
        by_link(e, m, "A", expect=409)


def a_member_moves(state):
    """A member's new address: the old one is told, the new one has the new token"""
    e = state.election
    m = state.renewed[-1]
    before = len(e.post.letters(m.email))
    e.reissue(m, "--email", MOVED, "--reason", "address")
    e.apply(expect=0)
    e.board_files()
    e.send(*e.board_options())
    e.post.settle()
    told = [Letter(x) for x in e.post.letters(m.email)[before:]]
    check(len(told) == 1 and not told[0].tokens and MOVED not in told[0].text,
          f"the old address has {len(told)} mails more")
    letter = Letter(e.post.letters(MOVED)[0])
    check(letter.token and letter.token != m.letter.token, "no new token at the new address")
    m.old, m.letter = m.letter, letter
    by_link(e, m, "B", expect=410, token=m.old.token)
    m.choice = "B"
    by_link(e, m, "B")
    state.voters.append(m)


def the_election_closes(state):
    """It closes on time, is counted, and every ballot is as its voter meant it, or the thief"""
    e = state.election
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2, 400)
    e.close()
    check(e.stop_serving() == 0, "serve did not end well")
    e.record()
    # A witness's heads, and those that the mailer went by: all are of this very board.
    with open(e.at("record", "heads.ndjson"), "wb") as out:
        for kept in (e.at("public", "heads.ndjson"), e.at("mailer", "heads.ndjson")):
            with open(kept, "rb") as f:
                out.write(f.read())
    e.share(1)
    e.share(3)
    counts = e.tally()
    meant = collections.Counter(m.choice for m in state.voters)
    check(counts == [[meant[c] for c in OPTIONS] + [0]], f"{counts}, not {meant}")
    e.verify()


def what_stood_before(state):
    """The ballots from before the leak stand under the witness's head; a false head is named"""
    e = state.election
    with open(e.at("record", "board.ndjson"), encoding="utf-8") as f:
        ballots = [i for i, line in enumerate(f) if line.startswith('{"type":"ballot"')]
    before = [i for i in ballots if i < state.witness["size"]]
    check(len(before) == EARLY, f"{len(before)} ballots under the witness's head, not {EARLY}")
    with open(e.at("record", "board.ndjson"), "rb") as f:
        lines = f.read().splitlines(keepends=True)[:-9]
    check(with_head(state, lines) == 0, "a head of this very board is refused")
    # What a thief of the receiver's key would have shown the mailer: a ballot that is none.
    made_up = e.line(state.late[0], cells_of("C"),
                     token=token_text(hashlib.sha256(b"a thief").digest()[:16]))
    check(with_head(state, lines[:-1] + [made_up.encode() + b"\n"]) == 1,
          "a head of another board is accepted beside the record")


def with_head(state, lines):
    """What `verify` says of the record beside a head that the receiver's key signs over these."""
    e = state.election
    other, record = e.at("board-other"), e.at("record-other")
    os.mkdir(other)
    with open(os.path.join(other, "board.ndjson"), "wb") as f:
        f.write(b"".join(lines))
    subprocess.run([state.programs.helper("flow-forge"), e.at("receiver", "receiver.key"), other,
                    str(int(time.time()))], check=True)
    shutil.copytree(e.at("record"), record)
    with open(os.path.join(other, "head.json"), "rb") as f, \
            open(os.path.join(record, "heads.ndjson"), "ab") as out:
        out.write(f.read())
    status = e.verify(record, expect=(0, 1)).returncode
    shutil.rmtree(other)
    shutil.rmtree(record)
    return status


def who_has_voted(state):
    """`attendance` names exactly those for whom a ballot stands"""
    e = state.election
    e.board_files(closed=True)
    listed = e.attendance()
    voted = {row["id"] for row in listed if row["voted"] == "yes"}
    check(len(listed) == MEMBERS, f"{len(listed)} lines")
    check(voted == {m.id for m in state.voters}, "the list is not who has voted: "
          f"{sorted(voted ^ {m.id for m in state.voters})[:5]}")


def every_sum_holds(state):
    """Everything reconciles, and the minutes tell the whole story"""
    e = state.election
    text = e.reconcile().stdout.decode()
    check("reconciled" in text and "rotation" in text, text)
    folder = e.minutes()
    with open(os.path.join(folder, "minutes.txt"), encoding="utf-8") as f:
        told = f.read()
    for word in (str(len(state.renewed)), e.fingerprint):
        check(word in told, f"the minutes do not say {word}")
    for path in nolist.files_under(folder):
        with open(path, "rb") as f:
            data = f.read()
        for m in e.members:
            check(m.email.encode() not in data and m.name.encode() not in data,
                  f"{path} names a member")


def the_key_is_destroyed(state):
    """`forget` destroys the key: what needs it says so, the ledger shows it"""
    e = state.election
    e.forget()
    done = e.issue(expect=(1, 65, 78))
    check(b"destroyed" in done.stderr, done.stderr.decode())
    with open(e.ledger(), encoding="utf-8") as f:
        check('"event":"forget"' in f.read(), "the ledger does not tell of it")


def no_list_at_the_end(state):
    """Old tokens and new ones stand in their members' mailboxes, and nowhere else"""
    e = state.election
    shutil.rmtree(state.loot)
    needles = e.at("secret", "needles")
    tokens = {m.id: m.letter.token for m in e.members}
    tokens.update({"old-" + m.id: m.old.token for m in state.renewed})
    nolist.write_needles(needles, tokens)
    paths = list(nolist.files_under(e.folder)) + nolist.elsewhere()
    found = nolist.search(state.programs.helper("flow-search"), needles, paths)
    for path, label, form in found:
        check(path.startswith(e.post.mail + "/"), f"{path} holds the token of {label} ({form})")
    check(len({label for _, label, _ in found}) == len(tokens), "the search itself does not work")


if __name__ == "__main__":
    sys.exit(harness.main("the leak that does not annul the vote", [
        set_up, half_have_voted, everything_is_copied, no_token_in_it, no_token_can_be_made,
        one_officer_is_not_enough, no_ballot_can_be_added, a_list_is_published, a_thief_votes,
        what_would_have_been_lost, all_unused_are_replaced, only_they_are_mailed,
        leaked_tokens_open_nothing, the_owners_vote, who_was_robbed_hears_of_it, a_member_moves,
        the_election_closes, what_stood_before, who_has_voted, every_sum_holds,
        the_key_is_destroyed, no_list_at_the_end]))
