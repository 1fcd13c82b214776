# SPDX-License-Identifier: MIT
"""
election - one election in one folder: every home, the programs' command lines, the members'
mailboxes. The demo and the law tests drive it step by step.

The folder:
  mailer/ receiver/ trustee-1/ …   the homes, one for each program that needs one
  public/                          the files that travel between the programs
  record/                          what is published at the end
  post/                            the private Postfix, its queue and everyone's mailbox
  secret/                          passphrases
  log/                             what the programs said
"""

import concurrent.futures
import csv
import io
import json
import os
import signal
import subprocess
import time

import members as people
import postfix
import web

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIP = 77
# A relay on loopback needs no pace.
FULL_SPEED = ("[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\n"
              "domain_at_once = 0\n")
VOTE, BOUNCE = "vote@vote.test", "bounce@vote.test"


class Trouble(Exception):
    """Something is not as it must be; the sentence says what."""


def check(good, sentence):
    """Law or no law: Trouble unless `good`."""
    if not good:
        raise Trouble(sentence)


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Programs:
    """The programs of one build folder."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        for name in ("votepost-mailer", "votepost-receiver", "votepost-scrutineer"):
            check(os.access(os.path.join(self.build, name), os.X_OK),
                  f"{name} is not in {self.build}: build it first")

    def path(self, name):
        return os.path.join(self.build, name)

    def helper(self, name):
        return os.path.join(self.build, "tests", "flow", name)

    def command(self, name, *args):
        return [self.path("votepost-" + name)] + [str(a) for a in args]

    def run(self, name, *args, expect=0, stdin=None, log=None, env=None):
        """Run to the end; the finished process. Trouble unless it exits as expected."""
        command = self.command(name, *args)
        done = subprocess.run(command, input=stdin, capture_output=True,
                              env=dict(os.environ, **env) if env else None, check=False,
                              **({} if stdin is not None else {"stdin": None}))
        if log:
            with open(log, "ab") as f:
                f.write(b"$ " + " ".join(command[:3]).encode() + b" ...\n" + done.stderr)
        allowed = expect if isinstance(expect, (tuple, list)) else (expect,)
        if done.returncode not in allowed:
            words = done.stderr.decode(errors="replace").strip().split("\n")[-6:]
            raise Trouble(f"votepost-{name} {args[0]} ended with {done.returncode}, not "
                          f"{' or '.join(map(str, allowed))}:\n    " + "\n    ".join(words))
        return done


class Election:
    """All its steps, in the order of a real one."""

    def __init__(self, programs, folder, members, trustees=3, threshold=2, officers=None):
        self.programs = programs
        self.folder = os.path.abspath(folder)
        self.members = members
        self.trustees, self.threshold = trustees, threshold
        self.officers = officers
        self.ceremony_text = "Votepost test election"
        self.post = postfix.Postfix(self.at("post"))
        self.lmtp_port = postfix.free_port()
        self.http_port = postfix.free_port()
        self.web = web.Web(self.http_port)
        self.server = None
        self.new_options = ()
        self.fingerprint = ""
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        for name in ("public", "log", "secret"):
            os.makedirs(self.at(name), exist_ok=True)
        os.chmod(self.at("secret"), 0o700)
        self.passphrases = ["mailer"] + [f"trustee-{i}" for i in self.numbers()]
        self.passphrases += [f"officer-{i}" for i in range(1, officers[1] + 1)] if officers else []
        for name in self.passphrases:
            self._secret(name, f"correct horse of {name} battery\n")

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def numbers(self):
        return range(1, self.trustees + 1)

    def passphrase(self, name):
        return ("--passphrase-file", self.at("secret", name))

    def share_file(self, officer):
        return self.at("secret", "shares", f"officer-{officer}.share")

    def unlock(self):
        """What opens the mailer's keys: one passphrase, or just as many officers as it takes."""
        if not self.officers:
            return self.passphrase("mailer")
        return sum((("--share", self.share_file(i)) + self.passphrase(f"officer-{i}")
                    for i in range(1, self.officers[0] + 1)), ())

    def mail(self, command, *args, **more):
        """A command of the mailer's that unlocks its keys."""
        return self.run("mailer", command, "--home", self.at("mailer"), *self.unlock(), *args,
                        **more)

    def _secret(self, name, text):
        with open(os.open(self.at("secret", name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                  "w") as f:
            f.write(text)

    def write(self, name, text):
        path = self.at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, name, *args, **more):
        return self.programs.run(name, *args, log=self.at("log", f"{name}.log"), **more)

    def each_trustee(self, step):
        """Run a step for every trustee at once: each has a machine of their own."""
        with concurrent.futures.ThreadPoolExecutor(self.trustees) as pool:
            return list(pool.map(step, self.numbers()))

    # The trustees' ceremony.

    def commit(self):
        def step(i):
            home = self.at(f"trustee-{i}")
            self.run("scrutineer", "trustee", "commit", "--home", home, "--name",
                     f"Trustee {i}", "--ceremony", self.ceremony_text, "--trustee", i,
                     "--threshold", self.threshold, "--trustees", self.trustees,
                     *self.passphrase(f"trustee-{i}"))
        self.each_trustee(step)

    def reveal(self):
        commits = [self.at(f"trustee-{i}", f"commit-{i}.json") for i in self.numbers()]

        def step(i):
            self.run("scrutineer", "trustee", "reveal", "--home", self.at(f"trustee-{i}"),
                     *self.passphrase(f"trustee-{i}"), *commits)
        self.each_trustee(step)

    def deal(self):
        def step(i):
            self.run("scrutineer", "trustee", "deal", "--home", self.at(f"trustee-{i}"),
                     "--manifest", self.at("mailer", "manifest.json"), "--out",
                     self.at("public"), *self.passphrase(f"trustee-{i}"))
        self.each_trustee(step)

    def accept(self):
        def step(j):
            deals = [self.at("public", f"deal-{i}-{j}.json") for i in self.numbers()]
            self.run("scrutineer", "trustee", "accept", "--home", self.at(f"trustee-{j}"),
                     "--manifest", self.at("mailer", "manifest.json"),
                     *self.passphrase(f"trustee-{j}"), *deals)
        self.each_trustee(step)

    # The mailer.

    def new(self, definition):
        path = self.write("election.conf", definition)
        how = self.passphrase("mailer")
        if self.officers:
            threshold, n = self.officers
            how = ("--officers", n, "--threshold", threshold, "--shares",
                   self.at("secret", "shares"))
            how += sum((self.passphrase(f"officer-{i}") for i in range(1, n + 1)), ())
        self.run("mailer", "new", path, "--home", self.at("mailer"), *self.new_options, *how)
        self.write("mailer/mailer.conf", self.mailer_settings())

    def relay_settings(self, timeout=20):
        return (f"[relay]\nhost = 127.0.0.1\nport = {self.post.submission}\ntls = starttls\n"
                f"ca_file = {self.post.ca}\ntimeout = {timeout}\n")

    def mailer_settings(self, connections=4):
        return (self.relay_settings() + f"connections = {connections}\n"
                f"[sender]\nname = Commission électorale\naddress = election@vote.test\n"
                f"bounce = {BOUNCE}\ncontact = help@vote.test\n"
                "timezone = Europe/Paris\n"
                f"[letter]\ntemplates = {ROOT}/config/templates\n" + FULL_SPEED)

    def receiver_settings(self):
        return (self.relay_settings() +
                "[sender]\nname = Votepost\naddress = answers@vote.test\n"
                f"[lmtp]\nlisten = inet:127.0.0.1:{self.lmtp_port}\n"
                f"[http]\nlisten = inet:127.0.0.1:{self.http_port}\n"
                f"record = {self.at('record')}\n"
                f"[answers]\nfolder = {ROOT}/config/answers\n")

    def roll(self):
        path = self.write("members.csv", people.roll_csv(self.members))
        return self.run("mailer", "roll", path, "--home", self.at("mailer"))

    def key(self):
        done = self.run("receiver", "key", "--box", self.at("receiver"))
        self.write("public/receiver.json", done.stdout)
        self.write("receiver/receiver.conf", self.receiver_settings())

    def seal(self):
        reveals = [self.at(f"trustee-{i}", f"reveal-{i}.json") for i in self.numbers()]
        done = self.mail("seal", "--receiver", self.at("public", "receiver.json"), *reveals)
        self.fingerprint = done.stdout.decode().strip().split()[-1]
        with open(self.at("mailer", "manifest.json"), encoding="utf-8") as f:
            self.manifest = json.load(f)

    def issue(self, **more):
        return self.mail("issue", **more)

    def send_command(self, *more):
        return self.programs.command("mailer", "send", "--home", self.at("mailer"),
                                     "--settings", self.at("mailer", "mailer.conf"),
                                     *self.unlock(), *more)

    def send(self, *more, expect=0):
        return self.run("mailer", *self.send_command(*more)[1:], expect=expect)

    def states(self):
        done = self.run("mailer", "status", "--home", self.at("mailer"), "--json")
        return json.loads(done.stdout)

    def ledger(self):
        return self.write("public/ledger.ndjson", self.mail("ledger").stdout)

    # What may have to be done while the vote goes on.

    def board_files(self, closed=False):
        """What the mailer is given of the board: as it stands now, or in the record."""
        if closed:
            self.board = self.at("record")
        else:
            self.board = self.open_record()
        return self.board

    def board_options(self):
        return ("--board", os.path.join(self.board, "board.ndjson"),
                "--head", os.path.join(self.board, "head.json"))

    def rotate(self, **more):
        return self.mail("rotate", "--yes", *self.board_options(), **more)

    def reissue(self, member, *args, **more):
        return self.mail("reissue", *args, member.id, **more)

    def apply(self, expect=0):
        """The operator takes in the mailer's changes."""
        return self.run("receiver", "apply", "--box", self.at("receiver"),
                        self.at("mailer", "changes.ndjson"), expect=expect)

    def remind(self, *args, **more):
        return self.mail("remind", *self.board_options(), *args, **more)

    def notify(self, **more):
        return self.mail("notify", *self.board_options(), **more)

    def attendance(self, *args, **more):
        """The list of who has voted, a dictionary a member."""
        done = self.mail("attendance", *self.board_options(), *args, **more)
        return list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8-sig"))))

    def forget(self, **more):
        return self.mail("forget", "--yes", **more)

    def token_keys(self):
        """The mailer's token keys, as only a thief would have them."""
        args = sum(([self.share_file(i), self.at("secret", f"officer-{i}")]
                    for i in range(1, self.officers[0] + 1)), [])
        done = subprocess.run([self.programs.helper("flow-keys"), self.at("mailer")] + args,
                              capture_output=True, check=False)
        check(done.returncode == 0, "flow-keys: " + done.stderr.decode())
        return [bytes.fromhex(line) for line in done.stdout.decode().split()]

    # The receiver.

    def open(self, *more, issued=None, expect=0, programs=None):
        """`programs`: others than those of the rest."""
        lines = b""
        for i in self.numbers():
            with open(self.at(f"trustee-{i}", f"accepted-{i}.ndjson"), "rb") as f:
                lines += f.read()
        accepted = self.write("public/accepted.ndjson", lines)
        return (programs or self.programs).run(
            "receiver", "open", "--box", self.at("receiver"), *more,
            self.at("mailer", "manifest.json"), issued or self.at("mailer", "issued.ndjson"),
            accepted, self.at("mailer", "handles.json"), expect=expect,
            log=self.at("log", "receiver.log"))

    def serve(self, wrapper=(), more=(), programs=None):
        """Start `serve` and wait until it greets."""
        log = open(self.at("log", "serve.log"), "ab")
        self.server = subprocess.Popen(
            list(wrapper) + (programs or self.programs).command(
                "receiver", "serve", "--box", self.at("receiver"), "--settings",
                self.at("receiver", "receiver.conf"), *more),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()

        def ready():
            if self.server.poll() is not None:
                with open(self.at("log", "serve.log"), errors="replace") as f:
                    words = f.read().strip().split("\n")[-6:]
                raise Trouble("votepost-receiver serve ended at once:\n    " +
                              "\n    ".join(words))
            return postfix.Postfix._greets(self.lmtp_port)
        postfix.wait_until("the receiver's LMTP greeting", ready, 15)

    def stop_serving(self, how=signal.SIGTERM):
        """Ask it to end, or kill it; its exit status."""
        if not self.server:
            return 0
        self.server.send_signal(how)
        try:
            status = self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
            raise Trouble("votepost-receiver serve does not end when it is asked to") from None
        self.server = None
        return status

    def funnel(self):
        done = self.run("receiver", "status", "--box", self.at("receiver"), "--json")
        return json.loads(done.stdout)

    def head(self):
        """A signed head, kept as a witness would."""
        done = self.run("receiver", "head", "--box", self.at("receiver"))
        with open(self.at("public", "heads.ndjson"), "ab") as f:
            f.write(done.stdout)
        return json.loads(done.stdout)

    def open_record(self):
        """A folder with the board as it stands now, and a head over it: what anyone may fetch
        while the vote goes on."""
        folder = self.at("open-record")
        os.makedirs(folder, exist_ok=True)
        with open(self.at("receiver", "board.ndjson"), "rb") as f:
            self.write("open-record/board.ndjson", f.read())
        self.write("open-record/head.json", self.run(
            "receiver", "head", "--box", self.at("receiver")).stdout)
        return folder

    def close(self, expect=0):
        return self.run("receiver", "close", "--box", self.at("receiver"), expect=expect)

    def record(self):
        self.run("receiver", "record", "--box", self.at("receiver"), self.at("record"))

    # The scrutineers.

    def share(self, j, expect=0):
        heads = self.at("public", "heads.ndjson")
        more = ("--heads", heads) if os.path.exists(heads) else ()
        return self.run("scrutineer", "share", self.at("record"), "--home",
                        self.at(f"trustee-{j}"), "--yes", *more,
                        *self.passphrase(f"trustee-{j}"), expect=expect)

    def tally(self):
        self.run("scrutineer", "tally", self.at("record"))
        with open(self.at("record", "result.json"), encoding="utf-8") as f:
            return json.load(f)["counts"]

    def verify(self, folder=None, expect=0):
        return self.run("scrutineer", "verify", folder or self.at("record"), "--json",
                        expect=expect)

    def reconcile(self, expect=0):
        return self.run("scrutineer", "reconcile", self.ledger(),
                        self.at("record", "funnel.json"), self.at("record"), expect=expect)

    def reports(self):
        """The record, and what goes with it, as the commands take them."""
        return self.at("record"), self.ledger(), self.at("record", "funnel.json")

    def bureau(self, incidents=(), place="The federation's house, room 2"):
        """The bureau's own file: a chair and a secretary with keys, an assessor who signs on
        paper; `incidents` are pairs of a time and a text, or triples with what was decided."""
        lines = ["[bureau]", f"place = {place}"]
        for who, name in (("chair", "Ana Lefèvre"), ("secretary", "Bruno Ferreira"),
                          ("assessor", "Chloé Martin")):
            lines += [f"[member {who}]", f"name = {name}", f"role = {who}"]
            if who != "assessor":
                lines.append(self._signing_key(who))
        for i, (at, text, *decision) in enumerate(incidents, 1):
            lines += [f"[incident {i}]", f"at = {at}", f"text = {text}"]
            lines += [f"decision = {words}" for words in decision]
        return self.write("bureau.conf", "\n".join(lines) + "\n")

    def _signing_key(self, who):
        """The line with this person's public key; the key is made when it is first asked for."""
        key, line = self.at("secret", f"{who}.key"), self.at("secret", f"{who}.line")
        if not os.path.exists(key):
            self._secret(who, f"correct horse of {who} battery\n")
            done = self.run("scrutineer", "minutes", "key", key, *self.passphrase(who))
            self._secret(f"{who}.line", done.stdout.decode())
        with open(line, encoding="utf-8") as f:
            return f.read().strip()

    def minutes(self, *more, incidents=(), into="minutes", bureau=None, expect=0, env=None):
        """The minutes; the folder that they are in."""
        self.run("scrutineer", "minutes", *self.reports(), bureau or self.bureau(incidents),
                 "--out", self.at(into), *more, expect=expect, env=env)
        return self.at(into)

    def sign_minutes(self, who, folder=None, expect=0):
        self.run("scrutineer", "minutes", "sign", folder or self.at("minutes"), "--key",
                 self.at("secret", f"{who}.key"), *self.passphrase(who), expect=expect)

    def check_minutes(self, folder=None, expect=0):
        """Who has signed, by their short names: what `minutes --check` says of each."""
        done = self.run("scrutineer", "minutes", "--check", folder or self.at("minutes"),
                        expect=expect)
        rows = [line.split(None, 1) for line in done.stdout.decode().splitlines()]
        return {who: words.split(":")[0] for who, words in rows}

    # The members.

    def mailboxes(self):
        for m in self.members:
            self.post.mailbox(m.email)
        self.post.mailbox(BOUNCE)
        self.post.mailbox("help@vote.test")

    def read_letters(self):
        """Every member opens their mailbox; those who have mail."""
        reached = []
        for m in self.members:
            mails = self.post.letters(m.email)
            if mails:
                m.letter = people.Letter(mails[0])
                reached.append(m)
        return reached

    def answers(self, member):
        """What came after the letter."""
        return [people.Letter(raw) for raw in self.post.letters(member.email)[1:]]

    def post_all(self, mails, connections=4):
        """Send mails as the members' providers would; wait until all have met their end."""
        self.post_only(mails, connections)
        self.post.settle(120)

    def post_only(self, mails, connections=4):
        def one(part):
            client = self.post.client()
            for mail in part:
                client.sendmail(mail.sender, [mail.recipient], mail.raw)
            client.quit()
        parts = [mails[i::connections] for i in range(connections) if mails[i::connections]]
        with concurrent.futures.ThreadPoolExecutor(len(parts) or 1) as pool:
            list(pool.map(one, parts))

    def _seal(self, member, cells, *how, token=None):
        """What flow-seal makes with a member's token, or another."""
        typed = f"{token or member.letter.token}\n{member.factor}\n"
        done = subprocess.run(
            [self.programs.helper("flow-seal"), self.at("mailer", "manifest.json"), cells, *how],
            input=typed.encode(), capture_output=True, check=False)
        check(done.returncode == 0, "flow-seal: " + done.stderr.decode())
        return done.stdout.decode().strip()

    def sealed_block(self, member, cells, channel="sealed-reply", token=None):
        """What the page would make offline: the block for a sealed reply."""
        return self._seal(member, cells, channel, token=token)

    def line(self, member, cells, channel="link", token=None):
        """What the page would post: the ballot line."""
        return self._seal(member, cells, channel, "line", token=token)

    def seal_and_issue(self, definition):
        """From the ceremony's end to an election that only has to be opened."""
        self.new(definition)
        self.roll()
        self.key()
        self.seal()
        self.deal()
        self.accept()
        self.issue()

    def prepare(self, define):
        """From nothing to an open ballot box, as quickly as the machine can. `define(took)`
        gives the definition: times in it should suit a machine that took so many seconds for
        the first steps, about 2 where nothing else runs."""
        self.mailboxes()
        self.post.replies_by_lmtp(VOTE, self.lmtp_port)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            starting = pool.submit(self.post.start)
            begun = time.monotonic()
            self.commit()
            self.reveal()
            took = time.monotonic() - begun
            starting.result()
        self.seal_and_issue(define(took))
        self.open()

    def end(self):
        """Stop what was started here."""
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        self.server = None
        self.post.stop()
