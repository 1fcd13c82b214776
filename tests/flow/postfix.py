# SPDX-License-Identifier: MIT
"""
postfix - a private Postfix on loopback, in one folder, for elections that are only a test.

It has its own configuration, queue, data and certificate; nothing of the machine's own mail is
read or changed. It takes mail on three ports (plain, STARTTLS, implicit TLS), puts members' mail
into Maildirs by its own virtual(8), and hands replies to the receiver, by LMTP or by pipe.

Its log goes through a filter, as the snippets in config/ advise for a real machine: a line says
that mail passed, never whose.

It needs root, as Postfix itself does, and stops only the master that it started.
"""

import os
import pwd
import re
import signal
import smtplib
import socket
import subprocess
import threading
import time

DAEMONS = "/usr/lib/postfix/sbin"
QUEUES = ("maildrop", "incoming", "active", "deferred", "hold")
MAIL_USER = "nobody"

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
maillog_file_prefixes = /dev/stdout
myhostname = mail.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
local_recipient_maps =
recipient_delimiter = +
append_dot_mydomain = no
biff = no
notify_classes =
virtual_mailbox_domains = {members}, {votes}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = texthash:{folder}/etc/transport
default_transport = error:5.4.4 no outside mail from here
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/etc/access
smtpd_tls_cert_file = {folder}/tls/cert.pem
smtpd_tls_key_file = {folder}/tls/key.pem
smtpd_tls_security_level = may
smtpd_client_connection_count_limit = 0
lmtp_destination_concurrency_limit = 8
lmtp_destination_concurrency_failed_cohort_limit = 0
receiver_destination_recipient_limit = 1
receiver_destination_concurrency_limit = 4
message_size_limit = 20480000
bounce_queue_lifetime = 60s
maximal_queue_lifetime = 120s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
in_flow_delay = 0
"""

# Every service that is used, none in a chroot.
MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {login}
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {login}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{pipe}"""

# The two ports for programs take mail only after a password that Dovecot knows.
LOGIN = ("-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot -o smtpd_sasl_path={socket}"
         " -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject")

# What a log may not keep: who wrote to whom, and the handle that a correspondence has.
ADDRESS = re.compile(r"(from|to|orig_to|message-id)=<[^>]*>")
MAILBOX = re.compile(r"<[^<> ]*@[^<> ]*>")
HANDLE = re.compile(r"\+[0-9a-z]{13}\b")


def free_port():
    """A TCP port of loopback that nothing listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds=20.0, step=0.02):
    """Poll until `condition()` is true; its value. TimeoutError names what never came."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(step)


def redact(line):
    """A line of the mail log without addresses and handles."""
    return HANDLE.sub("+-", MAILBOX.sub("<->", ADDRESS.sub(r"\1=<->", line)))


