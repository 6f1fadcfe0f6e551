"""An answer that was read to its end, or to where it broke off, to be given to more than one caller."""

from __future__ import annotations

from typing import Self

from bff.errors import UpstreamError
from bff.upstreams.memo import Memo
from bff.upstreams.seam import Headers, Reply


class Whole:
    """One answer in memory. `failure` is why its body is not all there: then it answers who waits, and nobody after."""

    __slots__ = ("body", "failure", "headers", "memo", "status", "upstream")

    def __init__(
        self, upstream: str, status: int, headers: Headers, body: bytes, failure: UpstreamError | None
    ) -> None:
        self.upstream = upstream
        self.status = status
        self.headers = headers
        self.body = body
        self.failure = failure
        self.memo: Memo | None = None

    def reply(self) -> Reply:
        """The answer as one caller gets it. A body that broke off breaks off again."""
        body = self.body if self.failure is None else _Broken(self.body, self.failure)
        reply = Reply(self.upstream, self.status, self.headers, body)
        reply.memo = self.memo
        return reply


async def whole(reply: Reply) -> Whole:
    """Read a reply and close it. What the service does wrong meanwhile is noted, whatever else happens is raised."""
    body, failure = reply.body, None
    if isinstance(body, bytes):
        reply.close()
    else:
        with reply:
            body, failure = await _gathered(reply)
    found = Whole(reply.upstream, reply.status, reply.headers, body, failure)
    found.memo = reply.memo
    return found


async def _gathered(reply: Reply) -> tuple[bytes, UpstreamError | None]:
    chunks: list[bytes] = []
    try:
        async for chunk in reply:
            chunks.append(chunk)  # noqa: PERF401 - a comprehension would lose them when it fails
    except UpstreamError as error:
        return b"".join(chunks), error
    return b"".join(chunks), None


class _Broken:
    """A body up to where it broke off, and then that it did."""

    __slots__ = ("_body", "_failure")

    def __init__(self, body: bytes, failure: UpstreamError) -> None:
        self._body = body
        self._failure = failure

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        body, self._body = self._body, b""
        if body:
            return body
        raise self._failure.with_traceback(None)
