"""What an application is told of the requests on one connection: ASGI's scope of HTTP. Knows heads that are complete.

Its extensions say what ASGI has no word for: `bff.target` holds the raw request target, and what `bff.leaving` has is
called with what is to be called as soon as the client is gone, for which others need a task that waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import Scope

ASGI = {"version": "3.0", "spec_version": "2.3"}

Tell = Callable[[Callable[[], None] | None], None]


class Scopes:
    """Those of one connection, whose client mostly asks for the same target again: the last one is not read twice."""

    __slots__ = ("_client", "_parts", "_scheme", "_server", "_state", "_target")

    def __init__(
        self, scheme: str, server: tuple[str, int | None] | None, client: tuple[str, int] | None, state: dict[str, Any]
    ) -> None:
        """`server` and `client` are addresses; each request gets its own copy of `state`."""
        self._scheme = scheme
        self._server = server
        self._client = client
        self._state = state
        self._target = b""
        self._parts = ("", b"", b"")

    def of(self, method: bytes, target: bytes, version: str, headers: list[tuple[bytes, bytes]], tell: Tell) -> Scope:
        """Raises what makes the parser refuse the request, for a target that is none."""
        if target != self._target:
            self._parts = _parts(target)
            self._target = target
        path, raw_path, query = self._parts
        return {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": method.decode("ascii"),
            "scheme": self._scheme,
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": headers,
            "server": self._server,
            "client": self._client,
            "state": self._state.copy(),
            "extensions": {"bff.target": {"raw": target}, "bff.leaving": {"tell": tell}},
        }


def _parts(target: bytes) -> tuple[str, bytes, bytes]:
    """The path, that as it came, and the query."""
    url: Any = httptools.parse_url(target)  # whose types are told wrongly: what is not there is None
    return unquote(url.path.decode("ascii")), url.path, url.query or b""
