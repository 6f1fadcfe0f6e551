"""What HTTP caching allows (RFC 9111, RFC 5861, RFC 8246): whether an answer may be kept, and how it may be used.

Pure: records in, decisions out; clocks are passed in. Knows no store, and nothing of how a call is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bff.upstreams.directives import FOREVER, Directives, directives, names, seconds
from bff.upstreams.http_date import http_date
from bff.upstreams.seam import Headers

Fields = Mapping[str, list[str]]  # every line, by name in lower case

# What RFC 9110 15.1 calls cacheable, but 206: no part of an answer is ever kept.
CACHEABLE = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
ERRORS = frozenset({500, 502, 503, 504})  # RFC 5861 4

PERMISSIONS = frozenset({"public", "s-maxage", "must-revalidate"})  # RFC 9111 3.5
HEURISTIC_PART = 0.1  # of the time since the last change (RFC 9111 4.2.2)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom an answer is kept."""

    shared: bool  # for callers of whom the service was told nothing; else for one that sent these headers
    authorized: bool = False  # the call carried `authorization`, of the gateway's own
    heuristic: float = 0.0  # seconds: the longest lifetime that may be guessed; 0 guesses none


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an answer came. Seconds."""

    asked: float  # monotonic
    at: float  # monotonic
    wall: float  # since 1970


@dataclass(frozen=True, slots=True)
class Terms:
    """How an answer may be used. Seconds."""

    lifetime: float  # from when the service made it
    age: float  # when it came
    validate: bool = False  # never without asking (no-cache)
    strict: bool = False  # never once it is stale
    immutable: bool = False
    while_revalidate: float = 0.0  # how stale it may be while it is asked for again
    if_error: float = 0.0  # how stale it may be when that fails
    withheld: frozenset[str] = frozenset()  # header fields that may not be kept
    varies: frozenset[str] = frozenset()  # the request headers that selected it, in lower case


class Use(Enum):
    """What to do with an answer that is kept."""

    FRESH = "use it"
    STALE = "use it, as who asks allows"
    REFRESH = "use it, and ask behind the caller's back"
    VALIDATE = "ask first"


def terms(status: int, headers: Headers, arrival: Arrival, reader: Reader) -> Terms | None:
    """How this answer to a GET may be used again; None if it may not be kept, or if that is of no use."""
    fields = grouped(headers)
    if status not in CACHEABLE or fields.keys().isdisjoint(_SPEAKING):
        return None
    told, vary = directives(fields.get("cache-control", ())), _varies(fields)
    if _forbidden(fields, told, reader) or "*" in vary:
        return None
    strict = any(name in told for name in ("must-revalidate", *_SHARED_STRICT[reader.shared]))
    limited = names(told["no-cache"]) if "no-cache" in told else frozenset[str]()
    found = Terms(
        lifetime=_lifetime(fields, told, arrival, reader),
        age=_age(fields, arrival),
        validate=limited is None,
        strict=strict,
        immutable="immutable" in told,
        while_revalidate=0.0 if strict else _window(told, "stale-while-revalidate"),
        if_error=0.0 if strict else _window(told, "stale-if-error"),
        withheld=(limited or frozenset()) | _private_fields(told, reader),
        varies=vary,
    )
    return found if _useful(found, fields) else None


_SPEAKING = frozenset({"cache-control", "expires", "etag", "last-modified"})  # without any of these there is no use
_SHARED_STRICT = {True: ("proxy-revalidate", "s-maxage"), False: ()}  # RFC 9111 5.2.2.8, 5.2.2.10


def use(found: Terms, age: float, asked: Directives) -> Use:
    """What to do with an answer of this age, for a request with these directives (RFC 9111 4.2.4, 5.2.1)."""
    stale = age - found.lifetime
    if found.validate or "no-cache" in asked:
        return Use.VALIDATE
    if "max-age" in asked and age > seconds(asked["max-age"]) and not (found.immutable and stale < 0):
        return Use.VALIDATE
    if "min-fresh" in asked and -stale < seconds(asked["min-fresh"], FOREVER):
        return Use.VALIDATE
    if stale < 0:
        return Use.FRESH
    if not found.strict and "max-stale" in asked and stale <= seconds(_bounded(asked["max-stale"])):
        return Use.STALE
    return Use.REFRESH if stale < found.while_revalidate else Use.VALIDATE


def stands_in(found: Terms, age: float, asked: Directives) -> bool:
    """Whether an answer of this age may be used because the service fails (RFC 5861 4)."""
    if found.validate or found.strict or "no-cache" in asked:
        return False
    window = max(found.if_error, seconds(asked["stale-if-error"]) if "stale-if-error" in asked else 0)
    return age - found.lifetime < window


def values(headers: Headers, name: str) -> list[str]:
    """Every line of the header `name` (lower case)."""
    return [value for key, value in headers if key == name]


def grouped(headers: Headers) -> Fields:
    """Every line of every header, by its name."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def _varies(fields: Fields) -> frozenset[str]:
    words = ",".join(fields.get("vary", ())).split(",")
    return frozenset(filter(None, (word.strip(" \t").lower() for word in words)))


def _forbidden(fields: Fields, told: Directives, reader: Reader) -> bool:
    """A cookie is for one client, whatever is said beside it: that is our rule, not the standard's."""
    if "no-store" in told or "set-cookie" in fields:
        return True
    if not reader.shared:
        return False
    if "private" in told and names(told["private"]) is None:
        return True
    return reader.authorized and PERMISSIONS.isdisjoint(told)


def _private_fields(told: Directives, reader: Reader) -> frozenset[str]:
    if not reader.shared or "private" not in told:
        return frozenset()
    return names(told["private"]) or frozenset()


def _useful(found: Terms, fields: Fields) -> bool:
    usable = max(0.0, found.lifetime - found.age) + found.while_revalidate + found.if_error > 0.0
    return "etag" in fields or "last-modified" in fields or (usable and not found.validate)


def _lifetime(fields: Fields, told: Directives, arrival: Arrival, reader: Reader) -> float:
    """RFC 9111 4.2.1. An Expires that is no date, "0" above all, is in the past (5.3)."""
    if reader.shared and "s-maxage" in told:
        return seconds(told["s-maxage"])
    if "max-age" in told:
        return seconds(told["max-age"])
    date = _date(fields, "date") or arrival.wall
    if "expires" in fields:
        return max(0.0, (_date(fields, "expires") or 0.0) - date)
    changed = _date(fields, "last-modified")
    return 0.0 if changed is None else min(reader.heuristic, max(0.0, (date - changed) * HEURISTIC_PART))


def _age(fields: Fields, arrival: Arrival) -> float:
    """RFC 9111 4.2.3, and 5.1: of several values in Age the first counts, and one that is no number counts as none."""
    date = _date(fields, "date")
    apparent = 0.0 if date is None else max(0.0, arrival.wall - date)
    first = ",".join(fields.get("age", ())).split(",")[0].strip(" \t")
    return max(apparent, seconds((first,)) + arrival.at - arrival.asked)


def _date(fields: Fields, name: str) -> float | None:
    return http_date(fields[name][0]) if name in fields else None


def _window(told: Directives, name: str) -> float:
    return seconds(told[name]) if name in told else 0.0


def _bounded(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """max-stale without an argument accepts any age (RFC 9111 5.2.1.2)."""
    return tuple(argument or str(FOREVER) for argument in arguments)
