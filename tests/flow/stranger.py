#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stranger's verifier: docs/protocol.md and nothing of ours.

Law 5 says that nobody's word is needed. This program shares no line and no library with
Votepost; it recomputes a record folder from its bytes with Python's integers and hashlib.
Slow on purpose: it is written to be read beside the protocol. Variable time: it holds no
secret.

    stranger.py RECORD...            one line a record; exit 0 where all hold, else 1
    stranger.py --refuse RECORD...   the reverse: exit 0 where every one of them fails
"""

import base64
import calendar
import hashlib
import json
import os
import re
import sys
import time

# ---- ristretto255 (RFC 9496) and Ed25519 (RFC 8032) on edwards25519 -------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


class Wrong(Exception):
    """A rule that the record breaks."""


def need(true, what):
    if not true:
        raise Wrong(what)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * D * t1 * t2 % P
    h = 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a):
    x, y, z, _ = a
    xx, yy, zz = x * x % P, y * y % P, 2 * z * z % P
    h = xx + yy
    e = h - (x + y) * (x + y)
    g = xx - yy
    f = zz + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a):
    return -a[0] % P, a[1], a[2], -a[3] % P


def combine(*terms):
    """The sum of scalar · point, all at once."""
    table = [IDENTITY]
    for _, point in terms:
        table += [add(entry, point) for entry in table]
    out = IDENTITY
    for bit in range(max((s.bit_length() for s, _ in terms), default=0) - 1, -1, -1):
        out = double(out)
        index = sum((s >> bit & 1) << i for i, (s, _) in enumerate(terms))
        if index:
            out = add(out, table[index])
    return out


def same(a, b):
    """Equal as ristretto255 elements."""
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0


def is_identity(a):
    return same(a, IDENTITY)


def even(x):
    """The one of x and -x that counts as not negative."""
    return P - x if x % 2 else x


def sqrt_ratio(u, v):
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    good = check == u % P
    if check in (-u % P, -u * SQRT_M1 % P):
        r = r * SQRT_M1 % P
        good = good or check == -u % P
    return good, even(r)


def point(data):
    s = int.from_bytes(data, "little")
    need(len(data) == 32 and s < P and s % 2 == 0, "point")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    good, inverse = sqrt_ratio(1, v * u2 * u2 % P)
    den_x = inverse * u2 % P
    den_y = inverse * den_x * v % P
    x = even(2 * s * den_x % P)
    y = u1 * den_y % P
    need(good and x * y % P % 2 == 0 and y != 0, "point")
    return x, y, 1, x * y % P


def scalar(data):
    n = int.from_bytes(data, "little")
    need(len(data) == 32 and n < Q, "scalar")
    return n


G = point(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def edwards(data):
    y = int.from_bytes(data, "little") & (2**255 - 1)
    need(len(data) == 32 and y < P, "Ed25519 encoding")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * SQRT_M1 % P
    need(v * x * x % P == u, "Ed25519 encoding")
    if x % 2 != data[31] >> 7:
        x = -x % P
    return x, y, 1, x * y % P


BASE = edwards(bytes([0x58]) + bytes([0x66]) * 31)


def small_order(a):
    for _ in range(3):
        a = double(a)
    return a[0] % P == 0


def signed(signature, key, message):
    a, r = edwards(key), edwards(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= Q or small_order(a) or small_order(r):
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = combine((s, BASE))
    right = add(r, combine((int.from_bytes(digest, "little") % Q, a)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and \
        (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- section 1: notation ---------------------------------------------------------------------

def le32(n):
    return n.to_bytes(4, "little")


def le64(n):
    return n.to_bytes(8, "little")


def transcript(label, *parts):
    h = hashlib.sha512()
    for part in (label.encode(),) + parts:
        h.update(le64(len(part)) + part)
    return h.digest()


def H(label, *parts):
    return transcript(label, *parts)[:32]


def Hs(label, *parts):
    return int.from_bytes(transcript(label, *parts), "little") % Q


def b64(text, length=None):
    need(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]*", text), "base64")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "base64")
    need(length is None or len(data) == length, "base64 length")
    return data


FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
                       "\ud800-\udfff]")


def no_twice(pairs):
    need(len(dict(pairs)) == len(pairs), "json duplicate key")
    return dict(pairs)


def walk(value):
    if isinstance(value, str):
        need(not FORBIDDEN.search(value), "text")
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int):
        need(0 <= value < 2**53, "json number")
    elif isinstance(value, dict):
        for k, v in value.items():
            walk(k)
            walk(v)
    elif isinstance(value, list):
        for v in value:
            walk(v)
    else:
        raise Wrong("json number" if isinstance(value, float) else "json")


def load(line):
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=no_twice)
    except (ValueError, RecursionError) as trouble:
        raise Wrong("json") from trouble
    walk(value)
    again = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    need(again == line, "line not canonical")
    return value


def keys(value, *names):
    need(isinstance(value, dict) and list(value) == list(names), "keys")
    return [value[n] for n in names]


def number(value, least, most):
    need(type(value) is int and least <= value <= most, "number")
    return value


def when(text):
    need(isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", text), "time")
    try:
        parsed = time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError as trouble:
        raise Wrong("time") from trouble
    need(parsed.tm_year >= 1970 and parsed.tm_sec < 60 and len(text) == 20, "time")
    return calendar.timegm(parsed)


# ---- section 2: the manifest -----------------------------------------------------------------

MANIFEST = ("type protocol title organiser languages opens closes channels {waiver} reply_to link "
            "questions roll min_ballots trustees election_key mailer_key receiver_key "
            "second_factor test")


class Manifest:
    def __init__(self, line):
        m = self.m = load(line)
        need(len(line) <= 2**20, "manifest size")
        self.E = H("votepost/1 election", line)
        names = MANIFEST.format(waiver="waiver" if "reply" in m.get("channels", []) else "").split()
        keys(m, *names)
        need(m["type"] == "manifest" and m["protocol"] == "votepost/1", "manifest type")
        self.languages = m["languages"]
        need(isinstance(self.languages, list) and 1 <= len(self.languages) <= 32 and
             len(set(self.languages)) == len(self.languages) and
             all(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", t) for t in self.languages),
             "manifest languages")
        self.texts(m["title"])
        if "waiver" in m:
            self.texts(m["waiver"])
        need(isinstance(m["organiser"], str) and m["organiser"].strip(), "manifest text")
        self.opens, self.closes = when(m["opens"]), when(m["closes"])
        need(self.opens < self.closes, "manifest time")
        allowed = ["reply", "sealed-reply", "link"]
        need(m["channels"] and m["channels"] == [c for c in allowed if c in m["channels"]],
             "manifest channels")
        need(isinstance(m["test"], bool) and isinstance(m["second_factor"], bool), "manifest flags")
        need(not (m["second_factor"] and "reply" in m["channels"]), "manifest second factor")
        need(m["link"].startswith("https://") or
             (m["test"] and re.match(r"http://127\.0\.0\.1([:/]|$)", m["link"])), "manifest link")
        need(re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", m["reply_to"]), "manifest reply_to")
        self.rows = []
        self.questions(m["questions"])
        self.roll(m)
        self.trustees(m)
        self.mailer, self.receiver = b64(m["mailer_key"], 32), b64(m["receiver_key"], 32)
        need(self.mailer != self.receiver, "manifest keys")
        for key in self.mailer, self.receiver:
            need(not small_order(edwards(key)), "manifest keys")

    def texts(self, value):
        need(isinstance(value, dict) and list(value) == self.languages, "manifest text")
        need(all(isinstance(v, str) and v.strip() for v in value.values()), "manifest text")

    def questions(self, questions):
        need(1 <= len(questions) <= 32, "questions")
        need(len({q["id"] for q in questions}) == len(questions), "question id")
        most = 23 if "reply" in self.m["channels"] else 64
        for q in questions:
            need(re.fullmatch(r"[a-z0-9-]{1,32}", q["id"]), "question id")
            if q["kind"] == "choice":
                keys(q, "id", "kind", "title", "options", "min", "max", "blank")
                n = len(q["options"])
                low, high = number(q["min"], 0, n), number(q["max"], 1, n)
                need(2 <= n <= most and low <= high and isinstance(q["blank"], bool), "question")
                need(not q["blank"] or low >= 1, "question blank")
                self.rows.append(([1] * n + [high] * q["blank"], low, high))
            else:
                keys(q, "id", "kind", "title", "options", "grades")
                need(q["kind"] == "grades" and 1 <= len(q["options"]) <= most and
                     2 <= len(q["grades"]) <= 12, "question")
                self.rows += [([1] * len(q["grades"]), 1, 1) for _ in q["options"]]
            for text in [q["title"]] + q["options"] + q.get("grades", []):
                self.texts(text)
        need(sum(len(w) for w, _, _ in self.rows) <= 512, "manifest cells")

    def roll(self, m):
        self.min_ballots = number(m["min_ballots"], 1, 2**53)
        self.classes = []
        for entry in m["roll"]:
            weight, members = keys(entry, "weight", "members")
            number(weight, 1, 1000)
            number(members, self.min_ballots, 2**32)
            need(not self.classes or self.classes[-1][0] < weight, "manifest roll")
            self.classes.append((weight, members))
        need(self.classes and sum(w * n for w, n in self.classes) < 2**32, "manifest roll")

    def trustees(self, m):
        ceremony, self.k, members = keys(m["trustees"], "ceremony", "threshold", "members")
        self.n = len(members)
        need(1 <= self.n <= 32 and type(self.k) is int and 1 <= self.k <= self.n and
             2 * self.k > self.n, "trustees threshold")
        total, columns = IDENTITY, [IDENTITY] * self.k
        for i, member in enumerate(members, 1):
            name, sealing, commitments, proof = keys(member, "name", "sealing_key", "commitments",
                                                     "proof")
            need(name.strip() and len(commitments) == self.k, "trustees")
            raw = [b64(c, 32) for c in commitments]
            F, proof = [point(c) for c in raw], b64(proof, 64)
            c = Hs("votepost/1 trustee", ceremony.encode(), le32(i), le32(self.k), le32(self.n),
                   b64(sealing, 32), *raw, proof[:32])
            need(same(combine((scalar(proof[32:]), G)), add(point(proof[:32]), combine((c, F[0])))),
                 "trustee proof")
            total = add(total, F[0])
            columns = [add(a, b) for a, b in zip(columns, F)]
        self.P_bytes = b64(m["election_key"], 32)
        self.P = point(self.P_bytes)
        need(same(self.P, total) and not is_identity(self.P), "election key")
        self.X = [combine(*[(j**l, f) for l, f in enumerate(columns)])
                  for j in range(1, self.n + 1)]


# ---- section 4: ballots ----------------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n=1):
        out = [self.data[self.at + 32 * i:self.at + 32 * i + 32] for i in range(n)]
        self.at += 32 * n
        return out


def branch(P_, z, c, A, B, alpha, beta):
    """z·G = A + c·α and z·P = B + c·β"""
    return same(combine((z, G), (Q - c, alpha)), point(A)) and \
        same(combine((z, P_), (Q - c, beta)), point(B))


def body_bytes(m):
    return sum(288 * len(w) + 32 * (4 * (hi - lo + 1) - 1) for w, lo, hi in m.rows)


def check_ballot(m, value):
    """The cells' ciphertexts of a ballot that holds."""
    _, channel, credential, body, signature = keys(value, "type", "channel", "credential", "body",
                                                   "signature")
    need(channel in m.m["channels"], "ballot channel")
    C, body, signature = b64(credential, 32), b64(body), b64(signature, 64)
    need(len(body) == body_bytes(m), "ballot length")
    need(any(C), "ballot credential")
    c = Hs("votepost/1 ballot", m.E, C, channel.encode(), body, signature[:32])
    need(same(combine((scalar(signature[32:]), G), (Q - c, point(C))), point(signature[:32])),
         "ballot signature")
    reader, cells = Reader(body), []
    for row, (weights, lo, hi) in enumerate(m.rows):
        pairs, points = [], []
        for cell in range(len(weights)):
            raw = reader.take(6)
            c0, z0, z1 = (scalar(s) for s in reader.take(3))
            need(any(raw[0]), "ballot alpha")
            alpha, beta = point(raw[0]), point(raw[1])
            c = Hs("votepost/1 cell proof", m.E, m.P_bytes, C, le32(row), le32(cell), *raw)
            need(branch(m.P, z0, c0, raw[2], raw[3], alpha, beta) and
                 branch(m.P, z1, (c - c0) % Q, raw[4], raw[5], alpha, add(beta, negate(G))),
                 "cell proof")
            pairs += raw[:2]
            points.append((alpha, beta))
        m_ = hi - lo + 1
        commitments = reader.take(2 * m_)
        cs = [scalar(s) for s in reader.take(m_ - 1)]
        zs = [scalar(s) for s in reader.take(m_)]
        c = Hs("votepost/1 row proof", m.E, m.P_bytes, C, le32(row), le32(lo), le32(hi), *pairs,
               *commitments)
        cs.append((c - sum(cs)) % Q)
        alpha = total(combine((w, a)) for w, (a, _) in zip(weights, points))
        beta = total(combine((w, b)) for w, (_, b) in zip(weights, points))
        for j in range(m_):
            shifted = add(beta, negate(combine((lo + j, G))))
            need(branch(m.P, zs[j], cs[j], commitments[2 * j], commitments[2 * j + 1], alpha,
                        shifted), "row proof")
        cells += points
    return cells


