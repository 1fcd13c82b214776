# SPDX-License-Identifier: MIT
"""
homeland - the mail server of one person, as strict as a big provider's: it checks DKIM (a real
opendkim), writes down what it finds of a mail, puts it into inbox or junk, and lets its user read
by IMAP (a real Dovecot) and send.

And the signer of a relay, which is another opendkim. All of it on loopback, from one folder; it
stops only what it started.
"""

import base64
import os
import signal
import socket
import subprocess

import postfix

IMAP = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_failure_delay = 0
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{mail}/%d/%n
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/home/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


class Part:
    """A program that runs in the foreground until it is asked to end."""

    def __init__(self, command, port):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        postfix.wait_until(f"{command[0]} on port {port}", lambda: listens(port), 10)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Key:
    """An RSA key for DKIM; `record` is what stands in the DNS."""

    def __init__(self, path):
        self.path = path
        subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True,
                       capture_output=True)
        os.chmod(path, 0o600)
        der = subprocess.run(["openssl", "rsa", "-in", path, "-pubout", "-outform", "der"],
                             check=True, capture_output=True).stdout
        self.record = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def opendkim(folder, name, lines):
    """A milter; (its process, its port)."""
    port = postfix.free_port()
    path = os.path.join(folder, f"{name}.conf")
    with open(path, "w") as f:
        f.write(f"Socket inet:{port}@127.0.0.1\nSyslog no\nRequireSafeKeys no\nUserID root\n"
                "Canonicalization relaxed/relaxed\n" + lines)
    return Part(["opendkim", "-f", "-x", path], port), port


class Homeland:
    """The server of `user`, to whom mail comes from `domain`, signed under `selector`."""

    def __init__(self, folder, user, domain, selector):
        self.folder = os.path.abspath(folder)
        self.user, self.domain, self.selector = user, domain, selector
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.post = postfix.Postfix(os.path.join(self.folder, "post"))
        self.key = Key(os.path.join(self.folder, "dkim.pem"))
        self.imap_port = postfix.free_port()
        self.parts = []
        self.post.mailbox(user)

    def sign_for(self, relay):
        """Have a Postfix sign what it sends in the domain's name, and send it with TLS."""
        part, port = opendkim(self.folder, "signer",
                              f"Mode s\nDomain {self.domain}\nSelector {self.selector}\n"
                              f"KeyFile {self.key.path}\nInternalHosts 127.0.0.1\n")
        self.parts.append(part)
        relay.settings += (f"smtpd_milters = inet:127.0.0.1:{port}\n"
                           "smtp_tls_security_level = may\n")

    def start(self):
        self._verify()
        self.find("spf=pass", "dmarc=pass")
        self.post.folders()
        self.post.certify("DNS:localhost")
        self.post.start()
        self._imap()

    def _verify(self):
        keys = os.path.join(self.folder, "keys")
        with open(keys, "w") as f:
            f.write(f"{self.selector}._domainkey.{self.domain} {self.key.record}\n")
        part, port = opendkim(self.folder, "verifier",
                              f"Mode v\nAuthservID mx.home.test\nTestPublicKeys {keys}\n"
                              "InternalHosts 127.0.0.2\n")
        self.parts.append(part)
        path = os.path.join(self.post.folder, "etc", "found")
        self.post.settings += (f"smtpd_milters = inet:127.0.0.1:{port}\n"
                               f"smtpd_sender_restrictions = check_sender_access texthash:{path}\n")

    def find(self, spf, dmarc):
        """What it finds besides DKIM, which it really checks; post.reload() after start()."""
        path = os.path.join(self.post.folder, "etc", "found")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(f"{self.domain} PREPEND Authentication-Results: mx.home.test; "
                    f"{spf} smtp.mailfrom={self.domain}; {dmarc} (p=reject) "
                    f"header.from={self.domain}\n")

    def _imap(self):
        with open(os.path.join(self.folder, "users"), "w") as f:
            f.write(f"{self.user}:{{PLAIN}}home sweet home::::::\n")
        config = os.path.join(self.folder, "dovecot.conf")
        with open(config, "w") as f:
            f.write(IMAP.format(folder=self.folder, mail=self.post.mail, port=self.imap_port))
        self.parts.append(Part(["dovecot", "-F", "-c", config], self.imap_port))

    def junk(self, yes):
        """Take what comes for junk; post.reload() after start()."""
        self.post.into_folder(self.user, "Junk" if yes else "")

    def stop(self):
        self.post.stop()
        for part in reversed(self.parts):
            part.stop()
        self.parts = []
