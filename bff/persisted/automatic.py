"""Documents that clients register by sending them once (Apollo's automatic persisted queries). Knows no HTTP.

This saves bytes and is no protection: whoever may run a document may register it. So only what ran, and was paid for,
is registered; a client registers only so many a minute; and what it holds is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bff.persisted.kept import Kept
from bff.persisted.shared import SharedTexts

A_MINUTE = 100  # registrations of one client, in each process
LONGEST = 65_536  # characters of a text that is kept; nobody writes longer ones again and again

Clock = Callable[[], float]


class Automatic:
    """Texts by their digest: here, or where all processes keep them."""

    def __init__(self, kept: Kept, shared: SharedTexts | None, clock: Clock) -> None:
        """`clock` in seconds."""
        self._kept = kept
        self._shared = shared
        self._clock = clock
        self._minute = 0
        self._registered: Counter[str] = Counter()

    async def find(self, digest: str, client: str) -> str | None:
        """Found elsewhere, it is kept here too, on the account of the client that asks."""
        found = self._kept.get(digest)
        if found is None and self._shared is not None:
            found = await self._shared.find(digest)
            if found is not None:
                self._kept.put(digest, found, client)
        return found

    def register(self, digest: str, text: str, client: str) -> bool:
        """Whether it is kept from now on. The digest is the text's: who calls has made sure."""
        if self._kept.get(digest) is not None:
            return False
        if len(text) > LONGEST or not self._may(client):
            return False
        self._kept.put(digest, text, client)
        if self._shared is not None:
            self._shared.keep(digest, text)
        return True

    async def aclose(self) -> None:
        if self._shared is not None:
            await self._shared.aclose()

    def _may(self, client: str) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute = minute
            self._registered.clear()
        self._registered[client] += 1
        return self._registered[client] <= A_MINUTE