def total(points):
    out = IDENTITY
    for p in points:
        out = add(out, p)
    return out


# ---- section 6: the board --------------------------------------------------------------------

def root_of(lines):
    level = [hashlib.sha256(b"\x00" + line).digest() for line in lines]

    def tree(part):
        if len(part) == 1:
            return part[0]
        k = 1
        while k * 2 < len(part):
            k *= 2
        return hashlib.sha256(b"\x01" + tree(part[:k]) + tree(part[k:])).digest()
    return tree(level) if level else hashlib.sha256(b"").digest()


class Board:
    def __init__(self, data):
        need(data.endswith(b"\n"), "line not canonical")
        self.lines = data[:-1].split(b"\n")
        self.m = Manifest(self.lines[0])
        self.state, self.weight = {}, {}
        self.issued, self.accepted, self.ballots, self.replaced, self.total = {}, 0, 0, 0, 0
        self.closes, self.clock, self.closed = self.m.closes, None, False
        self.last, self.phase = None, 0
        self.sums = [(IDENTITY, IDENTITY)] * sum(len(w) for w, _, _ in self.m.rows)
        self.order = None
        for index, line in enumerate(self.lines[1:], 1):
            try:
                self.take(load(line))
            except (Wrong, KeyError, TypeError, AttributeError) as trouble:
                raise Wrong(f"line {index + 1}: {trouble}") from trouble
        need(self.issued == dict(self.m.classes), "issued roll")
        need(self.accepted == self.m.n, "accepted missing")
        self.root = root_of(self.lines)

    def mailer(self, label, value, *parts):
        need(signed(b64(value["signature"], 64), self.m.mailer, H(label, self.m.E, *parts)),
             label + " signature")

    def take(self, value):
        need(not self.closed, "line after closed")
        kind = value.get("type")
        phase = {"issued": 0, "accepted": 1}.get(kind, 2)
        need(phase >= self.phase, "line order")
        self.phase = phase
        if phase == 2:
            need(self.issued == dict(self.m.classes), "issued roll")
            need(self.accepted == self.m.n, "accepted missing")
        handler = getattr(self, "take_" + str(kind), None)
        need(handler, "line type")
        handler(value)
        self.last = kind

    def take_issued(self, value):
        _, weight, text, _ = keys(value, "type", "weight", "credentials", "signature")
        number(weight, 1, 1000)
        data = b64(text)
        need(data and len(data) % 32 == 0 and len(data) <= 32 * 1024, "issued credentials")
        self.mailer("votepost/1 issued", value, le32(weight), data)
        need(not self.order or weight >= self.order[0], "issued order")
        for at in range(0, len(data), 32):
            c = data[at:at + 32]
            point(c)
            need(any(c) and c not in self.state, "issued credential")
            need(not self.order or weight > self.order[0] or c > self.order[1], "issued order")
            self.order = (weight, c)
            self.state[c], self.weight[c] = "unused", weight
        self.issued[weight] = self.issued.get(weight, 0) + len(data) // 32

    def take_accepted(self, value):
        _, j, proof = keys(value, "type", "trustee", "proof")
        self.accepted += 1
        need(j == self.accepted and type(j) is int and j <= self.m.n, "accepted order")
        proof = b64(proof, 64)
        X = self.m.X[j - 1]
        c = Hs("votepost/1 accepted", self.m.E, le32(j), encode(X), proof[:32])
        need(same(combine((scalar(proof[32:]), G), (Q - c, X)), point(proof[:32])),
             "accepted proof")

    def take_time(self, value):
        at = when(keys(value, "type", "at")[1])
        if self.clock is None:
            need(at >= self.m.opens, "time before opening")
        else:
            need(at > self.clock, "time order")
        self.clock = at

    def take_replaced(self, value):
        _, old, new, _ = keys(value, "type", "credential", "by", "signature")
        old, new = b64(old, 32), b64(new)
        self.mailer("votepost/1 replaced", value, old, new)
        need(self.state.get(old) == "unused", "replaced credential")
        self.state[old] = "replaced"
        self.replaced += 1
        if new:
            point(new)
            need(any(new) and new not in self.state, "replaced by")
            self.state[new], self.weight[new] = "unused", self.weight[old]

    def take_extended(self, value):
        _, closes, _ = keys(value, "type", "closes", "signature")
        self.mailer("votepost/1 extended", value, closes.encode())
        need(when(closes) > self.closes, "extended earlier")
        need(self.clock is None or self.clock < self.closes, "extended late")
        self.closes = when(closes)

    def take_ballot(self, value):
        need(self.clock is not None, "line before opening")
        need(self.clock < self.closes, "ballot late")
        cells = check_ballot(self.m, value)
        C = b64(value["credential"], 32)
        need(self.state.get(C) == "unused", "ballot credential")
        self.state[C] = "used"
        self.ballots += 1
        w = self.weight[C]
        self.total += w
        self.sums = [(add(a, combine((w, x))), add(b, combine((w, y))))
                     for (a, b), (x, y) in zip(self.sums, cells)]

    def take_closed(self, value):
        _, ballots, issued, replaced = keys(value, "type", "ballots", "issued", "replaced")
        need(self.last == "time" and self.clock >= self.closes, "closed early")
        need([type(n) for n in (ballots, issued, replaced)] == [int] * 3 and
             (ballots, issued, replaced) == (self.ballots, len(self.state), self.replaced),
             "closed counts")
        self.closed = True


