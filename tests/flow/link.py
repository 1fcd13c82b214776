#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
link - an election of 300 members, half of whom vote by the link and half by mail: what is posted
is counted once, whatever happens on the way, and no token ever reaches the receiver's web server.
"""

import concurrent.futures
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import harness
import nolist
import postfix
import replies
import small
from election import check
from web import Nginx, Web

MEMBERS = 300
BY_LINK = 150
RACE = 64
OPTIONS = "ABC"


def cells_of(choice):
    return "".join("1" if choice == c else "0" for c in OPTIONS + "0")


def choice_of(member, number):
    return OPTIONS[number * 7 % 3]


def set_up(state):
    """An election of 300 stands, with all three channels, and its letters are out"""
    small.set_up(state, MEMBERS, window=110, trustees=3, threshold=2,
                 channels="reply;sealed-reply;link")
    e = state.election
    e.serve()
    check(len(small.send(state)) == MEMBERS, "not every member has a letter")
    for i, m in enumerate(e.members):
        m.choice = choice_of(m, i)
    state.linked, state.mailed = e.members[:BY_LINK], e.members[BY_LINK:]
    state.receipts = {}


def scanner(state):
    """A scanner that follows every letter's link casts nothing and changes nothing"""
    e = state.election
    before = e.funnel()
    for m in state.linked[:20]:
        beginning = m.letter.token.replace("-", "")[:24]
        for target in ("/", "/%23" + beginning, "/%2523" + m.letter.token[:29], "/#" + beginning,
                       "/" + beginning, "/?" + beginning):
            for method in ("GET", "HEAD"):
                status, _, _ = e.web.ask(method, target)
                check(status in (200, 404), f"{method} of a link answered {status}")
        status, _, _ = e.web.ask("POST", "/", "token=" + beginning)
        check(status == 405, f"a form posted to the page answered {status}")
    check(e.funnel() == before, "a scanner changed the ballot box")


def vote_by_link(state):
    """150 members vote by the link, on 16 connections at once: each has a receipt that holds"""
    e = state.election

    def one(m):
        m.line = e.line(m, cells_of(m.choice))
        status, receipt = e.web.post(m.line)
        check(status == 201, f"{m} was answered {status}: {receipt}")
        state.receipts[m.id] = receipt
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(one, state.linked[3:]))
    for m in state.linked[3:20]:
        status, again = e.web.post(m.line)
        check(status == 200 and again["tracker"] == state.receipts[m.id]["tracker"] and
              again["index"] == state.receipts[m.id]["index"], f"again: {status}, {again}")


def race(state):
    """Two ballots of one token on 64 connections at once: one 201, and the others are told"""
    e = state.election
    m = state.linked[0]
    lines = [e.line(m, cells_of(c)) for c in OPTIONS]
    with concurrent.futures.ThreadPoolExecutor(RACE) as pool:
        answers = list(pool.map(lambda i: e.web.post(lines[i % 3]), range(RACE)))
    made = [i for i, (status, _) in enumerate(answers) if status == 201]
    check(len(made) == 1, f"{len(made)} were made")
    first = answers[made[0]][1]["tracker"]
    m.choice = OPTIONS[made[0] % 3]
    m.line = lines[made[0] % 3]
    state.receipts[m.id] = answers[made[0]][1]
    for i, (status, said) in enumerate(answers):
        same = i % 3 == made[0] % 3
        check(i == made[0] or status == (200 if same else 409), f"one was answered {status}")
        check(said["tracker"] == first, "another tracker was told")


