"""The body of a client's request, as it comes, and whether the client is still there. Keeps no byte.

Nothing is received before somebody asks for the first piece: until then the server has not said 100 Continue.
"""

from __future__ import annotations

import asyncio
from typing import Self

from starlette.types import Message, Receive

from bff.errors import OperationAbandoned, RequestTimeout, RequestTooLarge


class Upload:
    """An async iterator over a body. Raises `RequestTooLarge`, `RequestTimeout`, `OperationAbandoned`."""

    def __init__(self, receive: Receive, *, expected: bool, most: int, idle: float) -> None:
        """`expected`: whether the headers announce a body; `most` in bytes; `idle` in seconds, between two pieces."""
        self._receive = receive
        self._left = most
        self._most = most
        self._idle = idle
        self._more = expected
        self._gone = False
        self._over = asyncio.Event()  # nobody will ask for another piece, or it would not come
        if not expected:
            self._over.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while self._more:
            if chunk := await self._piece():
                return chunk
        raise StopAsyncIteration

    async def _piece(self) -> bytes:
        message = await self._next()
        if message["type"] == "http.disconnect":
            self._gone = True
            self._over.set()
            raise OperationAbandoned
        chunk: bytes = message.get("body", b"")
        self._left -= len(chunk)
        if self._left < 0:
            raise RequestTooLarge(f"The body is over the limit of {self._most} bytes.")
        self._more = message.get("more_body", False)
        if not self._more:
            self._over.set()
        return chunk

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(self._idle) as scope:
                return await self._receive()
        except TimeoutError:
            if not scope.expired():
                raise
            raise RequestTimeout("The body did not come in time.") from None

    async def left(self) -> None:
        """Returns when the client has hung up. Looks for it only once the body is over, since both are received."""
        await self._over.wait()
        while not self._gone:
            self._gone = (await self._receive())["type"] == "http.disconnect"