def encode(p):
    """RFC 9496 section 4.3.2"""
    x, y, z, t = p
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, inverse = sqrt_ratio(1, u1 * u2 * u2 % P)
    d1, d2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = d1 * d2 * t % P
    if t * z_inverse % P % 2:
        _, a_d = sqrt_ratio(1, (-1 - D) % P)
        x, y, d = y * SQRT_M1 % P, x * SQRT_M1 % P, d1 * a_d % P
    else:
        d = d2
    if x * z_inverse % P % 2:
        y = -y % P
    s = d * (z - y) % P
    return even(s).to_bytes(32, "little")


# ---- section 5: shares and the result --------------------------------------------------------

def check_share(board, line, j):
    """The partial decryptions of a share that holds."""
    m = board.m
    _, trustee, head, body = keys(load(line), "type", "trustee", "head", "body")
    need(trustee == j and b64(head, 32) == board.root, "share head")
    reader = Reader(b64(body, 128 * len(board.sums)))
    X, out, at = m.X[j - 1], [], 0
    for row, (weights, _, _) in enumerate(m.rows):
        for cell in range(len(weights)):
            D_, a, b, z = reader.take(4)
            A = board.sums[at][0]
            c = Hs("votepost/1 decryption", m.E, board.root, le32(j), le32(row), le32(cell),
                   encode(A), encode(X), D_, a, b)
            z = scalar(z)
            need(same(combine((z, G), (Q - c, X)), point(a)) and
                 same(combine((z, A), (Q - c, point(D_))), point(b)), "share proof")
            out.append(point(D_))
            at += 1
    return out


