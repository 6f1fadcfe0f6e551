"""`bff dev`: the gateway, anew after every change of its files, and whatever is to run beside it.

A new version starts beside the old one, on the same socket. Only when it takes connections does the old one end; while
it cannot start it has said why, and the old one goes on. So nobody is ever refused a connection, and a mistake in the
graph costs nothing but its message.

Where `bff.yaml` asks callers who they are, each tier has a key and a user a token, made at start.
"""

from __future__ import annotations

import asyncio
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bff.cli import terminal
from bff.cli.child import Child, ToldToStop, told_to_stop
from bff.cli.identity import USER, Identity
from bff.cli.listener import address_of, listen
from bff.cli.watch import changes
from bff.cli.worker import Orders, Ready, Worker
from bff.config import Config, Listen
from bff.errors import StartRefused

GRACE = 5.0  # seconds
NAMED = 3  # changed files that are named
JWKS = "TRIPS_JWKS"  # tells the demo service that has users where the keys of their tokens are


async def dev(orders: Orders, commands: Sequence[str]) -> None:
    """Run until told to stop; then nothing is left running."""
    identity = Identity()
    async with identity.published():
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(told_to_stop())
                for command in commands:
                    tasks.create_task(_beside(command, {JWKS: identity.jwks}))
                tasks.create_task(_Versions(orders, identity, tasks).run())
        except* ToldToStop:
            pass


async def _beside(command: str, env: Mapping[str, str]) -> None:
    try:
        child = await Child.start(shlex.split(command), env=env)
    except (OSError, ValueError) as error:
        terminal.trouble(f"cannot run {command!r}: {error}")
        return
    try:
        terminal.trouble(f"{command!r} has ended with status {await child.ended()}")
    finally:
        await child.stop(GRACE)


class _Versions:
    """The version that serves, the one that is starting, and the socket that they hand on."""

    def __init__(self, orders: Orders, identity: Identity, tasks: asyncio.TaskGroup) -> None:
        self._orders = orders
        self._identity = identity
        self._tasks = tasks
        self._starting: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._listeners: dict[Listen, socket.socket] = {}
        self._announced: tuple[str, Mapping[str, str]] | None = None

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
        orders = replace(self._orders, demo=self._identity.demo(settings))
        worker = await Worker.start(orders, listener)
        try:
            if not await worker.ready():
                self._still()
                return
            self._take_over(settings, worker.said)
            terminal.trouble(f"the gateway has ended with status {await worker.ended()}")
            self._replace()
        finally:
            await worker.stop(GRACE)

    def _listener(self, wanted: Listen) -> socket.socket:
        if wanted not in self._listeners:
            self._listeners[wanted] = listen(wanted.host, wanted.port)
        return self._listeners[wanted]

    def _take_over(self, settings: Config, said: Ready) -> None:
        """From here on this version serves and the one before it ends."""
        if self._serving:
            self._serving.cancel()
        self._serving = asyncio.current_task()
        for other in self._listeners.keys() - {settings.listen}:
            self._listeners.pop(other).close()
        endpoint = address_of(self._listeners[settings.listen]) + settings.graphql.path
        keys = self._identity.keys(settings)
        if (endpoint, keys) == self._announced:
            terminal.note("the new version serves")
            return
        self._announced = endpoint, keys
        project = self._orders.project
        terminal.welcome(endpoint, said.example)
        if settings.auth is None:
            terminal.note("anyone may call: the configuration has no auth")
        else:
            example = project.users_example() or said.example
            terminal.callers(endpoint, keys, USER, self._identity.token(said.scopes), example)

    def _still(self) -> None:
        waiting = "the version before it goes on" if self._serving else "nothing serves yet"
        terminal.trouble(f"this version cannot start; {waiting}; waiting for a change")

    def _replace(self) -> None:
        """The version that served has died by itself."""
        if self._serving is self._starting:
            self._begin()
        self._serving = None
