"""What the answers of services allow for the gateway's own: its Cache-Control and Vary. Pure.

An answer made of parts is fresh for as long as the least fresh of them. It is anybody's only if nobody was told who
asked: neither the services, nor the gateway itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from bff.telemetry import Freshness

NO_STORE = "no-store"

# By these the gateway knows its callers; what they may see differs, also where no service is told of them.
CREDENTIALS = ("authorization", "x-api-key")


def response_policy(parts: Iterable[Freshness | None], *, now: float, identified: bool) -> str:
    """The Cache-Control of an answer made of these parts, `now` on the event loop's clock.

    `identified`: the caller showed a credential. Caches know `authorization` as one, and would store such an answer
    for nobody; of `x-api-key` they know nothing. So it is private in both cases: what was charged to one client and
    shown to its scopes is not handed to others by a cache in between. Without parts, or with one of which nothing is
    known, or that is no longer fresh, an answer is not to be kept. That it has no errors is for the caller to check.
    """
    until, private, known = math.inf, identified, False
    for part in parts:
        if part is None:
            return NO_STORE
        until, private, known = min(until, part.until), private or part.private, True
    left = math.floor(until - now) if known else 0
    if left < 1:
        return NO_STORE
    return f"{'private' if private else 'public'}, max-age={left}"


def response_vary(forwards: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The request headers that an answer may differ by: credentials, and what the upstreams of its plan are forwarded.

    Also for an answer that is public: to a caller with a credential it may say more.
    """
    return tuple(sorted({*CREDENTIALS, *(name for names in forwards for name in names)}))