def check_result(board, folder, counts):
    good = {}
    for j in range(1, board.m.n + 1):
        path = os.path.join(folder, f"share-{j}.json")
        if os.path.exists(path):
            try:
                good[j] = check_share(board, one_line(path), j)
            except Wrong:
                continue
    need(len(good) >= board.m.k, "shares")
    chosen = sorted(good)[:board.m.k]
    flat = [n for row in counts for n in row]
    need([len(r) for r in counts] == [len(w) for w, _, _ in board.m.rows], "result counts")
    for cell, n in enumerate(flat):
        number(n, 0, board.total)
        terms = []
        for j in chosen:
            factor = 1
            for i in chosen:
                if i != j:
                    factor = factor * i * pow(i - j, -1, Q) % Q
            terms.append((Q - factor, good[j][cell]))
        need(same(add(board.sums[cell][1], combine(*terms)), combine((n, G))), "result count")


def one_line(path):
    with open(path, "rb") as f:
        data = f.read()
    need(data.endswith(b"\n") and data.count(b"\n") == 1, "line not canonical")
    return data[:-1]


def check_head(board, head):
    _, size, root, at, signature = keys(head, "type", "size", "root", "time", "signature")
    size, root, at = number(size, 1, len(board.lines)), b64(root, 32), number(at, 0, 2**53)
    need(signed(b64(signature, 64), board.m.receiver,
                H("votepost/1 head", board.m.E, le64(size), le64(at), root)), "head signature")
    need(root_of(board.lines[:size]) == root, "head root")
    return size, at


