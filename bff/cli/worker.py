"""A gateway process that we start on a socket of ours: `bff serve` once more. Knows when it is ready.

Between it and us is a pair of connected sockets. It sends one line once it takes connections, what is to be known
of its graph; when its end of the pair closes before that, it has refused to start; when ours closes, we are gone, and
it ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from bff.cli.child import Child
from bff.cli.demo import Demo
from bff.cli.project import Overrides, Project
from bff.config.units import print_duration
from bff.telemetry.logs import Form, Level

if TYPE_CHECKING:
    from bff.mock import Mock

MOST = 65_536  # bytes of the line


@dataclass(frozen=True, slots=True)
class Ready:
    """What a worker says of its graph: the scopes that it demands, and a query to begin with."""

    scopes: tuple[str, ...] = ()
    example: str = ""

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        found = json.loads(line)
        return cls(tuple(found["scopes"]), found["example"])


@dataclass(frozen=True, slots=True)
class Orders:
    """How to serve: the options of `bff serve` but for the address."""

    project: Project
    overrides: Overrides
    log_level: Level
    log_format: Form
    drain: float  # seconds
    demo: Demo | None = None
    mock: Mock | None = None  # the services are made up

    def command(self) -> list[str]:
        """The command that serves like this. `-P` keeps the working directory off the path (load_graph says why)."""
        own = [sys.executable, "-P", "-m", "bff.cli"]
        where = ["--config", str(self.project.config), "--app-dir", str(self.project.folder)]
        how = ["--log-level", self.log_level, "--log-format", self.log_format, "--drain", print_duration(self.drain)]
        demo = ["--demo", self.demo.written()] if self.demo else []
        trusted = ["--trusted"] if self.project.trusted else []
        return [*own, *where, "serve", *how, *demo, *trusted, *self._switches(), *self._mock()]

    def _switches(self) -> list[str]:
        said = self.overrides
        switches = {"graphiql": said.graphiql, "introspection": said.introspection, "explain": said.explain}
        return [f"--{name}" if on else f"--no-{name}" for name, on in switches.items() if on is not None]

    def _mock(self) -> list[str]:
        if self.mock is None:
            return []
        from bff.mock import written  # it is here, since the mock is

        faults = [f"{name}:{written(fault)}" for name, fault in self.mock.faults.items()]
        return ["--mock", "--seed", str(self.mock.seed), *(part for fault in faults for part in ("--fault", fault))]


class Worker:
    def __init__(self, child: Child, link: socket.socket) -> None:
        self._child = child
        self._link = link
        self.said = Ready()  # once it is ready

    @classmethod
    async def start(cls, orders: Orders, listener: socket.socket) -> Self:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        handed_down = (listener.fileno(), theirs.fileno())
        command = [*orders.command(), "--fd", str(handed_down[0]), "--link", str(handed_down[1])]
        with theirs:
            try:
                return cls(await Child.start(command, handed_down), ours)
            except BaseException:
                ours.close()
                raise

    async def ready(self) -> bool:
        """Whether it takes connections; False when it ended instead, having said why."""
        line = b""
        try:
            while not line.endswith(b"\n"):
                if not (more := await asyncio.get_running_loop().sock_recv(self._link, MOST)):
                    return False
                line += more
        except ConnectionError:
            return False
        self.said = Ready.read(line)
        return True

    async def ended(self) -> int:
        return await self._child.ended()

    async def stop(self, grace: float) -> None:
        """Let it finish what it is answering, for at most `grace` seconds."""
        try:
            await self._child.stop(grace)
        finally:
            self._link.close()
