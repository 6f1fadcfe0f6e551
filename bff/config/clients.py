"""Who is known by a key. Knows digests, never a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from bff.config.kinds import Text
from bff.config.mistakes import Mistake, Place, refuse
from bff.config.settings import NAME, Scope, Settings

CLIENT = Text(
    "^(?!anonymous$)[a-z][a-z0-9_-]*$",
    "a name of lower-case letters, digits, _ and -, beginning with a letter, and not anonymous",
    'such as "web"',
)


class Key(Settings):
    """A key, as its digest."""

    sha256: Annotated[str, Text("^[0-9a-f]{64}$", "64 hexadecimal digits in lower case", "the SHA-256 of the key")]
    """The SHA-256 of the whole key, in hexadecimal; the key itself is stored nowhere."""


def _few(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    if len(keys) > 2:
        raise refuse(Mistake("must not be more than two", "one to use, and one to change to"))
    return keys


class Client(Settings):
    """A program that calls with a key of its own."""

    tier: Annotated[str, NAME]
    """What it may spend."""

    keys: Annotated[tuple[Key, ...], AfterValidator(_few)] = ()
    """Its keys: two while one replaces the other, none to shut it out."""

    scopes: tuple[Scope, ...] = ()
    """What it may see and do: the scopes that fields and routes demand."""


def clashes(clients: Mapping[str, Client]) -> Iterator[Mistake]:
    """Keys that come twice, placed below `clients`: whose quota would pay?"""
    first: dict[str, Place] = {}
    for name, client in clients.items():
        for at, key in enumerate(client.keys):
            place: Place = (name, "keys", at, "sha256")
            earlier = first.setdefault(key.sha256, place)
            if earlier != place:
                yield Mistake("is a key once more", "", place, ("clients", *earlier))
