"""A REST service in process, below everything that calls it: requests in, replies out, and nothing in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bff import codec
from bff.upstreams import Reply, Request

Handler = Callable[[Request], Any]


@dataclass(frozen=True)
class Raw:
    """An answer that is not 200 with JSON."""

    status: int
    body: bytes = b""


@dataclass
class Faked:
    """A service that answers by `handler`: with JSON, or with a `Raw`."""

    handler: Handler

    async def send(self, request: Request) -> Reply:
        found = self.handler(request)
        raw = found if isinstance(found, Raw) else Raw(200, codec.encode(found))
        return Reply("faked", raw.status, (("content-type", "application/json"),), raw.body)

    async def aclose(self) -> None:
        """Holds nothing."""
