"""The answer to a client, as it goes out: how far it has come, and that a client must take it in time.

Knows ASGI and no upstream. What was begun is either ended or cut: an answer that is not whole never looks whole.
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Send

from bff.errors import OperationAbandoned
from bff.proxy.problems import encoded
from bff.upstreams import Headers


class Answer:
    """One answer. An application that returns without `end` lets the server cut the connection (as uvicorn does)."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None
        self.ending = False

    @property
    def begun(self) -> bool:
        return self.status is not None

    async def begin(self, status: int, headers: Headers) -> None:
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": encoded(headers)})

    async def write(self, chunk: bytes, *, within: float) -> None:
        """Waits until the client has room for more, for so many seconds; then raises `OperationAbandoned`."""
        await self._in_time({"type": "http.response.body", "body": chunk, "more_body": True}, within)

    async def end(self, last: bytes = b"", *, within: float) -> None:
        self.ending = True
        await self._in_time({"type": "http.response.body", "body": last, "more_body": False}, within)

    async def _in_time(self, message: Message, within: float) -> None:
        try:
            async with asyncio.timeout(within) as scope:
                await self._send(message)
        except TimeoutError:
            if not scope.expired():
                raise
            raise OperationAbandoned from None
