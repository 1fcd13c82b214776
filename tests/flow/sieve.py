# SPDX-License-Identifier: MIT
"""
sieve - a private Dovecot that takes the members' mail by LMTP, runs each member's Sieve script and
fills their Maildir; what a script answers leaves by the test's own Postfix.
"""

import os
import pwd

import dovecot
import postfix

CONFIG = """\
protocols = lmtp
listen = 127.0.0.1
mail_location = maildir:{mail}/%d/%n
first_valid_uid = 1
hostname = mail.test
postmaster_address = postmaster@members.test
submission_host = 127.0.0.1:{smtp}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%n allow_all_users=yes
}}
plugin {{
  sieve = file:{folder}/scripts/%n.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class Sieve(dovecot.Dovecot):
    """`scripts`: {address: text}; addresses without one keep all their mail."""

    def __init__(self, folder, post, scripts):
        super().__init__(folder, {})
        self.port, self._post, self._scripts = postfix.free_port(), post, scripts
        post.members_by_lmtp(self.port)

    def settings(self):
        user = pwd.getpwnam(postfix.MAIL_USER)
        return super().settings() + CONFIG.format(
            folder=self.folder, mail=self._post.mail, smtp=self._post.smtp, port=self.port,
            uid=user.pw_uid, gid=user.pw_gid)

    def start(self):
        user = pwd.getpwnam(postfix.MAIL_USER)
        os.makedirs(os.path.join(self.folder, "scripts"))
        os.chown(os.path.join(self.folder, "scripts"), user.pw_uid, user.pw_gid)
        for address, text in self._scripts.items():
            name = address.split("@")[0]
            # Whom it has answered is remembered there.
            home = os.path.join(self.folder, "home", name)
            os.makedirs(home)
            os.chown(home, user.pw_uid, user.pw_gid)
            path = os.path.join(self.folder, "scripts", name + ".sieve")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        super().start()
        postfix.wait_until("Dovecot's LMTP", lambda: postfix.Postfix._greets(self.port), 10)
