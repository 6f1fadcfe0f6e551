"""Ways to an upstream's WebSockets that are made when the first one is wanted.

Few gateways have any, and every start would wait for the library. Knows none: `bff.upstreams.lines` does.
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
        self._way: Sender | None = None

    async def send(self, request: Request) -> Reply:
        if self._way is None:
            self._way = self._made()
        return await self._way.send(request)

    def _made(self) -> Sender:
        from bff.upstreams.dial import Dial  # a start does not wait for it

        return Dial(self._name, self._url, max_size=self._max_size)

    async def aclose(self) -> None:
        if self._way is not None:
            await self._way.aclose()

    def __repr__(self) -> str:
        return f"sockets of {self._url}"


class Tunnels(Sockets):
    """The same, as `Tunnel` does."""

    def _made(self) -> Sender:
        from bff.upstreams.tunnel import Tunnel  # a start does not wait for it

        return Tunnel(self._name, self._url, max_size=self._max_size)
