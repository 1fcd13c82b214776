#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
names - a DNS server on loopback for tests, by UDP and TCP, that says what a zone tells it, and
misbehaves where it is told to.

A zone is {name: {kind: [record, …]}}: TXT a text (or a list of strings), MX [preference, host],
A, AAAA, PTR. A name whose value is a word misbehaves:
  servfail, refused   says so
  silent              never answers
  garbage             answers bytes that are no message
  stranger            answers with another question's number first, then silence
  truncated           says TC by UDP and the truth by TCP: {"truncated": {kind: […]}}
Any other name does not exist.

  names.py ZONE.json    prints its port, then serves until standard input ends
"""

import ipaddress
import json
import socket
import struct
import sys
import threading

KINDS = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5


def wire_name(name):
    labels = [label for label in name.strip(".").split(".") if label]
    return b"".join(bytes([len(la)]) + la.encode() for la in labels) + b"\0"


def pointer(address):
    """The name that an address's PTR record stands under."""
    return ipaddress.ip_address(address).reverse_pointer


def wire_record(kind, value):
    if kind == "TXT":
        strings = [value] if isinstance(value, str) else value
        data = b""
        for text in strings:
            raw = text.encode("latin-1")
            pieces = [raw[i:i + 255] for i in range(0, len(raw), 255)] or [b""]
            data += b"".join(bytes([len(p)]) + p for p in pieces)
        return data
    if kind == "MX":
        return struct.pack(">H", value[0]) + wire_name(value[1])
    if kind == "PTR":
        return wire_name(value)
    return ipaddress.ip_address(value).packed


def question_of(query):
    """(name, type, the question's bytes)"""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
        at += query[at] + 1
    return ".".join(labels), struct.unpack_from(">H", query, at + 1)[0], query[12:at + 5]


class Names:
    """start(), then change `zone` at will; `resolver` is its address."""

    def __init__(self, zone=None):
        self.zone = zone or {}
        while not self._bind():
            pass
        self.resolver = f"127.0.0.1:{self.port}"

    def _bind(self):
        """One port that is free for both."""
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.socket()
        try:
            self.tcp.bind(("127.0.0.1", self.port))
        except OSError:
            self.stop()
            return False
        self.tcp.listen()
        return True

    def start(self):
        threading.Thread(target=self._datagrams, daemon=True).start()
        threading.Thread(target=self._connections, daemon=True).start()
        return self

    def stop(self):
        self.udp.close()
        self.tcp.close()

    def _answer(self, query, by_tcp):
        name, wanted, question = question_of(query)
        entry = self.zone.get(name, NXDOMAIN)
        number = query[:2]
        code = {"servfail": SERVFAIL, "refused": REFUSED, NXDOMAIN: NXDOMAIN}.get(
            entry if isinstance(entry, (str, int)) else None, 0)
        if entry == "silent":
            return None
        if entry == "garbage":
            return number + b"\x81\x80" + b"\xff" * 30
        if entry == "stranger":
            number = bytes([number[0] ^ 1, number[1]])
        flags = 0x8180 | code
        kinds = entry if isinstance(entry, dict) else {}
        if "truncated" in kinds:
            kinds = kinds["truncated"] if by_tcp else {}
            flags |= 0 if by_tcp else 0x200
        answers = b""
        n = 0
        for kind, records in kinds.items():
            for value in records if KINDS[kind] == wanted else ():
                data = wire_record(kind, value)
                answers += (b"\xc0\x0c" + struct.pack(">HHIH", KINDS[kind], 1, 60, len(data)) +
                            data)
                n += 1
        return number + struct.pack(">HHHHH", flags, 1, n, 0, 0) + question + answers

    def _datagrams(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(4096)
                answer = self._answer(query, False)
                if answer:
                    self.udp.sendto(answer, peer)
            except OSError:
                return
            except (IndexError, struct.error):
                continue

    def _connections(self):
        while True:
            try:
                peer, _ = self.tcp.accept()
            except OSError:
                return
            with peer:
                try:
                    peer.settimeout(5)
                    length = struct.unpack(">H", peer.recv(2))[0]
                    answer = self._answer(peer.recv(length), True)
                    if answer:
                        peer.sendall(struct.pack(">H", len(answer)) + answer)
                except (OSError, IndexError, struct.error):
                    pass


def main(path):
    with open(path, encoding="utf-8") as f:
        names = Names(json.load(f)).start()
    sys.stdout.write(f"{names.port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
