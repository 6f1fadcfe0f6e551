"""A way to an upstream's WebSockets that is made when the first one is wanted.

Few graphs have any, and every start would wait for the library. Knows none: `bff.upstreams.dial` does.
"""

from __future__ import annotations

from bff.upstreams.seam import Reply, Request, Sender


class Sockets:
    """Opens sockets to one upstream, as `Dial` does."""

    def __init__(self, name: str, url: str, *, max_size: int) -> None:
        """`url` is that of the upstream, http or https; a message is at most `max_size` bytes."""
        self._name = name
        self._url = url
        self._max_size = max_size
        self._dial: Sender | None = None

    async def send(self, request: Request) -> Reply:
        if self._dial is None:
            from bff.upstreams.dial import Dial  # a start does not wait for it

            self._dial = Dial(self._name, self._url, max_size=self._max_size)
        return await self._dial.send(request)

    async def aclose(self) -> None:
        if self._dial is not None:
            await self._dial.aclose()

    def __repr__(self) -> str:
        return f"sockets of {self._url}"