def verify(folder):
    with open(os.path.join(folder, "board.ndjson"), "rb") as f:
        board = Board(f.read())
    result, head = (os.path.join(folder, n) for n in ("result.json", "head.json"))
    need(os.path.exists(head), "head missing")
    size, at = check_head(board, load(one_line(head)))
    need(size == len(board.lines) or not board.closed, "head root")
    if not board.closed:
        need(not os.path.exists(result), "not closed")
        return f"open: {board.ballots} ballots"
    need(at >= board.clock, "head time")
    few = 1 <= board.ballots < board.m.min_ballots
    if not os.path.exists(result):
        return f"closed: {board.ballots} ballots"
    need(not few, "too few ballots")
    _, named, counts = keys(load(one_line(result)), "type", "head", "counts")
    need(b64(named, 32) == board.root, "result head")
    check_result(board, folder, counts)
    return f"counted: {board.ballots} ballots, {counts}"


def holds(folder):
    try:
        print(f"{folder}: holds, {verify(folder)}", flush=True)
        return True
    except (Wrong, OSError, KeyError, TypeError, ValueError) as trouble:
        print(f"{folder}: FAILS, {trouble}", flush=True)
        return False


def main():
    folders = sys.argv[1:]
    wanted = folders[:1] != ["--refuse"]
    if not wanted:
        folders = folders[1:]
    verdicts = [holds(folder) for folder in folders]
    if not verdicts:
        print(__doc__, file=sys.stderr)
        return 64
    return 0 if all(v == wanted for v in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
