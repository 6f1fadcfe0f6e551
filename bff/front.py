"""Which application a request is for. Knows paths, and none of those who answer at them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """GraphQL and webhooks go straight to their endpoints, everything else to FastAPI.

    There is no redirect between /graphql and /graphql/. A WebSocket at any other path is one that passes through.
    """

    def __init__(
        self,
        paths: set[str],
        endpoint: ASGIApp,
        rest: ASGIApp,
        hooks: Mapping[str, ASGIApp],
        *,
        socket: ASGIApp,
        passing: ASGIApp,
    ) -> None:
        """`socket` and `passing` take WebSockets: at the paths of GraphQL, and at all others."""
        self._paths = frozenset(paths)
        self._apps = {**hooks, **dict.fromkeys(paths, endpoint)}
        self._socket = socket
        self._rest = rest
        self._passing = passing

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """A plain function: whose answer it is does not pass through here."""
        if scope["type"] == "http":
            app = self._apps.get(scope["path"], self._rest)
        elif scope["type"] == "websocket":
            app = self._socket if scope["path"] in self._paths else self._passing
        else:
            app = self._rest
        return app(scope, receive, send)
