"""With whom an operation's answer may be shared: with whom at the same moment, and for how long after. Pure.

Nothing is shared unless everything that can change it is equal, or said by the services themselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from bff import codec
from bff.errors import OperationAbandoned, OperationTimeout, UpstreamTimeout
from bff.execute import Program
from bff.mask import cause
from bff.operation.asking import Asking, Landed, Prepared
from bff.telemetry import Exchange, Freshness
from bff.telemetry.trace import TRACE_HEADERS
from bff.upstreams import NO_STORE, Headers, Upstream, claimed, forwarded, response_policy, response_vary

Upstreams = Mapping[str, Upstream]

LATE = (OperationAbandoned, OperationTimeout, UpstreamTimeout)


def late(landed: Landed) -> bool:
    """Whether something in it came too late: for who asked later there may be time."""
    return any(isinstance(cause(error), LATE) for error in landed.executed.errors)


def company(upstreams: Upstreams, prepared: Prepared, asking: Asking) -> Hashable:
    """Equal for requests that may share one execution, which is everything that can change its answer.

    That is the program, which knows document, operation and scopes, the tier, whose limits it runs under, the
    variables, and what goes to services of the caller; of who is served by code, also what that could look up. None: it
    shares with nobody.
    """
    if not prepared.program.waits:
        return None
    variables = asking.envelope.variables
    try:
        given = codec.fingerprint(variables) if variables else b""
        seen = _seen(asking) if prepared.program.has_code else ()
    except (TypeError, ValueError):  # a file, half of a surrogate pair
        return None
    told = tuple([_told(upstreams[name], asking) for name in _personal(upstreams, prepared.program)])
    return prepared.program, asking.caller.tier, given, told, seen


def heard(upstreams: Upstreams, prepared: Prepared, asking: Asking) -> Headers:
    """The request's headers as its operation has them. Code finds none there that could not part those who share."""
    if not prepared.program.has_code:
        return asking.incoming
    told: frozenset[str] | None = prepared.plan.kept.get(heard)
    if told is None:
        told = frozenset({"connection"}).union(*(each.settings.forward for each in upstreams.values()))
        prepared.plan.kept[heard] = told
    return tuple([pair for pair in asking.incoming if pair[0] in told])


def freshness(exchanges: list[Exchange]) -> tuple[Freshness, ...]:
    """How fresh the parts of an answer are; () where of one nothing is known."""
    known = tuple([exchange.fresh for exchange in exchanges if exchange.fresh is not None])
    return known if len(known) == len(exchanges) else ()


def keeping(prepared: Prepared, landed: Landed, asking: Asking, now: float) -> str:
    """Cache-Control: what of its parts is least fresh decides. What code made of them, nobody knows.

    `now` on the event loop's clock.
    """
    if asking.explain or landed.executed.errors or prepared.plan.kind != "query" or prepared.program.has_code:
        return NO_STORE
    return response_policy(landed.fresh, now=now, identified=not asking.caller.anonymous)


def differs_by(upstreams: Upstreams, prepared: Prepared) -> tuple[str, ...]:
    """The request headers that another answer may come of: Vary."""
    return response_vary([upstreams[name].settings.forward for name in prepared.program.upstreams])


def _seen(asking: Asking) -> Hashable:
    """What of a caller stands in an operation's scope, where code can reach it."""
    return asking.caller.scopes, codec.fingerprint(dict(asking.caller.claims))


def _told(upstream: Upstream, asking: Asking) -> Hashable:
    settings = upstream.settings
    listed = forwarded(asking.incoming, settings.forward - TRACE_HEADERS)
    return listed, claimed(asking.caller.claims, settings.claims)


def _personal(upstreams: Upstreams, program: Program) -> tuple[str, ...]:
    """The upstreams that learn something of the caller; of a plan with code, which may call any, all of them."""
    found: tuple[str, ...] | None = program.plan.kept.get(company)
    if found is None:
        names = upstreams if program.has_code else program.upstreams
        settings = {name: upstreams[name].settings for name in sorted(names) if name in upstreams}
        found = tuple(name for name, each in settings.items() if each.forward or each.claims)
        program.plan.kept[company] = found
    return found
