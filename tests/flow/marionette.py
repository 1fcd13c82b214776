# SPDX-License-Identifier: MIT
"""
marionette - what drives Thunderbird from outside: its own remote protocol, a length, a colon and
JSON over one TCP connection. Scripts run within the program, with its own rights.
"""

import json
import socket
import time


class Marionette:
    """One session. RuntimeError with the program's own words where a script fails."""

    def __init__(self, port, seconds=30):
        self._socket = self._connect(port, time.monotonic() + seconds)
        self._socket.settimeout(60)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._take()
        self._call("WebDriver:NewSession")
        self._call("Marionette:SetContext", value="chrome")
        self._call("WebDriver:SetTimeouts", script=30000)

    @staticmethod
    def _connect(port, end):
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=10)
            except OSError:
                if time.monotonic() > end:
                    raise TimeoutError("Thunderbird does not open its port") from None
                time.sleep(0.05)

    def _take(self):
        length = b""
        while not length.endswith(b":"):
            c = self._file.read(1)
            if not c:
                raise RuntimeError("Thunderbird has gone")
            length += c
        return json.loads(self._file.read(int(length[:-1])))

    def _call(self, command, **parameters):
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(data), data))
        _, _, error, value = self._take()
        if error:
            raise RuntimeError(f"Thunderbird: {error['error']}: {error['message'][:500]}")
        return value

    def run(self, script, *args):
        """The value of an async function's body, called with `args`."""
        body = ("const [resolve] = Array.from(arguments).slice(-1);"
                "(async (...args) => {" + script + "})(...Array.from(arguments).slice(0, -1))"
                ".then(v => resolve({value: v}), e => resolve({error: `${e}`}));")
        done = self._call("WebDriver:ExecuteAsyncScript", script=body, args=list(args),
                          newSandbox=True, sandbox="system")["value"]
        if "error" in done:
            raise RuntimeError("Thunderbird: " + done["error"])
        return done.get("value")

    def close(self):
        try:
            self._call("Marionette:Quit", flags=["eForceQuit"])
        except (OSError, RuntimeError):
            pass
        self._socket.close()
