"""A real redis-server on a socket of its own: started, stopped, frozen and restarted by the tests."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lacking import lacking

PROGRAMS = ("valkey-server", "redis-server")
PATIENCE = 30.0


def program() -> str:
    """The server's path. Skips the test when there is none; fails it where CI=true."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return found or lacking("redis-server", "sh tests/system.sh installs it (Debian package redis-server)")


class Server:
    """Keeps nothing on disk: a restart has forgotten everything."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="bff-quota-")
        self.socket = str(Path(self.folder) / "store.sock")
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        Path(self.socket).unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no", "--dir", self.folder]
        self._process = subprocess.Popen([program(), *options], stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < give_up, "redis-server does not answer"
            time.sleep(0.01)

    def command(self, *words: str) -> str:
        """What the server says to one command, as it says it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(self.socket)
            connection.sendall(" ".join(words).encode() + b"\r\n")
            return connection.recv(65_536).decode()

    def freeze(self) -> None:
        """Connections are accepted, and nothing is answered."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            return self.command("PING") == "+PONG\r\n"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[Server]:
    """One that answers, and of which nothing is left."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()
