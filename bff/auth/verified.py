"""Tokens that were verified a moment ago, so that the next request with one need not pay for it again. No policy else.

Found by the SHA-256 of the whole token. Only verified tokens are kept, and they have one spelling: so what is found is
what was verified. An entry is good for the very key set that it was verified with; when that goes, so does the entry.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bff.auth.claims import Token
from bff.auth.key_set import KeySet

LONGEST = 60.0  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A token and what it was verified with; times are the wall clock's."""

    token: Token
    kid: str | None
    keys: KeySet
    since: float

    def good(self, now: float) -> bool:
        """Whether it need not be verified anew. A clock that was set back must not make entries live longer."""
        return self.since <= now < min(self.since + LONGEST, self.token.expires)


class Verified:
    """At most `most` entries; the one not used for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, digest: bytes, now: float) -> Entry | None:
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if not entry.good(now):
            self.drop(digest)
            return None
        self._entries.move_to_end(digest)
        return entry

    def keep(self, digest: bytes, entry: Entry) -> None:
        self._entries[digest] = entry
        self._entries.move_to_end(digest)
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        self._entries.pop(digest, None)
