"""Files that clients send: `File` is the input that stands in the schema, `Upload` what a call carries of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
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
