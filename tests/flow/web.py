# SPDX-License-Identifier: MIT
"""
web - the receiver as a browser meets it: posts and gets on loopback, without a browser.
"""

import http.client
import json
import os
import socket
import ssl
import subprocess

import postfix

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Web:
    """One election's web server: `port` of it, or of a proxy before it, which speaks TLS under
    the certificate `ca`."""

    def __init__(self, port, ca=None):
        self.port, self.ca = port, ca

    def ask(self, method, target, body=None, **headers):
        """(status, headers, body) of one request on a connection of its own."""
        if self.ca:
            tls = ssl.create_default_context(cafile=self.ca)
            c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=tls)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request(method, target, body, {k.replace("_", "-"): v for k, v in headers.items()})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def get(self, target):
        return self.ask("GET", target)

    def json(self, target):
        status, _, body = self.get(target)
        if status != 200:
            raise RuntimeError(f"{target} answered {status}")
        return json.loads(body)

    def post(self, line):
        """(status, what was answered) to a ballot line."""
        status, _, body = self.ask("POST", "/ballot", line.encode(),
                                   Content_Type="application/json")
        return status, json.loads(body)


class Nginx:
    """The nginx of config/nginx.conf, in a folder of its own, before a receiver on a socket."""

    PROGRAM = "/usr/sbin/nginx"

    def __init__(self, folder, receiver, certificate, key):
        self.folder, self.process = folder, None
        self.port = postfix.free_port()
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(ROOT, "config", "nginx.conf"), encoding="utf-8") as f:
            text = f.read()
        for old, new in (
                ("unix:/run/votepost/http.sock", receiver),
                ("listen 443", f"listen 127.0.0.1:{self.port}"),
                ("listen 80", f"listen 127.0.0.1:{postfix.free_port()}"),
                ("/etc/letsencrypt/live/vote.example.org/fullchain.pem", certificate),
                ("/etc/letsencrypt/live/vote.example.org/privkey.pem", key)):
            if old not in text:
                raise RuntimeError(f"config/nginx.conf no longer holds {old}")
            text = text.replace(old, new)
        places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.settings = os.path.join(folder, "nginx.conf")
        with open(self.settings, "w", encoding="utf-8") as f:
            f.write(f"user root;\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
                    f"events {{}}\nhttp {{\naccess_log {folder}/access.log;\n{places}{text}}}\n")

    def command(self, *more):
        return [self.PROGRAM, "-c", self.settings, "-e", os.path.join(self.folder, "error.log"),
                "-p", self.folder] + list(more)

    def start(self):
        done = subprocess.run(self.command("-t"), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError("config/nginx.conf: " + done.stderr.decode())
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def listens():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        postfix.wait_until("nginx", listens, 10)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.process = None
