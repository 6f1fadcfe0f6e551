"""`bff` as people run it: a process, what it printed, what it answered, how it ended. Waits by looking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import psutil

ZYGOTE = Path(__file__).with_name("zygote.py")
BFF = str(Path(sys.executable).with_name("bff"))
PATIENCE = 60.0  # seconds; nothing here takes more than one when the machine is idle

Found = TypeVar("Found")


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


class Bff:
    """`bff` for commands that end by themselves; its terminal has 80 columns and no colours."""

    def __init__(self, folder: Path) -> None:
        plain = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
        self._streams = [folder / name for name in ("in", "out", "err")]
        self._zygote = subprocess.Popen(
            [sys.executable, ZYGOTE], env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, *arguments: str | Path, cwd: Path, stdin: str = "") -> Done:
        for stream in self._streams:
            stream.write_text(stdin)
            stdin = ""
        request = {"arguments": arguments, "cwd": cwd, "streams": self._streams}
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(json.dumps(request, default=str) + "\n")
        self._zygote.stdin.flush()
        status = int(self._zygote.stdout.readline())
        return Done(status, *(stream.read_text() for stream in self._streams[1:]))

    def close(self) -> None:
        self._zygote.communicate(timeout=PATIENCE)


def until(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, as soon as it finds it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "this never happened"
        time.sleep(0.02)
    return found


class Running:
    """A `bff` that goes on until it is told to stop, in a session of its own as in a terminal."""

    def __init__(self, *arguments: str | Path, cwd: Path, output: Path) -> None:
        self._output = output
        with output.open("wb") as stream:
            self._process = subprocess.Popen(
                [BFF, *map(str, arguments)], cwd=cwd, stdout=stream, stderr=stream, start_new_session=True
            )
        self.everyone: list[psutil.Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        family = self._family()
        self._process.kill()  # first: it would replace those of its children that die
        for process in (*family, *self.everyone):
            if process.is_running():
                process.kill()
        self._process.wait(PATIENCE)

    @property
    def printed(self) -> str:
        return self._output.read_text("utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.printed.splitlines() if line.startswith("{")]

    def says(self, text: str, times: int = 1) -> None:
        """Wait until it has said so."""
        until(lambda: self.printed.count(text) >= times)

    def url(self) -> str:
        """Where it listens, once it does."""
        found: dict[str, Any] = until(lambda: next((x for x in self.lines if x["event"] == "listening"), None))
        return str(found["url"])

    def workers(self) -> list[psutil.Process]:
        return [each for each in self._family() if "--link" in each.cmdline()]

    def ask(self, query: str) -> Any:
        for _ in range(2):
            try:
                return self._ask(query)
            except httpx.RemoteProtocolError:
                pass  # RFC 9112 9.6: a server that stops may close a connection on which nothing has come yet
        return self._ask(query)

    def _ask(self, query: str) -> Any:
        return httpx.post(f"{self.url()}/graphql", json={"query": query}, trust_env=False, timeout=PATIENCE).json()

    def family(self) -> set[str]:
        """The names of the programs that it and its children run."""
        return {each.name() for each in self._family()}

    def fields_of(self, name: str) -> set[str]:
        """The fields of a type, as whoever serves at this moment knows them."""
        found = self.ask(f'{{ __type(name: "{name}") {{ fields {{ name }} }} }}')
        return {field["name"] for field in found["data"]["__type"]["fields"]}

    def signal(self, number: int) -> None:
        """As a terminal does it, to the whole group."""
        os.killpg(self._process.pid, number)

    def stop(self, number: int) -> int:
        """Returns the exit status."""
        self.everyone = self._family()
        self.signal(number)
        return self.ended()

    def ended(self) -> int:
        """The exit status, once it has ended."""
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End it without giving it a chance to end anybody else."""
        self.everyone = self._family()
        self._process.kill()
        self._process.wait(PATIENCE)

    def nobody_is_left(self) -> bool:
        """Whether all that ran when it was told to stop have ended, or do so soon."""
        return until(lambda: not any(each.is_running() and each.status() != "zombie" for each in self.everyone))

    def _family(self) -> list[psutil.Process]:
        try:
            family: list[psutil.Process] = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return family
