"""A connection that uvicorn's server has accepted: what it is handed with it, and what it wants to know of it.

Knows no request. uvicorn's own protocol is no part of it: of what that does with requests, nothing would be left.
To the server it is one of `server_state.connections`, which `shutdown` is called of when it stops.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from bff.proxy.scope import Scopes

MOST_UNTAKEN = HIGH_WATER_LIMIT  # bytes of a body that may wait here until more is read


class Accepted(asyncio.Protocol):
    """The connection, without what is said on it."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """As uvicorn calls it, by these names; `config` is loaded."""
        self._config = config
        self._state = app_state
        self.server_state = server_state
        self.tasks = server_state.tasks  # that the server waits for when it stops
        self._connections: set[Any] = server_state.connections
        self.app = config.loaded_app
        self.loop = _loop or asyncio.get_running_loop()
        self.timeout_keep_alive = float(config.timeout_keep_alive)  # seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.flow = FlowControl(transport)
        scheme = "https" if is_ssl(transport) else "http"
        self._scopes = Scopes(scheme, get_local_addr(transport), get_remote_addr(transport), self._state)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self.flow.resume_writing()  # nobody is to wait for a client that is gone
        if exc is None:
            self.transport.close()

    def pause_writing(self) -> None:
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        self.flow.resume_writing()

    def hand_over(self, head: bytes) -> None:
        """To uvicorn's protocol for WebSockets, which reads the request's head again."""
        self._connections.discard(self)
        protocol = self._sockets()(config=self._config, server_state=self.server_state, app_state=self._state)
        protocol.connection_made(self.transport)
        protocol.data_received(head)
        self.transport.set_protocol(protocol)

    def takes_sockets(self) -> bool:
        return self._config.ws_protocol_class is not None

    def _sockets(self) -> Any:
        return self._config.ws_protocol_class
