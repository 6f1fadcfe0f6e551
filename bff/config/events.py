"""What streams of services' events may take. Knows no graph."""

from __future__ import annotations

from typing import Annotated

from bff.config.kinds import Duration, Size, Whole
from bff.config.settings import Settings


class Events(Settings):
    """What subscriptions open on an upstream: server-sent events, WebSockets and polls."""

    max_open: Annotated[int, Whole()] = 100
    """Streams and polls at one moment, in one gateway process, beside `max_in_flight`; the next subscriber gets
    `UPSTREAM_OVERLOADED`. Subscribers to whom everything is equal share one."""

    per_client: Annotated[int, Whole()] = 50
    """How many of those one client may have opened; the next gets `TOO_MANY_SUBSCRIPTIONS`. Whoever calls without a
    credential is one client with all others who do."""

    max_size: Annotated[int, Size()] = 65_536
    """The largest event. A larger one breaks its stream, which is opened anew. Danger: what waits for slow subscribers
    is held in memory."""

    idle: Annotated[float, Duration()] = 300.0
    """How long server-sent events may be silent, before their headers too, until the stream is opened anew; a comment
    breaks the silence. WebSockets are asked by pings."""

    patience: Annotated[float, Duration()] = 60.0
    """How long a stream may fail to come back, from the first failure on, until its subscribers are told the end."""
