#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
signed - replies that OpenSSL and GnuPG have signed or encrypted, just now, with keys made for it:
what is signed in the open is read, what is shut in is answered with a correction, and nothing is
read wrongly.

signed.py READINGS [--docs FILE] [--write]
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flow"))

import tables  # noqa: E402
from corpora import CHOICE, HEAD, compare, outcome  # noqa: E402
from second_reader import TOKEN, ours  # noqa: E402

TEXT = f"{CHOICE}\n\nÀ bientôt\n-- \nAnna\n\n> Your voting code: {TOKEN}\n".encode()
PART = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
CRLF = (PART + TEXT).replace(b"\n", b"\r\n")


class Keys:
    """A certificate and a key of Anna's, in a folder that is gone in the end."""

    def __init__(self, folder):
        self.folder = folder
        self.cert, self.key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        self._run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/emailAddress=anna@example.org/CN=Anna", "-keyout", self.key,
                   "-out", self.cert])
        self.gpg("--passphrase", "", "--quick-gen-key", "anna@example.org", "default",
                 "default")

    def _run(self, command, data=b""):
        done = subprocess.run(command, input=data, capture_output=True, check=False,
                              env=dict(os.environ, GNUPGHOME=self.folder))
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def openssl(self, *how):
        """A whole MIME entity, its header included."""
        return self._run(["openssl", *how], CRLF)

    def gpg(self, *how, data=b""):
        return self._run(["gpg", "--batch", "--quiet", "--trust-model", "always", *how], data)

    def end(self):
        self._run(["gpgconf", "--kill", "all"])


def plain(body):
    return PART + body


def parts(kind, more, *bodies):
    head = f"Content-Type: multipart/{kind}; boundary=\"=-b1\"{more}\n\n".encode()
    return head + b"".join(b"--=-b1\n" + body + b"\n" for body in bodies) + b"--=-b1--\n"


def mails(keys):
    """(what it is, what must come of it, the mail's MIME part)"""
    to = ["-r", "anna@example.org", "--armor", "--encrypt"]
    signature = keys.gpg("--armor", "--detach-sign", data=CRLF)
    signer = ["-sign", "-signer", keys.cert, "-inkey", keys.key]
    yield "S/MIME, signed (multipart/signed)", "read", keys.openssl("smime", *signer)
    yield "S/MIME, signed, the text shut in the signature", "corrected", \
        keys.openssl("smime", *signer, "-nodetach")
    yield "S/MIME, encrypted", "corrected", keys.openssl("smime", "-encrypt", "-aes128", keys.cert)
    yield "S/MIME, encrypted (AES-GCM)", "corrected", \
        keys.openssl("cms", "-encrypt", "-aes-128-gcm", keys.cert)
    yield "PGP, signed in the text", "read", plain(keys.gpg("--clearsign", data=TEXT))
    yield "PGP, signed (PGP/MIME)", "read", parts(
        "signed", "; micalg=pgp-sha512; protocol=\"application/pgp-signature\"", PART + TEXT,
        b"Content-Type: application/pgp-signature\n\n" + signature)
    yield "PGP, signed, the text shut in the signature", "corrected", \
        plain(keys.gpg("--armor", "--sign", data=TEXT))
    yield "PGP, encrypted in the text", "corrected", plain(keys.gpg(*to, data=TEXT))
    yield "PGP, encrypted (PGP/MIME)", "corrected", parts(
        "encrypted", "; protocol=\"application/pgp-encrypted\"",
        b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
        b"Content-Type: application/octet-stream\n\n" + keys.gpg(*to, data=CRLF))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readings")
    parser.add_argument("--docs", default=str(HERE.parents[1] / "docs" / "clients.md"))
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if not (shutil.which("gpg") and shutil.which("openssl")):
        print("gpg or openssl is not installed")
        return 1
    folder = tempfile.mkdtemp(prefix="votepost-keys-")
    try:
        keys = Keys(folder)
        made = [(name, want, HEAD + re.sub(rb"(?m)^MIME-Version: 1.0\n", b"",
                                           part.replace(b"\r\n", b"\n")))
                for name, want, part in mails(keys)]
        keys.end()
    finally:
        shutil.rmtree(folder)
    read = ours(args.readings, [raw for _, _, raw in made])
    bad = 0
    for (name, want, raw), r in zip(made, read):
        came = outcome(r)
        if came != want:
            bad += 1
            print(f"{name}: {came}, must be {want}: {r}\n{raw.decode(errors='replace')}")
    same = compare(args.docs, "signed", ["a reply", "is"],
                   [[name, want] for name, want, _ in made], args.write)
    print(f"{len(made)} replies, {bad} otherwise than they must be")
    return 1 if bad or not same else 0


if __name__ == "__main__":
    sys.exit(main())
