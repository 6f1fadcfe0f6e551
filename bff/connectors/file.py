"""Files that clients send: what stands in the schema, and what a call carries of them.

`File` is an input that holds a file's content in base64, and `Upload` what a call carries of it. `Incoming` is a file
that comes beside the operation, behind Strawberry's scalar `Upload`, and is read while it comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.scalars import Base64


@strawberry.input(name="File", description="A file to send to a service.")
class File:
    """What stands in an input: `photo: File`."""

    name: str = strawberry.field(description="What the file is called, without a path.")
    type: str = strawberry.field(default="application/octet-stream", description="Its media type.")
    content: Base64 = strawberry.field(description="What is in it.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way. In a JSON body it is an object of these, its content in base64."""

    name: str
    type: str
    content: bytes


def uploaded(members: Mapping[str, Any]) -> Upload:
    """A `File` as it came from a client, ready to be sent."""
    return Upload(members["name"], members["type"], members["content"])


class Label(NamedTuple):
    """What a client says of a file that it sends."""

    name: str
    type: str


class Source(Protocol):
    """Where a file comes from, piece by piece."""

    async def label(self) -> Label:
        """Wait until it begins to come. Raises BffError where it will not."""

    def pieces(self) -> AsyncIterator[bytes]:
        """What is in it, as it comes; whoever is slow to take it slows its sender. Raises BffError."""


class Incoming:
    """A file that comes beside the operation. What is not asked for is not waited for, nor is it held in memory.

    In code: `await file.read()`, or `async for piece in file` for one that is large. What its sender calls it is known
    once it comes: `(await file.label()).name`.
    """

    __slots__ = ("_source",)

    def __init__(self, source: Source) -> None:
        self._source = source

    async def label(self) -> Label:
        """Name, without a path, and media type. Raises BffError for a file that does not come."""
        return await self._source.label()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._source.pieces()

    async def read(self) -> bytes:
        """The whole file, which the gateway's limit on a file bounds."""
        return b"".join([piece async for piece in self])


def incoming(value: object) -> Incoming:
    """The value of the scalar `Upload`. Raises for anything that did not come as a file."""
    if not isinstance(value, Incoming):
        raise StrawberryInputCoercionError("Upload is a file, sent as multipart/form-data.")
    return value
