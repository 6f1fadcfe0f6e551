"""Whether a caller may use a route: by the same credentials, scopes and quotas that operations have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bff.asking import Rules
from bff.auth import Caller, missing
from bff.csrf import Crossing
from bff.errors import Forbidden, QuotaExceeded
from bff.limits.ratelimit_headers import fields
from bff.limits.store import Ledger
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
        if self.crossing is not None:
            self.crossing.check_route(asked.method, asked.headers)
        caller = await self.callers(asked.headers)
        route = asked.route
        if lacking := missing(route.scopes, caller):
            raise Forbidden(f"This needs the scope {' and '.join(lacking)}.", lacking)
        onward = claimed(caller.claims, self.upstreams[route.upstream].settings.claims)
        tier = self.rules[caller.tier].quota
        if tier is None:
            return Admission(caller=caller.client, onward=onward)
        try:
            reservation = await self.ledger.reserve(caller.client, tier, route.price, ttl=LONGEST)
        except QuotaExceeded as refusal:
            raise Refused(refusal, _lower(fields(tier, refusal.numbers))) from None

        async def settle(spent: int) -> None:
            await self.ledger.settle(reservation, spent)

        answer = _lower(fields(reservation.tier, reservation.standing.numbers))
        return Admission(caller=caller.client, answer=answer, onward=onward, settle=settle)


def _lower(headers: Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers)
