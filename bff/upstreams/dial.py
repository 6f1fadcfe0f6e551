"""WebSockets to one upstream, for what is heard there: a wire like any other.

A socket is a reply of status 101 whose body never comes to its end by itself, and each chunk of it is one whole
message. A body of the request is the first message that we send.
"""

from __future__ import annotations

from typing import Self

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from bff.upstreams.lines import Lines, ours
from bff.upstreams.seam import Reply, Request

WAITING = 16  # messages that may wait here; beyond them the service does
SWITCHED = 101


class Dial:
    """Opens sockets to one upstream."""

    def __init__(self, name: str, url: str, *, max_size: int) -> None:
        """`url` is that of the upstream, http or https; a message is at most `max_size` bytes."""
        self._name = name
        self._lines = Lines(name, url)
        self._max_size = max_size

    async def send(self, request: Request) -> Reply:
        """The status is another than 101 where the service answers with anything but a socket; no body comes then."""
        try:
            connection = await self._connected(request)
        except InvalidStatus as refusal:
            return Reply(self._name, refusal.response.status_code, (), b"")
        try:
            if isinstance(request.body, bytes):
                await connection.send(request.body, text=True)
        except ConnectionClosed as error:
            self._lines.leave(connection)
            raise ours(self._name, error) from error
        except BaseException:
            self._lines.leave(connection)
            raise
        reply = Reply(self._name, SWITCHED, (), _Messages(self._name, connection))
        reply.on_close(lambda _: self._lines.leave(connection))
        return reply

    async def _connected(self, request: Request) -> ClientConnection:
        return await self._lines.open(
            request,
            additional_headers=[pair for pair in request.headers if pair[0] not in {"accept", "user-agent"}],
            user_agent_header="bff",
            max_size=self._max_size,
            max_queue=WAITING,
        )

    async def aclose(self) -> None:
        await self._lines.aclose()

    def __repr__(self) -> str:
        return f"dial {self._lines!r}"


class _Messages:
    """A socket's messages as a body."""

    __slots__ = ("_connection", "_name")

    def __init__(self, name: str, connection: ClientConnection) -> None:
        self._name = name
        self._connection = connection

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosedOK:
            raise StopAsyncIteration from None
        except ConnectionClosed as error:
            raise ours(self._name, error) from error
