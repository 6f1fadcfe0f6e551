"""Any httpx transport as the wire: an ASGI application in this process, or `httpx.MockTransport` in a test.

It reads every answer whole before it hands it on: what stands in for a service has it in memory already. Not meant for
a network; httpx's own pool loses slots when calls are cancelled (encode/httpcore#1093).
"""

from __future__ import annotations

import httpx

from bff.errors import UpstreamError, UpstreamMalformed, UpstreamTimeout, UpstreamUnreachable
from bff.lastly import lastly
from bff.upstreams.seam import Reply, Request


class HttpxWire:
    """Calls one upstream through `transport`. What an application raises that is not httpx's passes as it is."""

    def __init__(self, name: str, transport: httpx.AsyncBaseTransport, url: str = "http://upstream") -> None:
        self._name = name
        self._transport = transport
        self._base = url.rstrip("/")

    async def send(self, request: Request) -> Reply:
        asked = httpx.Request(
            request.method, self._base + request.target, headers=list(request.headers), content=request.body
        )
        try:
            response = await self._transport.handle_async_request(asked)
            body = await _whole(response)
        except httpx.HTTPError as error:
            raise _mapped(self._name, error) from error
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
        )
        return Reply(self._name, response.status_code, headers, body)

    async def aclose(self) -> None:
        await self._transport.aclose()

    def __repr__(self) -> str:
        return f"wire {type(self._transport).__name__}"


async def _whole(response: httpx.Response) -> bytes:
    """The body as it came. Not through the response's own methods: a mock's may have been read and unpacked before."""
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError("the answer of an asynchronous transport must have an asynchronous body")
    return await lastly(_joined(response.stream), response.aclose)


async def _joined(stream: httpx.AsyncByteStream) -> bytes:
    return b"".join([chunk async for chunk in stream])


def _mapped(upstream: str, error: httpx.HTTPError) -> UpstreamError:
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return UpstreamTimeout(upstream, detail=repr(error))
    if isinstance(error, httpx.ProtocolError | httpx.DecodingError):
        return UpstreamMalformed(upstream, detail=repr(error))
    return UpstreamUnreachable(upstream, detail=repr(error))
