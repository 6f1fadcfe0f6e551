"""A request's messages, read ahead: who waits before answering must notice a client that has left (ASGI, "receive")."""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.types import Message, Receive


class Inbox:
    """Messages that were read while waiting are given to the app afterwards, in order."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ahead: deque[Message] = deque()

    async def receive(self) -> Message:
        """ASGI's receive, for the app."""
        return self._ahead.popleft() if self._ahead else await self._receive()

    async def body(self) -> bytes:
        """The whole request body."""
        body, more = b"", True
        while more:
            message = await self.receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return body

    async def gone(self, changed: asyncio.Event, seconds: float | None = None) -> bool:
        """Wait for at most `seconds`, or until `changed`; True as soon as the client has left."""
        leaving = asyncio.create_task(self._until_disconnect())
        changing = asyncio.create_task(changed.wait())
        try:
            await asyncio.wait({leaving, changing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changing.cancel()
            leaving.cancel()
        return leaving.done() and not leaving.cancelled()

    async def _until_disconnect(self) -> None:
        while True:
            message = await self._receive()
            self._ahead.append(message)
            if message["type"] == "http.disconnect":
                return
