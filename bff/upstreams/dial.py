"""WebSockets to one upstream (RFC 6455), through `websockets`, the only module that knows it.

A wire like any other: a socket is a reply of status 101 whose body never comes to its end by itself, and each chunk of
it is one whole message. A body of the request is the first message that we send. No redirect is followed, no proxy is
taken from the environment, nothing is packed.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    WebSocketException,
)
from websockets.frames import CloseCode

from bff.errors import UpstreamMalformed, UpstreamTooLarge, UpstreamUnreachable
from bff.upstreams.seam import Reply, Request

PING = 20.0  # seconds between pings, and that a pong may take: a peer that is gone is noticed within both
GOODBYE = 1.0  # seconds that the other end has to close as well
WAITING = 16  # messages that may wait here; beyond them the service does

_SWITCHED = 101
_TOO_LARGE = {CloseCode.MESSAGE_TOO_BIG}
_MALFORMED = {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA}

_QUIET = logging.getLogger(f"{__name__}.websockets")
_QUIET.disabled = True  # it would write frames, and headers with credentials


class Dial:
    """Opens sockets to one upstream."""

    def __init__(self, name: str, url: str, *, max_size: int) -> None:
        """`url` is that of the upstream, http or https; a message is at most `max_size` bytes."""
        self._name = name
        self._url = url.replace("http", "ws", 1).rstrip("/")
        self._max_size = max_size
        self._leaving: set[asyncio.Task[None]] = set()
        self._open: set[ClientConnection] = set()
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """The status is another than 101 where the service answers with anything but a socket; no body comes then."""
        if self._closed:
            raise UpstreamUnreachable(self._name, detail="the gateway is stopping")
        try:
            connection = await self._connected(request)
        except InvalidStatus as refusal:
            return Reply(self._name, refusal.response.status_code, (), b"")
        except (WebSocketException, OSError) as error:  # TimeoutError is an OSError
            raise _ours(self._name, error) from error
        self._open.add(connection)
        try:
            if isinstance(request.body, bytes):
                await connection.send(request.body, text=True)
        except ConnectionClosed as error:
            self._leave(connection)
            raise _ours(self._name, error) from error
        except BaseException:
            self._leave(connection)
            raise
        reply = Reply(self._name, _SWITCHED, (), _Messages(self._name, connection))
        reply.on_close(lambda _: self._leave(connection))
        return reply

    async def _connected(self, request: Request) -> ClientConnection:
        opening = _Straight(
            self._url,
            additional_headers=[pair for pair in request.headers if pair[0] not in {"accept", "user-agent"}],
            user_agent_header="bff",
            compression=None,
            proxy=None,
            open_timeout=None,  # how long it may take is decided above
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=GOODBYE,
            max_size=self._max_size,
            max_queue=WAITING,
            logger=_QUIET,
        )
        # The target as it is: urllib would cut it at a semicolon.
        path, _, query = request.target.partition("?")
        opening.ws_uri = replace(opening.ws_uri, path=opening.ws_uri.path + path, query=query)
        return await opening

    def _leave(self, connection: ClientConnection) -> None:
        """Say goodbye; who waits for it is nobody but the last of all, `aclose`."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        task = asyncio.ensure_future(connection.close(CloseCode.NORMAL_CLOSURE))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def aclose(self) -> None:
        self._closed = True
        for connection in tuple(self._open):
            self._leave(connection)
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def __repr__(self) -> str:
        return f"dial {self._url}"


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
            raise _ours(self._name, error) from error


class _Straight(connect):
    """Opens a socket where it was told to, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _ours(upstream: str, error: WebSocketException | OSError) -> Exception:
    """Broken, or never there: unreachable. There, but no WebSocket: malformed. More in one message: too large."""
    detail = f"{type(error).__name__}: {error}"
    sent = error.sent.code if isinstance(error, ConnectionClosed) and error.sent else None
    if sent in _TOO_LARGE:
        return UpstreamTooLarge(upstream, detail=detail)
    refused = isinstance(error, InvalidHandshake) and not isinstance(error, InvalidMessage)
    if refused or sent in _MALFORMED:
        return UpstreamMalformed(upstream, detail=detail)
    return UpstreamUnreachable(upstream, detail=detail)
