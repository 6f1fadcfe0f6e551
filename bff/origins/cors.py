"""Pages of other origins: which may read what is answered here, and the question that browsers ask first (Fetch 3.2).

Plain ASGI around an application. Refuses nothing: what an origin may not read, its browser keeps from it. What must
not be done for another site's page is the application's to refuse (a body that is not JSON, a mutation by GET).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"
EXPOSED = b"x-request-id, retry-after, ratelimit, ratelimit-policy"  # beyond what pages may always read

_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z, -]{1,1000}")  # of headers
_VARY = (b"vary", b"Origin")

Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Origins:
    """Who may read. `credentials`: also what a browser asks with the cookies it has for us; then no origin is ANY."""

    names: frozenset[str]  # "https://app.example.com", or ANY
    credentials: bool = False
    max_age: int = 3_600  # seconds that a browser may remember the answer to its question

    def told(self, origin: bytes | None) -> Pairs:
        """The headers of an answer to a page of this origin."""
        if ANY in self.names:
            return [(b"access-control-allow-origin", b"*")]
        if origin is None or origin.decode("latin-1") not in self.names:
            return [_VARY]
        allowed = [_VARY, (b"access-control-allow-origin", origin)]
        return [*allowed, (b"access-control-allow-credentials", b"true")] if self.credentials else allowed


class CrossOrigin:
    """An application that pages of other origins may call."""

    def __init__(self, app: ASGIApp, origins: Origins, methods: str, answered: Callable[[int], None]) -> None:
        """`methods`: those that the application has, as in Allow. `answered`: what it does not see, by status."""
        self._app = app
        self._origins = origins
        self._methods = methods.encode()
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        told = self._origins.told(headers.get(b"origin"))
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await self._answer(headers.get(b"access-control-request-headers", b""), told, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                exposed = [(b"access-control-expose-headers", EXPOSED)] if _readable(told) else []
                message = {**message, "headers": [*message["headers"], *told, *exposed]}
            await send(message)

        await self._app(scope, receive, telling)

    async def _answer(self, asked: bytes, told: Pairs, send: Send) -> None:
        """What a browser wants to know before it sends; nothing, for an origin that is not allowed."""
        headers = [(b"allow", self._methods), *told]
        if _readable(told):
            headers.append((b"access-control-allow-methods", self._methods))
            headers.append((b"access-control-max-age", str(self._origins.max_age).encode()))
            if _NAMES.fullmatch(asked):
                headers.append((b"access-control-allow-headers", asked))
        self._answered(204)
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body"})


def _readable(told: Pairs) -> bool:
    return told[-1] != _VARY
