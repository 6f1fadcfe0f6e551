"""A client's end of a WebSocket: what it says, piece by piece, and what it is told. Knows ASGI and no service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self

from starlette.types import Message, Receive, Send

from bff.errors import OperationAbandoned
from bff.proxy.problems import encoded
from bff.upstreams import Goodbye, Headers, Text

LOST = Goodbye.saying(1001)  # "going away": what a service is told of a client that went without a word


class Talk:
    """An async iterator over what a client says, which ends with its `Goodbye`."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._first: asyncio.Future[Message] | None = None  # what is waited for before anybody iterates
        self.moved: Callable[[], None] = lambda: None  # called with every message
        self.over = False  # the client has gone, or been told to

    @classmethod
    async def begun(cls, receive: Receive, send: Send) -> Self:
        await receive()  # websocket.connect
        talk = cls(receive, send)
        talk._first = asyncio.ensure_future(receive())
        return talk

    async def left(self) -> None:
        """Returns when the client hangs up while the handshake is not answered. One that speaks so early has not."""
        if self._first is not None and (await asyncio.shield(self._first))["type"] != "websocket.disconnect":
            await asyncio.Event().wait()

    def close(self) -> None:
        """Nobody will listen any more."""
        if self._first is not None:
            self._first.cancel()

    async def accept(self, headers: Headers, subprotocol: str | None, most: int) -> None:
        """`most` bytes may a message of the client have (an extension of `bff.socket.protocol`)."""
        more = {"headers": encoded(headers), "subprotocol": subprotocol, "bff.max_size": most}
        try:
            await self._send({"type": "websocket.accept", **more})
        except OSError:
            raise OperationAbandoned from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self.over:
            raise StopAsyncIteration
        first, self._first = self._first, None
        message = await (first or self._receive())
        if message["type"] == "websocket.disconnect":
            self.over = True
            return _last(message)
        self.moved()
        text = message.get("text")
        return message["bytes"] if text is None else Text(text.encode())

    async def say(self, message: bytes) -> None:
        """Waits until the client has room for it. Says nothing to who has gone."""
        if isinstance(message, Goodbye):
            await self.part(message)
        elif isinstance(message, Text):
            await self._told({"type": "websocket.send", "text": message.decode()})
        else:
            await self._told({"type": "websocket.send", "bytes": message})
        self.moved()

    async def part(self, goodbye: Goodbye) -> None:
        self.over = True
        await self._told({"type": "websocket.close", "code": goodbye.code, "reason": goodbye.reason})

    async def _told(self, message: Message) -> None:
        with suppress(OSError):  # it is gone; who hears it learns of that
            await self._send(message)


def _last(message: Mapping[str, Any]) -> Goodbye:
    """A client that closed has given a reason, if only an empty one; one that is lost has not."""
    return Goodbye.saying(message["code"], message["reason"] or "") if "reason" in message else LOST
