"""Texts by their SHA-256, in the memory of one process. Bounded; knows who registered each.

Where it is full, the client that holds most loses what it has not used for longest: who floods it, floods itself.
"""

from __future__ import annotations

from collections import OrderedDict

MOST = 10_000  # texts
OVERHEAD = 300  # bytes that an entry takes beside its text


class Kept:
    """At most `size` bytes of texts, and no more than MOST of them."""

    def __init__(self, size: int, most: int = MOST) -> None:
        self._size = size
        self._most = most
        self._held: dict[str, OrderedDict[str, str]] = {}  # by client, the longest unused first
        self._sizes: dict[str, int] = {}  # by client
        self._owners: dict[str, str] = {}  # by digest

    def __len__(self) -> int:
        return len(self._owners)

    def get(self, digest: str) -> str | None:
        owner = self._owners.get(digest)
        if owner is None:
            return None
        self._held[owner].move_to_end(digest)
        return self._held[owner][digest]

    def put(self, digest: str, text: str, client: str) -> None:
        """Keep it, on the account of `client`; of a text that is kept already, its first owner's."""
        if digest in self._owners or _size(text) > self._size:
            return
        self._owners[digest] = client
        self._held.setdefault(client, OrderedDict())[digest] = text
        self._sizes[client] = self._sizes.get(client, 0) + _size(text)
        while len(self._owners) > self._most or sum(self._sizes.values()) > self._size:
            self._forget(max(self._sizes, key=self._sizes.__getitem__))

    def _forget(self, client: str) -> None:
        digest, text = self._held[client].popitem(last=False)
        del self._owners[digest]
        self._sizes[client] -= _size(text)
        if not self._held[client]:
            del self._held[client], self._sizes[client]


def _size(text: str) -> int:
    return len(text) + OVERHEAD
