"""What a client is told of its quota in HTTP: RateLimit-Policy, RateLimit, Retry-After. Pure; knows no request.

Sources: draft-ietf-httpapi-ratelimit-headers-10; structured fields, RFC 9651; Retry-After, RFC 9110 10.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bff.limits.quota import Policy, Tier

MOST = 999_999_999_999_999  # of an Integer, RFC 9651 3.3.1

Value = int | str


def fields(tier: Tier, numbers: Mapping[str, float], retry_after: int | None = None) -> tuple[tuple[str, str], ...]:
    """The header fields of an answer. `numbers`: those of a Standing, or of a QuotaExceeded with its `retry_after`."""
    limit = rate_limit(numbers, retry_after).decode()
    found = (("RateLimit-Policy", rate_limit_policy(tier)), ("RateLimit", limit))
    return found if retry_after is None else (*found, ("Retry-After", str(retry_after)))


def encoded(tier: Tier, numbers: Mapping[str, float], retry_after: int | None = None) -> list[tuple[bytes, bytes]]:
    """The same fields as ASGI has them: lower-case names, bytes."""
    found = [_policy(tier), (b"ratelimit", rate_limit(numbers, retry_after))]
    return found if retry_after is None else [*found, (b"retry-after", b"%d" % retry_after)]


@lru_cache(maxsize=1_000)
def _policy(tier: Tier) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", rate_limit_policy(tier).encode()


@lru_cache(maxsize=1_000)
def rate_limit_policy(tier: Tier) -> str:
    """Every limit of a tier: `"points";q=600;w=60, "requests";q=20;w=1, "concurrent";q=4;qu="concurrent-requests"`."""
    policies = [_item("points", q=tier.points_per_window, w=tier.window)]
    if tier.requests_per_second:
        policies.append(_item("requests", q=tier.requests_per_second, w=1))
    if tier.max_concurrent:
        policies.append(_item("concurrent", q=tier.max_concurrent, qu="concurrent-requests"))
    return ", ".join(policies)


def rate_limit(numbers: Mapping[str, float], retry_after: int | None = None) -> bytes:
    """What remains of each: `"points";r=550;t=5, "requests";r=19`. `t`, in seconds, is when all points are back.

    In a refusal `t` is no later than Retry-After, which says when this operation fits: the draft asks for that order.
    """
    back = numbers["reset"] if retry_after is None else min(numbers["reset"], retry_after)
    said = b'"points";r=%d;t=%d' % (min(numbers["remaining"], MOST), min(back, MOST))
    if (requests := numbers.get("requestsRemaining")) is not None:
        said += b', "requests";r=%d' % requests
    if (concurrent := numbers.get("concurrentRemaining")) is not None:
        said += b', "concurrent";r=%d' % concurrent
    return said


def _item(name: Policy, **parameters: Value) -> str:
    """A String with parameters (RFC 9651 4.1.3)."""
    return "".join([_bare(name), *(f";{key}={_bare(value)}" for key, value in parameters.items())])


def _bare(value: Value) -> str:
    """An Integer or a String (RFC 9651 4.1.4, 4.1.6). The strings are ours: printable, without quotes."""
    return str(min(value, MOST)) if isinstance(value, int) else f'"{value}"'
