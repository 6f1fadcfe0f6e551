"""`bff dev`: the gateway, anew after every change of its files, and whatever is to run beside it.

A new version starts beside the old one, on the same socket. Only when it takes connections does the old one end; while
it cannot start it has said why, and the old one goes on. So nobody is ever refused a connection, and a mistake in the
graph costs nothing but its message.
"""

from __future__ import annotations

import asyncio
import shlex
import socket
from collections.abc import Sequence

from bff.cli import terminal
from bff.cli.child import Child, ToldToStop, told_to_stop
from bff.cli.listener import address_of, listen
from bff.cli.watch import changes
from bff.cli.worker import Orders, Worker
from bff.config import Config, Listen
from bff.errors import StartRefused

GRACE = 5.0  # seconds
NAMED = 3  # changed files that are named


async def dev(orders: Orders, commands: Sequence[str]) -> None:
    """Run until told to stop; then nothing is left running."""
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(told_to_stop())
            for command in commands:
                tasks.create_task(_beside(command))
            tasks.create_task(_Versions(orders, tasks).run())
    except* ToldToStop:
        pass


async def _beside(command: str) -> None:
    try:
        child = await Child.start(shlex.split(command))
    except (OSError, ValueError) as error:
        terminal.trouble(f"cannot run {command!r}: {error}")
        return
    try:
        terminal.trouble(f"{command!r} has ended with status {await child.ended()}")
    finally:
        await child.stop(GRACE)


class _Versions:
    """The version that serves, the one that is starting, and the socket that they hand on."""

    def __init__(self, orders: Orders, tasks: asyncio.TaskGroup) -> None:
        self._orders = orders
        self._tasks = tasks
        self._starting: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._listeners: dict[Listen, socket.socket] = {}
        self._announced = ""

    async def run(self) -> None:
        self._begin()
        async for paths in changes(self._orders.project):
            more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
            terminal.note(f"changed: {', '.join(path.name for path in paths[:NAMED])}{more}")
            self._begin()

    def _begin(self) -> None:
        if self._starting and self._starting is not self._serving:
            self._starting.cancel()
        self._starting = self._tasks.create_task(self._version())

    async def _version(self) -> None:
        """One version from its start to its end."""
        try:
            settings = self._orders.overrides.applied(self._orders.project.settings())
            listener = self._listener(settings.listen)
        except StartRefused as refused:
            terminal.problems(refused.problems)
            self._still()
            return
        worker = await Worker.start(self._orders, listener)
        try:
            if not await worker.ready():
                self._still()
                return
            self._take_over(settings)
            terminal.trouble(f"the gateway has ended with status {await worker.ended()}")
            self._replace()
        finally:
            await worker.stop(GRACE)

    def _listener(self, wanted: Listen) -> socket.socket:
        if wanted not in self._listeners:
            self._listeners[wanted] = listen(wanted.host, wanted.port)
        return self._listeners[wanted]

    def _take_over(self, settings: Config) -> None:
        """From here on this version serves and the one before it ends."""
        if self._serving:
            self._serving.cancel()
        self._serving = asyncio.current_task()
        for other in self._listeners.keys() - {settings.listen}:
            self._listeners.pop(other).close()
        endpoint = address_of(self._listeners[settings.listen]) + settings.graphql.path
        if endpoint == self._announced:
            terminal.note("the new version serves")
            return
        self._announced = endpoint
        terminal.welcome(endpoint, self._orders.project.example())

    def _still(self) -> None:
        waiting = "the version before it goes on" if self._serving else "nothing serves yet"
        terminal.trouble(f"this version cannot start; {waiting}; waiting for a change")

    def _replace(self) -> None:
        """The version that served has died by itself."""
        if self._serving is self._starting:
            self._begin()
        self._serving = None
