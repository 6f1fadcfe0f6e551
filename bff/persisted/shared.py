"""Texts by their SHA-256, in a store that all processes share. While it is away, nothing is found and nothing is kept.

Knows which questions to ask, and no protocol. What comes back is believed only if it has the digest it was asked by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from bff.limits.circuit import Circuit
from bff.limits.line import Line, StoreAway

Question = tuple[str | int, ...]  # a command of the store and its arguments
Run = Callable[[Sequence[Question]], Awaitable[Sequence[Any]]]


class SharedTexts:
    """`run` answers all of a batch of commands in their order, or raises StoreAway."""

    def __init__(
        self, run: Run, aclose: Callable[[], Awaitable[None]], *, timeout: float, ttl: float, prefix: str = "bff"
    ) -> None:
        """Seconds. `timeout`: that a request waits for a text; without it, the client sends the text. `ttl`: that a
        text is kept which nobody asks for.
        """
        self._line: Line[Question, Any] = Line(run, timeout=timeout, circuit=Circuit(), on_store=_ignored)
        self._aclose = aclose
        self._ttl = max(1, round(ttl))
        self._prefix = prefix

    async def find(self, digest: str) -> str | None:
        if not self._line.open:
            return None
        try:
            found = await asyncio.shield(self._line.ask(("GETEX", self._key(digest), "EX", self._ttl)))
        except StoreAway:
            return None
        if not isinstance(found, bytes) or sha256(found).hexdigest() != digest:
            return None
        return found.decode()

    def keep(self, digest: str, text: str) -> None:
        """Nobody waits for it, and nothing is lost with it but a round trip."""
        if self._line.open:
            self._line.ask(("SET", self._key(digest), text, "EX", self._ttl))

    async def aclose(self) -> None:
        await self._line.aclose()
        with suppress(StoreAway):
            await self._aclose()

    def _key(self, digest: str) -> str:
        return f"{self._prefix}:document:{digest}"


def _ignored(_state: str, _reason: str) -> None:
    """The ledger tells of a store that goes away."""
