"""A process that we start, with everything that it starts: stopped as one. Knows no gateway.

Each has a session of its own, so Ctrl-C reaches only us, and we decide who ends, when and in what order.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Self

LOOK = 0.05  # seconds between two looks at a group whose leader has ended


class Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls, command: Sequence[str], pass_fds: Sequence[int] = (), env: Mapping[str, str] | None = None
    ) -> Self:
        """Our standard output and error are its own; it reads nothing. `env` is beside ours. Raises OSError."""
        return cls(
            await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=pass_fds,
                env={**os.environ, **(env or {})},
            )
        )

    async def ended(self) -> int:
        """Its exit status, once it has ended; -N for a signal N."""
        return await self._process.wait()

    async def stop(self, grace: float) -> None:
        """Ask the whole group to end, wait up to `grace` seconds, and end it. At once when this is cancelled."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await self._gone()
        except TimeoutError:
            pass
        finally:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    async def _gone(self) -> None:
        await self._process.wait()
        while self._signal(0):  # noqa: ASYNC110 - nothing tells that a group is empty
            await asyncio.sleep(LOOK)

    def _signal(self, number: int) -> bool:
        """Whether there was anybody left to get it."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True


class ToldToStop(Exception):
    """Ctrl-C, SIGTERM, or the terminal is gone."""


async def told_to_stop() -> None:
    """Raises ToldToStop when that happens; as a task of a group it ends the others."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
    raise ToldToStop
