# SPDX-License-Identifier: MIT
"""
terminal - the mail programs of a terminal, as a member uses each: it opens a mailbox with one
letter in it, writes, and sends by SMTP with its own headers, quoting and encoding.

What a member does (an act) is the same for all; how, is the program's own affair.
"""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time

from election import Trouble

# What a member does: a choice above the quotation, or right on top of it, without the empty line
# between; below it; only words; the choice, and nothing is quoted; the letter's mailto: link, sent
# as it is.
TOP, TIGHT, BELOW, WORDS, BARE, FRESH = "top", "tight", "below", "words", "bare", "fresh"

# What people in each language let their program write over a quotation. Those who set it in a
# program with %d and %n have the date in their own language too, where the system speaks it.
ATTRIBUTION = {
    "ar": "في %d، كتب %n:", "de": "Am %d schrieb %n:", "en": "On %d, %n wrote:",
    "es": "El %d, %n escribió:", "fr": "Le %d, %n a écrit :", "pt": "Em %d, %n escreveu:",
    "zh": "%n 于 %d 写道:"}
DATE = {"ar": "%A %d %B %Y %H:%M", "de": "%d. %b %Y um %H:%M Uhr", "en": "%a, %d %b %Y at %H:%M",
        "es": "%d %b %Y a las %H:%M", "fr": "%a %d %b %Y à %H:%M", "pt": "%d de %b de %Y às %H:%M",
        "zh": "%Y年%m月%d日 %H:%M"}
LOCALE = {"ar": "ar_EG", "de": "de_DE", "en": "en_GB", "es": "es_ES", "fr": "fr_FR",
          "pt": "pt_PT", "zh": "zh_CN"}
THANKS = {"ar": "شكرا لكم", "de": "Vielen Dank!", "en": "Thank you!", "es": "¡Muchas gracias!",
          "fr": "Merci beaucoup !", "pt": "Muito obrigado!", "zh": "谢谢！"}

SNAIL = """\
set v15-compat
set from="{email}"
set mta=smtp://127.0.0.1:{smtp} smtp-auth=none
set ttycharset=utf-8 sendcharsets=utf-8 sendwait quiet
set indentprefix="> "
wysh set quote-inject-head=$'{attribution}\\n'
set nosave norecord nohold reply-to-honour
"""

# Of mutt and of neomutt.
MUTT = """\
set from="{email}" realname="{name}" attribution="{attribution}" date_format="{date}"
set attribution_locale="{locale}.UTF-8" smtp_url="smtp://127.0.0.1:{smtp}/" editor="{editor}"
set fast_reply reply_to=yes include={include} autoedit=yes quit=yes abort_unmodified=no
set edit_headers=yes signature="{home}/.signature"
set folder="{home}" record="" copy=no sleep_time=0 move=no mark_old=no header_cache=""
set certificate_file="" ssl_force_tls=no ssl_starttls=no charset=utf-8 send_charset=utf-8
set mbox_type=Maildir
"""

MAILUTILS = """\
set sendmail="smtp://127.0.0.1:{smtp}"
set return-address={email} noquit
"""

NMH = """\
Path: Mail
Local-Mailbox: {name} <{email}>
Signature: {name}
Fcc: nowhere
send: -mts smtp -server 127.0.0.1 -port {smtp} -notls
repl: {filter}
editor: {editor}
"""

# What a member types into their program's editor: the file as the program has begun it comes in
# two parts, the header, where it shows one, and the rest.
EDITOR = """\
#!/bin/sh
# The header goes first, up to a line that is empty or of hyphens.
sed '/^-*$/q' "$1" >"$1.new"
cat "{above}" >>"$1.new"
sed '1,/^-*$/d' "$1" >>"$1.new"
cat "{below}" >>"$1.new"
mv "$1.new" "$1"
"""