class Postfix:
    """Write the configuration; start() and stop() run it."""

    def __init__(self, folder, members="members.test", votes="vote.test"):
        self.folder = os.path.abspath(folder)
        self.members, self.votes = members, votes
        self.smtp, self.submission, self.smtps = free_port(), free_port(), free_port()
        self.mail = os.path.join(self.folder, "mail")
        self.ca = os.path.join(self.folder, "tls", "cert.pem")
        self.log = os.path.join(self.folder, "log", "postfix.log")
        self.process = None
        self.pipe = self.login = ""
        self.settings = ""  # more lines of main.cf; a later one counts
        self._access, self._transport, self._mailboxes = {}, {}, {}

    # What it should do with mail; call before start(), or reload() after.

    def mailbox(self, address):
        """Deliver this address to a Maildir of its own."""
        local, domain = address.lower().split("@")
        self._mailboxes[address.lower()] = f"{domain}/{local}/"

    def maildir(self, address):
        local, domain = address.lower().split("@")
        return os.path.join(self.mail, domain, local)

    def refuse(self, address, answer):
        """Answer RCPT TO for this address with e.g. "450 4.7.1 come back later"."""
        self._access[address] = answer

    def accept(self, address):
        self._access.pop(address, None)

    def route(self, address, transport):
        """Take mail for this address, and hand it to another transport than the mailboxes'."""
        self.mailbox(address)
        self._transport[address.lower()] = transport

    def replies_by_lmtp(self, address, port):
        """Hand what comes for `address`, with any +handle, to an LMTP server on loopback."""
        self.mailbox(address)
        self._transport[address] = f"lmtp:inet:127.0.0.1:{port}"

    def members_by_lmtp(self, port):
        """Hand all members' mail to an LMTP server on loopback, which fills their Maildirs."""
        self._transport[self.members] = f"lmtp:inet:127.0.0.1:{port}"

    def into_folder(self, address, folder):
        """Deliver into a folder of the mailbox, as a filter for junk would; "": the inbox."""
        self.mailbox(address)
        if folder:
            self._mailboxes[address.lower()] += f".{folder}/"

    def replies_by_pipe(self, address, command, user=MAIL_USER):
        """Hand it to a program on its standard input. `command` may hold Postfix's
        ${sender} and ${recipient}."""
        self.mailbox(address)
        self._transport[address] = "receiver:"
        words = ["argv=" + command[0]] + command[1:]
        self.pipe = ("receiver unix - n n - 4 pipe flags=RX user=%s null_sender=\n  %s\n"
                     % (user, " ".join(f"{{{word}}}" if " " in word else word for word in words)))

    def passwords(self, dovecot):
        """Ask for a password on the ports with TLS, and for none on the plain one."""
        self.login = LOGIN.format(socket=dovecot.socket)

    def certify(self, names):
        """Another certificate, self-signed, for these names: "DNS:localhost,IP:127.0.0.1"."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=mail.test",
             "-addext", "subjectAltName=" + names,
             "-keyout", os.path.join(self.folder, "tls", "key.pem"), "-out", self.ca],
            check=True, capture_output=True)

    def _write(self):
        user = pwd.getpwnam(MAIL_USER)
        where = dict(folder=self.folder, daemons=DAEMONS, members=self.members, votes=self.votes,
                     uid=user.pw_uid, gid=user.pw_gid, smtp=self.smtp,
                     submission=self.submission, smtps=self.smtps, pipe=self.pipe, login=self.login)
        for name, text in (("main.cf", MAIN.format(**where) + self.settings),
                           ("master.cf", MASTER.format(**where))):
            with open(os.path.join(self.folder, "etc", name), "w") as f:
                f.write(text)
        for name, table in (("mailboxes", self._mailboxes), ("access", self._access),
                            ("transport", self._transport)):
            with open(os.path.join(self.folder, "etc", name), "w") as f:
                f.writelines(f"{key} {value}\n" for key, value in table.items())

    def folders(self):
        for name in ("etc", "queue", "data", "log", "tls", "mail"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        os.chmod(self.folder, 0o755)
        postfix, user = pwd.getpwnam("postfix"), pwd.getpwnam(MAIL_USER)
        os.chown(os.path.join(self.folder, "data"), postfix.pw_uid, -1)
        os.chown(self.mail, user.pw_uid, user.pw_gid)
        os.chmod(self.mail, 0o755)

    # Its life.

    def start(self):
        self.folders()
        if not os.path.exists(self.ca):
            self.certify("DNS:localhost,IP:127.0.0.1")
        self._write()
        self.process = subprocess.Popen(
            ["postfix", "-c", os.path.join(self.folder, "etc"), "start-fg"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", start_new_session=True)
        self._tail = []
        threading.Thread(target=self._keep_log, args=(self.process.stdout,), daemon=True).start()
        try:
            for port in (self.smtp, self.submission):
                wait_until(f"Postfix on port {port}", lambda: self._greets(port))
        except TimeoutError as e:
            self.stop()
            raise RuntimeError(f"{e}\n" + "".join(self._tail[-10:])) from None

    def _keep_log(self, stream):
        with open(self.log, "a") as log:
            for line in stream:
                line = redact(line)
                self._tail = self._tail[-50:] + [line]
                log.write(line)
                log.flush()

    @staticmethod
    def _greets(port):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
                return s.recv(200).startswith(b"220")
        except OSError:
            return False

    def _master(self):
        try:
            with open(os.path.join(self.folder, "queue", "pid", "master.pid")) as f:
                return int(f.read())
        except (OSError, ValueError):
            return None

    def reload(self):
        """Take up changed tables and transports."""
        self._write()
        subprocess.run(["postfix", "-c", os.path.join(self.folder, "etc"), "reload"],
                       check=True, capture_output=True)

    def stop(self):
        """End the master that start() began, and wait until it is gone."""
        if not self.process:
            return
        pid = self._master()
        if pid:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if pid:
            wait_until("the end of Postfix's master", lambda: not os.path.exists(f"/proc/{pid}"))
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # Its queue and its mailboxes.

    def queued(self):
        """How many mails wait or are under way."""
        n = 0
        for name in QUEUES:
            for _, _, files in os.walk(os.path.join(self.folder, "queue", name)):
                n += len(files)
        return n

    def settle(self, seconds=60.0):
        """Wait until every mail has reached its end: delivered, answered or returned."""
        def empty():
            # Twice, since a mail may move from a queue not yet looked at to one that was.
            return self.queued() == 0 and (time.sleep(0.03) or self.queued() == 0)
        wait_until("an empty mail queue", empty, seconds)

    def flush(self):
        subprocess.run(["postfix", "-c", os.path.join(self.folder, "etc"), "flush"],
                       check=True, capture_output=True)

    def letters(self, address):
        """The raw mails in a Maildir, oldest first."""
        folder = os.path.join(self.maildir(address), "new")
        try:
            names = [os.path.join(folder, n) for n in os.listdir(folder)]
        except FileNotFoundError:
            return []
        found = []
        for name in sorted(names, key=lambda n: os.stat(n).st_mtime_ns):
            with open(name, "rb") as f:
                found.append(f.read())
        return found

    def client(self):
        """An open SMTP connection, as a member's own provider would have it."""
        return smtplib.SMTP("127.0.0.1", self.smtp, local_hostname="client.test", timeout=60)
