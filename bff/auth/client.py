"""The clients that have API keys, found by them in constant time. Knows no HTTP and no token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from bff.auth.caller import ANONYMOUS, Caller
from bff.auth.keys import Key
from bff.auth.refused import Refused

MOST_KEYS = 2  # the one in use, and the next one while it is rolled out

_DIGEST: Final = 32  # bytes of SHA-256
_HEAD: Final = 16  # bytes of it that an entry is found by


@dataclass(frozen=True, slots=True)
class Client:
    """A consumer of the API. Raises ValueError for what no configuration may say."""

    name: str
    tier: str
    key_digests: tuple[bytes, ...] = field(default=(), repr=False)  # SHA-256 of each live key
    scopes: frozenset[str] = frozenset()  # what its keys allow; a token says for itself
    caller: Caller = field(init=False, repr=False, compare=False)  # who calls with one of its keys and nothing else

    def __post_init__(self) -> None:
        # A caller without a client is named "issuer subject": no client may look like one.
        if not self.name or self.name == ANONYMOUS or any(char.isspace() for char in self.name):
            raise ValueError(f"A client cannot be called {self.name!r}.")
        if len(self.key_digests) > MOST_KEYS:
            raise ValueError(f"The client {self.name} has more than {MOST_KEYS} keys.")
        if any(len(digest) != _DIGEST for digest in self.key_digests):
            raise ValueError(f"A key of the client {self.name} is not kept as the {_DIGEST} bytes of its SHA-256.")
        object.__setattr__(self, "caller", Caller(self.name, self.tier, scopes=self.scopes))


_NOBODY: Final = Client("nobody", "")
_NO_DIGEST: Final = bytes(_DIGEST)  # of no known text


class Clients:
    """All of them. A key takes the same path whether somebody owns it or nobody."""

    def __init__(self, clients: Iterable[Client]) -> None:
        """Raises ValueError if two have one name or one key."""
        self.by_name: dict[str, Client] = {}
        # By the head of the digest, not by the key's id: configuration keeps digests and nothing else. What the dict
        # gives away by its timing is of a digest that the caller can compute, never of a key.
        self._by_head: dict[bytes, tuple[bytes, Client]] = {}
        for client in clients:
            self._add(client)

    @property
    def have_keys(self) -> bool:
        return bool(self._by_head)

    def of_digest(self, digest: bytes) -> Client | None:
        """Who owns the key of this SHA-256."""
        known, client = self._by_head.get(digest[:_HEAD], (_NO_DIGEST, _NOBODY))
        return client if compare_digest(known, digest) else None

    def owner(self, key: Key) -> Client:
        """Raises Refused if nobody owns it, or nobody any more."""
        client = self.of_digest(key.digest)
        if client is None:
            raise Refused(f"nobody has the key bff_{key.id}_…")
        return client

    def _add(self, client: Client) -> None:
        if self.by_name.setdefault(client.name, client) is not client:
            raise ValueError(f"Two clients are called {client.name}.")
        for digest in client.key_digests:
            _, other = self._by_head.setdefault(digest[:_HEAD], (digest, client))
            if other is not client:
                raise ValueError(f"The clients {other.name} and {client.name} have the same key.")
