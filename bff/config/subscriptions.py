"""Operations that go on: how many there may be, and how long silence lasts. Knows no source and no transport."""

from __future__ import annotations

from typing import Annotated

from bff.config.kinds import Duration, Whole
from bff.config.settings import Settings


class Subscriptions(Settings):
    """Operations that go on."""

    per_connection: Annotated[int, Whole()] = 20
    """Operations under way on one WebSocket, queries and mutations included."""

    per_client: Annotated[int, Whole()] = 1_000
    """Subscriptions of one client in one process, and as many WebSockets. Danger: all who call without a credential are
    one client."""

    per_process: Annotated[int, Whole()] = 20_000
    """Subscriptions in one process, and as many WebSockets. Danger: each takes memory, also while nothing happens."""

    init_timeout: Annotated[float, Duration()] = 10.0
    """How long a WebSocket may be open before the client says who it is (`connection_init`)."""

    heartbeat: Annotated[float, Duration()] = 15.0
    """How often a client on which nothing happens is told that the connection lives. Danger: proxies cut connections on
    which they see nothing, many after 60 seconds."""

    stall: Annotated[float, Duration()] = 10.0
    """How long a client may take nothing of what it is sent before it is cut off; also how long it may leave a
    heartbeat of a WebSocket without an answer."""
