"""The handshake: who may open a connection at all. Knows no message."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from bff import codec
from bff.errors import BffError, Forbidden, TooManySubscriptions
from bff.origins.sockets import may_connect
from bff.socket.connection import Connection
from bff.socket.messages import SUBPROTOCOL
from bff.socket.serving import Serving
from bff.upstreams import Headers


class SocketEndpoint:
    """WebSockets at one path."""

    def __init__(
        self, serving: Serving, *, origins: frozenset[str], check: Callable[[dict[str, str]], None] | None = None
    ) -> None:
        """`origins` are those of other hosts whose pages may connect. `check` may refuse a handshake by its headers."""
        self._serving = serving
        self._origins = origins
        self._check = check
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
        await receive()  # websocket.connect
        try:
            self._admit(headers)
        except BffError as error:
            await refuse(error, send)
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await self._serve(Connection(self._serving, headers, receive, send))

    async def _serve(self, connection: Connection) -> None:
        self._count(1)
        try:
            await connection.run()
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        for observer in self._serving.sockets:
            observer.connected(self._open)

    def _admit(self, headers: Headers) -> None:
        fields = dict(headers)
        if not may_connect(fields.get("origin"), fields.get("host", ""), self._origins):
            raise Forbidden("Pages of this origin may not connect.")
        if self._check is not None:
            self._check(fields)
        if self._open >= self._serving.slots.most:  # also those who have not said who they are
            raise TooManySubscriptions("There are as many connections as one process may have. Try again later.")


async def refuse(error: BffError, send: Send) -> None:
    """Answer a handshake with an HTTP response (ASGI's extension "websocket.http.response")."""
    body = codec.encode({"errors": [{"message": str(error), "extensions": dict(error.extensions)}]})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
