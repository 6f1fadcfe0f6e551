"""httpx on top of a stack: what hand-written resolvers call services with.

The client has httpx's interface and the stack's behaviour. Failures of a call are the gateway's own errors
(`bff.errors.UpstreamError`), not httpx's: so a field whose resolver lets them pass has their stable code. It follows no
redirect, keeps no cookie, reads no environment, and its answers are whole and unpacked when they arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from bff.telemetry import Exchange
from bff.upstreams.body import read
from bff.upstreams.headers import NEVER_FORWARDED
from bff.upstreams.seam import Headers, Reply, Request, ignore
from bff.upstreams.stack import Upstream

Record = Callable[[Exchange], None]


class StackTransport(httpx.AsyncBaseTransport):
    """Calls one upstream and no other host. It does not own the stack: closing it closes nothing."""

    def __init__(self, upstream: Upstream, *, deadline: float, record: Record = ignore) -> None:
        """`deadline` is the operation's: absolute, on the event loop's clock, seconds."""
        self._upstream = upstream
        self._deadline = deadline
        self._record = record

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises `UpstreamError`; `ValueError` for a URL of any other host."""
        if request.url.netloc != origin(self._upstream.name).netloc:
            raise ValueError(f"this client calls only the {self._upstream.name} service; give it a path, not a URL")
        reply = await self._upstream.sender.send(
            Request(
                method=request.method,
                target=request.url.raw_path.decode("ascii"),
                deadline=self._earlier(request),
                headers=_end_to_end(request),
                body=await _body(request),
                label=f"{request.method} (resolver)",
                record=self._record,
            )
        )
        data = await read(reply, max_decoded=self._upstream.settings.max_decoded)
        return httpx.Response(reply.status, headers=_unpacked(reply), stream=httpx.ByteStream(data), request=request)

    def _earlier(self, request: httpx.Request) -> float:
        """A `timeout=` of the resolver's own can only shorten the call: the least of its parts holds for the whole."""
        asked = [seconds for seconds in request.extensions.get("timeout", {}).values() if seconds is not None]
        return min(self._deadline, asyncio.get_running_loop().time() + min(asked)) if asked else self._deadline


def client(upstream: Upstream, *, deadline: float, headers: Headers = (), record: Record = ignore) -> httpx.AsyncClient:
    """A client for one operation; it holds nothing that would have to be closed.

    Paths are relative to the upstream's base URL: `await client.get("/cities/7")`. `headers` go with every call.
    """
    made = httpx.AsyncClient(
        transport=StackTransport(upstream, deadline=deadline, record=record),
        base_url=origin(upstream.name),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        timeout=None,  # noqa: S113 - the deadline is the timeout
        trust_env=False,
    )
    made.headers.clear()  # of what httpx says about itself
    made.headers.update([(name.encode(), value.encode()) for name, value in headers])
    return made


def origin(name: str) -> httpx.URL:
    """The URL under which an upstream appears to resolvers: its name, so that no internal address can leak."""
    return httpx.URL(f"http://{name}")


async def _body(request: httpx.Request) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(request.stream, httpx.ByteStream):
        return await request.aread() or None
    if isinstance(request.stream, httpx.AsyncByteStream):
        return aiter(request.stream)
    raise TypeError("a body that is streamed must be an async iterable")


def _end_to_end(request: httpx.Request) -> Headers:
    named = ((name.decode("latin-1").lower(), value.decode()) for name, value in request.headers.raw)
    return tuple((name, value) for name, value in named if name not in NEVER_FORWARDED)


def _unpacked(reply: Reply) -> list[tuple[bytes, bytes]]:
    """The headers of a body that has been unpacked and is no longer framed."""
    packed = reply.header("content-encoding") is not None
    dropped = {"transfer-encoding", "content-encoding", "content-length"} if packed else {"transfer-encoding"}
    return [(name.encode(), value.encode("latin-1")) for name, value in reply.headers if name not in dropped]
