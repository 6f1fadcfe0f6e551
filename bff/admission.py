"""Whether a caller may use a route: by the same credentials, scopes and quotas that operations have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bff.auth import Caller, missing
from bff.errors import Forbidden, QuotaExceeded
from bff.limits.ratelimit_headers import fields
from bff.limits.store import Ledger
from bff.operation import Rules
from bff.origins.csrf import Crossing
from bff.origins.sockets import may_connect
from bff.proxy import Admission, Asked, Refused
from bff.upstreams import Headers, Upstream, claimed

# A stream may last as long as both sides want; its slot and its points come back after this, whatever happens.
LONGEST = 3_600.0  # seconds


@dataclass(frozen=True, slots=True)
class Admissions:
    """The proxy's policy."""

    callers: Callable[[Headers], Awaitable[Caller]]
    rules: Mapping[str, Rules]
    ledger: Ledger
    upstreams: Mapping[str, Upstream]
    crossing: Crossing | None = None  # where a cookie is a credential

    async def admit(self, asked: Asked) -> Admission:
        if asked.switching:
            self._check_origin(asked)
        elif self.crossing is not None:
            self.crossing.check_route(asked.method, asked.headers)
        caller = await self.callers(asked.headers)
        route = asked.route
        if lacking := missing(route.scopes, caller):
            raise Forbidden(f"This needs the scope {' and '.join(lacking)}.", lacking)
        onward = claimed(caller.claims, self.upstreams[route.upstream].settings.claims)
        tier = self.rules[caller.tier].quota
        if tier is None:
            return _admission(caller, onward)
        try:
            reservation = await self.ledger.reserve(caller.client, tier, route.price, ttl=LONGEST)
        except QuotaExceeded as refusal:
            raise Refused(refusal, _lower(fields(tier, refusal.numbers))) from None

        async def settle(spent: int) -> None:
            await self.ledger.settle(reservation, spent)

        answer = _lower(fields(reservation.tier, reservation.standing.numbers))
        return _admission(caller, onward, answer=answer, settle=settle)

    def _check_origin(self, asked: Asked) -> None:
        """Browsers open WebSockets for pages of any site, and send cookies along (RFC 6455 10.2)."""
        fields, origins = dict(asked.headers), asked.route.websocket.origins if asked.route.websocket else frozenset()
        if not may_connect(fields.get("origin"), fields.get("host", ""), origins):
            raise Forbidden("Pages of this origin may not connect.")
        cookie = self.crossing.cookie if self.crossing else None
        forwarded = "cookie" in self.upstreams[asked.route.upstream].settings.forward
        Crossing(cookie, forwarded, origins).check_socket(fields)


def _admission(caller: Caller, onward: Headers, **more: Any) -> Admission:
    return Admission(caller=caller.client, anonymous=caller.anonymous, expires=caller.expires, onward=onward, **more)


def _lower(headers: Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers)
