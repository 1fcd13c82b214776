# SPDX-License-Identifier: MIT
"""
keeper - a private Dovecot that keeps mail: what comes by LMTP lies in a Maildir until somebody
takes it out over IMAP.
"""

import os
import pwd
import shutil

import dovecot
import postfix

CONFIG = """\
protocols = imap lmtp
listen = 127.0.0.1
hostname = mail.test
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%n allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""


class Keeper(dovecot.Dovecot):
    """`passwords`: {user: password}; a mail for USER+anything@ is USER's."""

    def __init__(self, folder, passwords, certificate):
        super().__init__(folder, passwords)
        self.lmtp, self.imap, self.imaps = (postfix.free_port() for _ in range(3))
        self._cert, self._key = certificate, certificate.replace("cert.pem", "key.pem")

    def settings(self):
        user = pwd.getpwnam(postfix.MAIL_USER)
        return super().settings().replace("protocols =\nssl = no\n", "") + CONFIG.format(
            folder=self.folder, cert=self._cert, key=self._key, lmtp=self.lmtp, imap=self.imap,
            imaps=self.imaps, uid=user.pw_uid, gid=user.pw_gid)

    def start(self):
        self._own("mail")
        self._own("home")
        super().start()
        postfix.wait_until("Dovecot's LMTP", lambda: postfix.Postfix._greets(self.lmtp), 10)

    def _own(self, *names):
        user = pwd.getpwnam(postfix.MAIL_USER)
        path = os.path.join(self.folder, *names)
        os.makedirs(path, exist_ok=True)
        os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def maildir(self, user, folder=""):
        """Of a user's folder, as it stands in the file system; "" is the INBOX."""
        name = "." + folder if folder else ""
        return os.path.join(self.folder, "mail", user, name)

    def mails(self, user, folder=""):
        """The files of the mails in it, oldest first."""
        found = []
        for part in ("new", "cur"):
            at = os.path.join(self.maildir(user, folder), part)
            if os.path.isdir(at):
                found += [os.path.join(at, name) for name in os.listdir(at)]
        return sorted(found, key=os.path.basename)

    def put(self, user, name, raw):
        """A mail into the INBOX, past all servers."""
        for part in ("new", "cur", "tmp"):
            self._own("mail", user)
            self._own("mail", user, part)
        path = os.path.join(self._own("mail", user, "new"), name)
        with open(path, "wb") as f:
            f.write(raw)
        account = pwd.getpwnam(postfix.MAIL_USER)
        os.chown(path, account.pw_uid, account.pw_gid)

    def renumber(self, user, back=""):
        """Forget every UID and the UIDVALIDITY, and put what is in the folder `back` where it was
        before: what a server does that is restored from a backup. It must not run."""
        inbox = self.maildir(user)
        for path in self.mails(user, back) if back else ():
            shutil.move(path, os.path.join(inbox, "cur", os.path.basename(path)))
        for name in os.listdir(inbox):
            if name.startswith("dovecot"):
                os.unlink(os.path.join(inbox, name))
        # It would make the same one up again within a second.
        with open(os.path.join(inbox, "dovecot-uidvalidity"), "w") as f:
            f.write("7fffffff")
