"""uvicorn's WebSocket protocol, which says its last word to everybody and waits for nobody to hear it.

To be given to uvicorn as `ws=WebSocket`. uvicorn writes nothing more to a client whose buffer is full, and closes a
connection once that is empty: who never reads would keep it for ever. `bff.max_size` in "websocket.accept" is how many
bytes a client's message may have, in place of uvicorn's `ws_max_size`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.http11 import Request, Response

LINGER = 2.0  # seconds that a client has to take the end of a connection, once that is sent
PARTING = 0.5  # the same while the server stops, which has a second for it
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})  # RFC 9112 6.3
MOST_PIECES = 64  # of a message that has not ended; a limit on its bytes is none on empty frames


class WebSocket(WebSocketsSansIOProtocol):
    """One connection."""

    close_linger = LINGER

    def data_received(self, data: bytes) -> None:
        """Without leaving unsent what the protocol answers to a head that it does not read: uvicorn waits for it."""
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """With the target as it came, as `bff.proxy.http1` has it: ASGI has no word for a query that is empty."""
        if set(event.headers.get_all("Sec-WebSocket-Version")) - {"13"}:
            self._refuse_version()
            return
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions["bff.target"] = {"raw": event.path.encode("latin-1")}

    def _refuse_version(self) -> None:
        """RFC 6455 4.4: say which one would do."""
        response = self.conn.reject(HTTPStatus.UPGRADE_REQUIRED, "This is version 13 of the protocol.\n")
        response.headers["Sec-WebSocket-Version"] = "13"
        self._refused(response)

    async def send(self, message: ASGISendEvent) -> None:
        if self.close_sent and self.initial_response is None:
            raise ClientDisconnected  # the protocol has ended it, which uvicorn takes for a mistake of ours
        closing = message["type"] == "websocket.close" and self.handshake_complete and not self.disconnected
        if closing:
            self.writable.set()  # a close frame is small, and says why nothing more comes
        if message["type"] == "websocket.accept":
            told: Mapping[str, Any] = message
            self.conn.max_message_size = told.get("bff.max_size", self.conn.max_message_size)
        if message["type"] == "websocket.http.response.body" and self._bodiless():
            self._refuse_without_body()
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response  # a tenth of what a silent connection takes
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True  # uvicorn would take a refusal for something forgotten
        if closing and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_linger, self.transport.abort)

    def _bodiless(self) -> bool:
        return self.initial_response is not None and self.initial_response[0] in BODILESS

    def _refuse_without_body(self) -> None:
        """RFC 9110 8.6: uvicorn would add the length of a body that there is none of, and its type."""
        status, given, _ = self.initial_response or (0, [], b"")
        headers = Headers(given)
        headers.setdefault("Date", formatdate(usegmt=True))
        headers.setdefault("Connection", "close")
        self._refused(Response(status, HTTPStatus(status).phrase, headers, b""))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def _refused(self, response: Response) -> None:
        self.handshake_complete = self.close_sent = True
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def handle_ping(self) -> None:
        """Without an answer to who takes none: RFC 6455 5.5.3 asks for one to the newest ping alone."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > MOST_PIECES:
            self.frames = [b"".join(self.frames)]

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The end, whoever said goodbye: what was sent may be taken for a moment more."""
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(self.close_linger, self.transport.abort)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(self.close_linger, self.transport.abort)

    def shutdown(self) -> None:
        """A stop is the application's to hear of: it ends the connection once what is under way has been answered."""
        self.close_linger = min(self.close_linger, PARTING)
        if self.handshake_complete and not (self.close_sent or self.disconnected):
            return
        super().shutdown()
        self.loop.call_later(self.close_linger, self.transport.abort)
