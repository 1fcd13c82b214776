# SPDX-License-Identifier: MIT
"""
dovecot - a private Dovecot that does nothing but check passwords, for a Postfix whose clients
must log in (tests/flow/postfix.py).

It needs root, as Dovecot itself does, and stops only what it started.
"""

import os
import signal
import subprocess

import postfix

CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}
}}
service auth {{
  unix_listener {socket} {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    """Passwords, {user: password}; `mechanisms` as in "plain login"."""

    def __init__(self, folder, passwords, mechanisms="plain login"):
        self.folder = os.path.abspath(folder)
        self.socket = os.path.join(self.folder, "run", "auth-postfix")
        self.log = os.path.join(self.folder, "dovecot.log")
        self._passwords, self._mechanisms = passwords, mechanisms
        self.process = None

    def settings(self):
        return CONFIG.format(folder=self.folder, socket=self.socket, mechanisms=self._mechanisms)

    def start(self):
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        config = os.path.join(self.folder, "dovecot.conf")
        with open(config, "w") as f:
            f.write(self.settings())
        with open(os.path.join(self.folder, "users"), "w") as f:
            f.writelines(f"{user}:{{PLAIN}}{word}\n" for user, word in self._passwords.items())
        self.process = subprocess.Popen(["dovecot", "-F", "-c", config],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        postfix.wait_until("Dovecot's socket", lambda: os.path.exists(self.socket), 10)

    def stop(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
