"""WebSockets to one upstream, for those that pass through: what either end says reaches the other, message by message.

A wire like any other. The request's body is what is said to the service, the reply's is what it says: pieces as
`bff.upstreams.messages` has them. Frames, masks, pings and extensions are each hop's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.http11 import Response

from bff.errors import UpstreamMalformed
from bff.upstreams.dial import SWITCHED
from bff.upstreams.lines import Lines, ours
from bff.upstreams.messages import Goodbye, Text
from bff.upstreams.seam import Headers, Reply, Request

WAITING = 2  # messages that may wait here, in each direction; beyond them whoever speaks does
OFFERED = "sec-websocket-protocol"


class Tunnel:
    """Opens sockets to one upstream, each for one client."""

    def __init__(self, name: str, url: str, *, max_size: int) -> None:
        """`url` is that of the upstream, http or https; a message of the service is at most `max_size` bytes."""
        self._name = name
        self._lines = Lines(name, url)
        self._max_size = max_size

    async def send(self, request: Request) -> Reply:
        """The status is another than 101 where the service answers with anything but a socket: that answer, whole.

        What comes back ends by a `Goodbye`, or by an `UpstreamError` where the service goes without one.
        """
        try:
            connection = await self._connected(request)
        except InvalidStatus as refusal:
            return self._answer(refusal.response)
        saying = asyncio.ensure_future(_say(connection, request.body))
        reply = Reply(self._name, SWITCHED, _headers(connection.response), _Heard(self._name, connection))

        def over(_: BaseException | None) -> None:
            saying.cancel()
            self._lines.leave(connection, CloseCode.GOING_AWAY)

        reply.on_close(over)
        return reply

    async def _connected(self, request: Request) -> ClientConnection:
        offered = next((value for name, value in request.headers if name == OFFERED), "")
        return await self._lines.open(
            request,
            additional_headers=[pair for pair in request.headers if pair[0] != OFFERED],
            subprotocols=[word.strip() for word in offered.split(",")] if offered else None,
            user_agent_header=None,  # the client's own is among its headers
            max_size=self._max_size,
            max_queue=WAITING,
        )

    def _answer(self, response: Response) -> Reply:
        if response.status_code < 200:
            raise UpstreamMalformed(self._name, detail=f"status {response.status_code} in place of a WebSocket")
        return Reply(self._name, response.status_code, _headers(response), bytes(response.body or b""))

    async def aclose(self) -> None:
        await self._lines.aclose()

    def __repr__(self) -> str:
        return f"tunnel {self._lines!r}"


class _Heard:
    """What a service says, to its last word."""

    __slots__ = ("_connection", "_name", "_over")

    def __init__(self, name: str, connection: ClientConnection) -> None:
        self._name = name
        self._connection = connection
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._over:
            raise StopAsyncIteration
        try:
            message = await self._connection.recv()
        except ConnectionClosed as error:
            self._over = True
            if error.rcvd is None or (error.sent and not error.rcvd_then_sent and _broken(error.sent.code)):
                raise ours(self._name, error) from error
            return Goodbye.saying(error.rcvd.code, error.rcvd.reason)
        return Text(message.encode()) if isinstance(message, str) else message


async def _say(connection: ClientConnection, messages: bytes | AsyncIterator[bytes] | None) -> None:
    """Until nothing more is to be said, or nobody there listens: whoever hears the service learns of that."""
    if messages is None or isinstance(messages, bytes):
        return
    try:
        async for message in messages:
            if isinstance(message, Goodbye):
                await connection.close(message.code, message.reason)  # type: ignore[arg-type]  # none is legal too
                return
            await connection.send(message, text=isinstance(message, Text))
    except ConnectionClosed:
        pass


def _broken(code: int) -> bool:
    """Whether it was we who ended it, for what the service had sent."""
    return code in {CloseCode.MESSAGE_TOO_BIG, CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA}


def _headers(response: Response | None) -> Headers:
    return tuple((name.lower(), value) for name, value in response.headers.raw_items()) if response else ()
