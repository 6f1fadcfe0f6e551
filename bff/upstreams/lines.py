"""Connections to one upstream's WebSockets (RFC 6455): opened where they are meant to go, and left in good manners.

No redirect is followed, no proxy is taken from the environment, nothing is packed. Knows `websockets`, and no message.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus, WebSocketException
from websockets.frames import CloseCode

from bff.errors import UpstreamMalformed, UpstreamTooLarge, UpstreamUnreachable
from bff.upstreams.seam import Request

PING = 20.0  # seconds between pings, and that a pong may take: a peer that is gone is noticed within both
GOODBYE = 1.0  # seconds that the other end has to close as well

_TOO_LARGE = {CloseCode.MESSAGE_TOO_BIG}
_MALFORMED = {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA}

_QUIET = logging.getLogger(f"{__name__}.websockets")
_QUIET.disabled = True  # it would write frames, and headers with credentials


class Lines:
    """Those that are open."""

    def __init__(self, name: str, url: str) -> None:
        """`url` is that of the upstream, http or https."""
        self._name = name
        self._url = url.replace("http", "ws", 1).rstrip("/")
        self._leaving: set[asyncio.Task[None]] = set()
        self._open: set[ClientConnection] = set()
        self._closed = False

    async def open(self, request: Request, **options: Any) -> ClientConnection:
        """`options` are those of `websockets`. Raises InvalidStatus for an answer that is none, and `UpstreamError`."""
        if self._closed:
            raise UpstreamUnreachable(self._name, detail="the gateway is stopping")
        try:
            connection = await self._way(request, options)
        except InvalidStatus:
            raise
        except (WebSocketException, OSError) as error:  # TimeoutError is an OSError
            raise ours(self._name, error) from error
        self._open.add(connection)
        return connection

    def _way(self, request: Request, options: dict[str, Any]) -> connect:
        way = _Straight(
            self._url,
            compression=None,
            proxy=None,
            open_timeout=None,  # how long it may take is decided above
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=GOODBYE,
            logger=_QUIET,
            create_connection=_Line,
            **options,
        )
        # The target as it is: urllib would cut it at a semicolon, and `query` has no word for one that is empty.
        way.ws_uri = replace(way.ws_uri, path=way.ws_uri.path + request.target, query="")
        return way

    def leave(self, connection: ClientConnection, code: int = CloseCode.NORMAL_CLOSURE) -> None:
        """Say goodbye; who waits for it is nobody but the last of all, `aclose`."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        task = asyncio.ensure_future(connection.close(code))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def aclose(self) -> None:
        self._closed = True
        for connection in tuple(self._open):
            self.leave(connection)
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def __repr__(self) -> str:
        return self._url


class _Line(ClientConnection):
    """A connection that is over when the service has said so, and has been told the same.

    To end the connection below is the service's to do first (RFC 6455 7.1.1). One that does not would be missed by its
    pings alone, much later, and whoever listens is told of the end by then.
    """

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_rcvd_then_sent:
            self.transport.close()  # which lets what we have said leave


class _Straight(connect):
    """Opens a socket where it was told to, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def ours(upstream: str, error: WebSocketException | OSError) -> Exception:
    """Broken, or never there: unreachable. There, but no WebSocket: malformed. More in one message: too large."""
    detail = f"{type(error).__name__}: {error}"
    sent = error.sent.code if isinstance(error, ConnectionClosed) and error.sent else None
    if sent in _TOO_LARGE:
        return UpstreamTooLarge(upstream, detail=detail)
    refused = isinstance(error, InvalidHandshake) and not isinstance(error, InvalidMessage)
    if refused or sent in _MALFORMED:
        return UpstreamMalformed(upstream, detail=detail)
    refused = isinstance(error, ConnectionRefusedError)
    return UpstreamUnreachable(
        upstream, detail=detail, why="connection_refused" if refused else "connection_terminated"
    )