class Screen:
    """A program at a terminal: what it shows, and keys for it."""

    def __init__(self, command, environment, folder):
        self._here, there = os.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = subprocess.Popen(["setsid", "-c"] + command, stdin=there, stdout=there,
                                         stderr=there, env=environment, cwd=folder)
        os.close(there)
        self.shown, self._seen = b"", 0

    def _read(self, seconds):
        """A little more of what it shows; false at its end."""
        if not select.select([self._here], [], [], seconds)[0]:
            return True
        try:
            more = os.read(self._here, 65536)
        except OSError:
            more = b""
        self.shown += more
        return bool(more)

    def wait(self, pattern, seconds=20):
        """Until it shows this, behind what was waited for before."""
        end = time.monotonic() + seconds
        while True:
            hit = re.search(pattern, self.shown[self._seen:])
            if hit:
                self._seen += hit.end()
                return
            if time.monotonic() > end or not self._read(0.1):
                self.end()
                raise Trouble(f"it has not shown {pattern}: {self.shown[-400:]!r}")

    def type(self, text):
        os.write(self._here, text.encode())

    def end(self, seconds=0):
        """Give it so long to end by itself; did it? It is gone then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._read(0.1):
            pass
        try:
            self._process.wait(timeout=2 if seconds else 0)
            return True
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            return False
        finally:
            os.close(self._here)


class Desk:
    """A member at their program: a folder of their own with the letter in a mailbox."""

    def __init__(self, folder, member, language, smtp, locales):
        """`language`: the program's. Mail leaves by port `smtp`."""
        self.home, self.member, self.smtp = folder, member, smtp
        self.language = language
        os.makedirs(folder)
        self.write(".signature", member.name + "\n")
        self._environment = {
            "HOME": folder, "PATH": os.environ["PATH"], "TERM": "xterm",
            "LANG": LOCALE[language] + ".UTF-8", "LOCPATH": locales}

    def keep(self):
        """The letter in a Maildir; its folder."""
        for name in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.home, "mail", name))
        self.write("mail/new/1.letter", self.member.letter.raw)
        return os.path.join(self.home, "mail")

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def settings(self, text, **more):
        member = self.member
        return text.format(name=member.name, email=member.email, smtp=self.smtp, home=self.home,
                           attribution=ATTRIBUTION[self.language], date=DATE[self.language],
                           locale=LOCALE[self.language], **more)

    def editor(self, above, below):
        """A program that puts text above and below what it finds."""
        path = self.write("editor", EDITOR.format(above=self.write("above", above),
                                                  below=self.write("below", below)))
        os.chmod(path, 0o755)
        return path

    def run(self, command, typed="", **more):
        """A program that reads lines; what it says is kept beside the mailbox."""
        try:
            done = subprocess.run(command, input=typed.encode(), capture_output=True,
                                  env=dict(self._environment, **more), cwd=self.home, timeout=20,
                                  check=False)
        except subprocess.TimeoutExpired as e:
            raise Trouble(f"{command[0]} waits for something: {(e.stdout or b'')[-300:]!r}") \
                from None
        self.write("said", done.stdout + done.stderr)

    def show(self, command, *keys, **more):
        """A program of a terminal. `keys`: (what it must show first, what is typed then)."""
        screen = Screen(command, dict(self._environment, **more), self.home)
        for pattern, text in keys:
            screen.wait(pattern)
            screen.type(text)
        ended = screen.end(20)
        self.write("said", screen.shown)
        if not ended:
            raise Trouble(f"{command[0]} does not end: {screen.shown[-300:]!r}")


def typed(act, choice, language):
    """What the member writes above the quotation, and below it."""
    if act == TIGHT:
        return choice + "\n", ""
    if act == BELOW:
        return "", "\n" + choice + "\n"
    if act == WORDS:
        return THANKS[language] + "\n\n", ""
    return choice + "\n\n", ""


def snail(desk, act, choice, click):
    rc = desk.write("rc", desk.settings(SNAIL))
    start = ["s-nail", "-n", "-~", "-#"]
    if act == FRESH:
        desk.run(start + ["-s", click.subject, click.to], f"{click.body}\n~.\n", MAILRC=rc)
        return
    above, below = typed(act, choice, desk.language)
    quote = "" if act == BARE else "~Q 1\n"
    desk.run(start + ["-f", "maildir://" + desk.keep()],
             f"reply 1\n{above}{quote}{below}~.\nexit\n", MAILRC=rc)


def mutt(desk, act, choice, click, program="mutt"):
    """In neomutt and mutt: the editor opens on the quotation; y sends."""
    above, below = ("", "") if act == FRESH else typed(act, choice, desk.language)
    rc = desk.write("rc", desk.settings(MUTT, editor=desk.editor(above, below),
                                        include="no" if act == BARE else "yes"))
    start = [program, "-n", "-F", rc]
    if act == FRESH:
        desk.show(start + [click.href], (rb"text/plain, ", "y"))
    else:
        desk.show(start + ["-f", desk.keep(), "-e", "push <reply><send-message><quit>"])


def neomutt(desk, act, choice, click):
    mutt(desk, act, choice, click, "neomutt")


READLINE = rb"\x1b\[\?2004h"  # it waits for a line


def mailutils(desk, act, choice, click):
    """GNU mail: the letter is asked for with ~m, and comes whole, indented by a tab."""
    rc = desk.write("rc", desk.settings(MAILUTILS))
    if act == FRESH:
        desk.run(["mail.mailutils", "-s", click.subject, click.to], click.body + "\n", MAILRC=rc)
        return
    above, below = typed(act, choice, desk.language)
    quote = "" if act == BARE else "~m 1\n"
    lines = ["reply 1\n"] + (above + quote + below).splitlines(True) + ["\x04", "exit\n"]
    desk.show(["mail.mailutils", "-f", "maildir:" + desk.keep()],
              *((READLINE, line) for line in lines), MAILRC=rc)


def nmh(desk, act, choice, click):
    """The draft with its header in the editor, then `send` at its prompt."""
    fresh = act == FRESH
    above, below = (click.body + "\n", "") if fresh else typed(act, choice, desk.language)
    desk.write(".mh_profile", desk.settings(
        NMH, editor=desk.editor(above, below),
        filter="" if act == BARE else "-filter mhl.reply"))
    desk.write("Mail/inbox/1", desk.member.letter.raw)
    if fresh:
        desk.run(["/usr/bin/mh/comp", "-to", click.to, "-subject", click.subject], "send\n")
    else:
        desk.run(["/usr/bin/mh/repl", "1"], "send\n")


# Each takes a desk, an act, the choice, and the mailto: link for a fresh mail.
PROGRAMS = {"s-nail": snail, "neomutt": neomutt, "mutt": mutt, "mailutils": mailutils, "nmh": nmh}