def lost_answer(state):
    """Killed between the commit and the answer: the same ballot again gets its receipt"""
    e = state.election
    m = state.linked[1]
    m.line = e.line(m, cells_of(m.choice))
    before = e.funnel()["ballots"]
    body = m.line.encode()
    with socket.create_connection(("127.0.0.1", e.http_port)) as s:
        s.sendall(b"POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        postfix.wait_until("the ballot on the board", lambda: e.funnel()["ballots"] > before, 20)
        e.stop_serving(signal.SIGKILL)
    e.serve()
    status, receipt = e.web.post(m.line)
    check(status == 200, f"the retry was answered {status}: {receipt}")
    state.receipts[m.id] = receipt


def serve_as(e, settings):
    """Serve anew, with other settings for the web."""
    text = e.receiver_settings()
    old = f"[http]\nlisten = inet:127.0.0.1:{e.http_port}\n"
    check(old in text, "the settings have changed")
    check(e.stop_serving() == 0, "serve did not end well")
    e.write("receiver/receiver.conf", text.replace(old, "[http]\n" + settings))
    e.serve()


def serve_as_before(e):
    serve_as(e, f"listen = inet:127.0.0.1:{e.http_port}\n")


def behind_a_proxy(state):
    """The nginx of config/ passes a vote and the page on, and writes down nothing of them"""
    e = state.election
    m = state.linked[2]
    where = f"unix:{e.at('proxy')}/http.sock"
    proxy = Nginx(e.at("proxy"), where, e.post.ca, os.path.join(e.post.folder, "tls", "key.pem"))
    serve_as(e, f"listen = {where}\nforwarded = yes\n")
    state.at_end(proxy.stop)
    proxy.start()
    through = Web(proxy.port, e.post.ca)
    m.line = e.line(m, cells_of(m.choice))
    status, state.receipts[m.id] = through.post(m.line)
    check(status == 201, f"{status}: {state.receipts[m.id]}")
    status, headers, _ = through.get("/%23" + m.letter.token.replace("-", "")[:24])
    check(status == 200 and "default-src 'none'" in headers["Content-Security-Policy"],
          f"the page was answered {status}")
    status, _, board = through.get("/board?from=0")
    check(status == 200 and m.line in board.decode(), "the board does not come through")
    e.stop_serving()
    check(through.get("/head")[0] == 502, "a proxy without a receiver")
    e.serve()
    check(through.post(m.line)[0] == 200, "the same again, after a restart")
    serve_as_before(e)
    proxy.stop()
    for path in nolist.files_under(proxy.folder):
        if path != proxy.settings:
            with open(path, "rb") as f:
                check(b"GET" not in f.read(), f"{path} tells of a request")


def tls_by_itself(state):
    """With a certificate the receiver speaks TLS itself, and nothing else on that port"""
    e = state.election
    key = e.at("secret", "web-key.pem")
    shutil.copy(os.path.join(e.post.folder, "tls", "key.pem"), key)
    os.chmod(key, 0o600)
    serve_as(e, f"listen = inet:127.0.0.1:{e.http_port}\ncertificate = {e.post.ca}\n"
             f"key = {key}\n")
    status, receipt = Web(e.http_port, e.post.ca).post(state.linked[2].line)
    check(status == 200 and receipt["tracker"] == state.receipts[state.linked[2].id]["tracker"],
          f"{status}: {receipt}")
    try:
        status = e.web.get("/")[0]
    except (OSError, http.client.HTTPException):
        status = 0
    check(status == 0, f"without TLS the page was answered {status}")
    serve_as_before(e)


def vote_by_mail(state):
    """150 members answer the letter by mail; the two ways do not get in each other's"""
    e = state.election
    mails = [mail for m in state.mailed for mail in replies.one_line(m, m.letter, m.choice)]
    e.post_all(mails)
    check(time.time() < e.closes, "this machine took longer than the vote was open")
    counted = e.funnel()
    check(counted["channels"] == {"reply": MEMBERS - BY_LINK, "sealed-reply": 0,
                                  "link": BY_LINK}, f"{counted}")
    status, said = e.web.post(e.line(state.mailed[0], cells_of("A")))
    check(status == 409, f"a token that voted by mail voted again by link: {status} {said}")


def what_anyone_sees(state):
    """Head, board, proofs, receipts and turnout agree with each other"""
    e = state.election
    head = e.web.json("/head")
    status, headers, board = e.web.get("/board?from=0")
    lines = board.decode().splitlines()
    check(status == 200 and len(lines) >= head["size"] and
          headers["Votepost-Lines"] == f"0-{len(lines)}", "the board is not what the head says")
    turnout = e.web.json("/turnout")
    check(turnout["ballots"] == MEMBERS and sum(n for _, n in turnout["hours"]) == MEMBERS,
          f"{turnout}")
    for m in state.linked[:5]:
        receipt = state.receipts[m.id]
        check(lines[receipt["index"]] == m.line, "the board has another line than was posted")
        there = e.web.json("/tracker/" + receipt["tracker"].lower())
        check(there["credential"] == receipt["credential"], "a tracker leads elsewhere")
        proof = e.web.json(f"/proof/inclusion?index={receipt['index']}&size={head['size']}")
        check(len(proof["proof"]) > 5, "a proof is too short")
    e.write("public/heads.ndjson", json.dumps(head, separators=(",", ":")) + "\n")


def told_by_the_mailer(state):
    """The mailer fetches the board from the page; everyone with a ballot has one notice"""
    e = state.election
    for _ in range(2):
        e.mail("notify", "--fetch")
    e.post.settle()
    for m in (e.members[0], e.members[-1]):
        notices = [raw for raw in e.post.letters(m.email) if b"Message-ID: <notice." in raw]
        check(len(notices) == 1, f"{m} has {len(notices)} notices")
        check(m.letter.token.encode() not in notices[0], "a notice holds a token")


def list_of_attendance(state):
    e = state.election
    rows = e.mail("attendance", "--fetch").stdout.decode().splitlines()
    check(rows[0] == "id,name,group,weight,voted,hour", rows[0])
    check([row.split(",")[0] for row in rows[1:]] == [m.id for m in e.members], "not the roll")
    check(all(",yes,20" in row for row in rows[1:]), "somebody has not voted")


def end(state):
    """The election closes; it is counted, every receipt holds, and the record is served"""
    e = state.election
    postfix.wait_until("the closing time", lambda: time.time() > e.closes + 0.2,
                       max(0, e.closes - time.time()) + 20)
    m = state.linked[3]
    status, said = e.web.post(e.line(m, cells_of("A")))
    check(status == 409, f"{status}: {said}")
    e.close()
    check(e.web.json("/turnout")["closed"], "the turnout does not say that it is over")
    list_of_attendance(state)
    e.record()
    for j in (1, 3):
        e.share(j)
    counts = e.tally()
    meant = [sum(m.choice == c for m in e.members) for c in OPTIONS]
    check(counts == [meant + [0]], f"counted {counts}, meant {meant}")
    e.verify()
    e.reconcile()
    for name in ("board.ndjson", "head.json", "share-1.json", "result.json"):
        status, _, body = e.web.get("/record/" + name)
        with open(e.at("record", name), "rb") as f:
            check(status == 200 and body == f.read(), f"/record/{name} is not the record's")
    check(e.web.get("/record/funnel.json")[0] == 404, "more than the record is served")
    for m in state.linked:
        path = e.write(f"receipts/{m.id}.json",
                       json.dumps(state.receipts[m.id], separators=(",", ":")) + "\n")
        e.run("scrutineer", "receipt", path, e.at("record"))
    check(e.stop_serving() == 0, "serve did not end well")


def strangers_word(state):
    """A program that shares no code with ours comes to the same result"""
    e = state.election
    stranger = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stranger.py")
    done = subprocess.run([sys.executable, "-B", stranger, e.at("record")], text=True,
                          capture_output=True, check=False)
    check(done.returncode == 0, f"the stranger says: {done.stdout or done.stderr}")


def no_list(state):
    """No token stands anywhere but in its member's mailbox: no log, no file, no memory left"""
    e = state.election
    e.post.settle()
    needles = e.at("secret", "needles")
    nolist.write_needles(needles, {m.id: m.letter.token for m in e.members})
    paths = list(nolist.files_under(e.folder)) + nolist.elsewhere()
    found = nolist.search(state.programs.helper("flow-search"), needles, paths)
    by_id = {m.id: m for m in e.members}
    for path, label, form in found:
        check(path.startswith(e.post.maildir(by_id[label].email) + "/"),
              f"{path} holds the token of {label} ({form})")
    check(len({label for _, label, _ in found}) == MEMBERS, "the search does not work")


def no_addresses(state):
    """What the receiver has logged names no source, no path and no browser"""
    with open(state.election.at("log", "serve.log"), encoding="utf-8") as f:
        words = f.read().replace(f"inet:127.0.0.1:{state.election.http_port}", "") \
            .replace(f"inet:127.0.0.1:{state.election.lmtp_port}", "")
    for word in ("127.0.0.1", "GET", "POST", "/ballot", "python", "%23"):
        check(word not in words, f"the receiver's log holds {word}")


STEPS = (set_up, scanner, vote_by_link, race, lost_answer, behind_a_proxy, tls_by_itself, vote_by_mail,
         told_by_the_mailer, what_anyone_sees, end, strangers_word, no_list, no_addresses)

if __name__ == "__main__":
    sys.exit(harness.main(__doc__, STEPS))
