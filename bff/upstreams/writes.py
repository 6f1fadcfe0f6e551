"""What a write makes of what was read before: nothing that is known of its target may be used any longer.

A call whose method is not safe (RFC 9110 9.2.1) ends what is kept of the path it wrote to (RFC 9111 4.4), and lets
nobody join a read that began before it was over. Knows no store: it is told what to call.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from bff.upstreams.freshness import values
from bff.upstreams.seam import Headers, Reply, Request, Sender

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
Outdate = Callable[[list[str]], None]  # told of targets


class Writes:
    """Tells `outdate` what a write has changed, before its answer is handed on."""

    def __init__(self, inner: Sender, *, url: str, outdate: Outdate) -> None:
        """`url` is the upstream's base, below which targets lie; "" where there is none."""
        self._inner = inner
        self._url = url
        self._outdate = outdate

    def send(self, request: Request) -> Coroutine[Any, Any, Reply]:
        return self._inner.send(request) if request.method in SAFE else self._write(request)

    async def _write(self, request: Request) -> Reply:
        try:
            reply = await self._inner.send(request)
        except BaseException:
            self._outdate([request.target])  # nobody knows whether it was done
            raise
        if not 400 <= reply.status < 500:  # then it was refused, and refusals must not empty a store
            self._outdate([request.target, *named(self._url, request.target, reply.headers)])
        return reply

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"writes → {self._inner!r}"


def named(base: str, target: str, headers: Headers) -> Iterator[str]:
    """The targets that an answer names by Location and Content-Location, of the same origin and below `base`."""
    root = urlsplit(base)
    below = root.path.rstrip("/")
    for value in (*values(headers, "location"), *values(headers, "content-location")):
        try:
            found = urlsplit(urljoin(f"{base.rstrip('/')}{target}", value))
        except ValueError:
            continue
        if (found.scheme, found.netloc) == (root.scheme, root.netloc) and found.path.startswith(f"{below}/"):
            yield found.path.removeprefix(below)
