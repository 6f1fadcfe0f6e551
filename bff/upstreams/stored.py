"""One answer that is kept, and what can be said of it without asking anybody. Knows no store and no clock.

A stored answer never changes, but for what its memo holds: one that was confirmed is a new one with the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bff.telemetry import Freshness
from bff.upstreams.freshness import Arrival, Reader, Terms, terms, values
from bff.upstreams.headers import NEVER_FORWARDED, named_by_connection
from bff.upstreams.memo import Memo
from bff.upstreams.seam import Headers, Reply
from bff.upstreams.whole import Whole

Key = tuple[str, Headers]  # the target, and the headers that part answers: at least all that tell who asks

# What one answer, one header and one reading take beside their bytes, measured on CPython 3.11 and rounded up.
ANSWER, HEADER = 1_536, 192

# Of one hop, or about a body that did not come with a 304 (RFC 9111 3.1, 3.2). A cookie is for one client.
_NOT_KEPT = (NEVER_FORWARDED - {"content-length"}) | {"age", "proxy-authentication-info"}
_NOT_UPDATED = _NOT_KEPT | {"content-length", "content-encoding", "content-range", "set-cookie"}


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """An answer to a GET, its body as it came over the wire."""

    key: Key
    upstream: str
    status: int
    headers: Headers  # without Age, which changes
    body: bytes
    memo: Memo
    selected: Headers  # by these headers of its request (Vary): name, and all its values as one
    terms: Terms
    asked: float  # when its request went out; monotonic clock, seconds
    born: float  # when its age was 0; likewise
    fresh: Freshness

    @property
    def size(self) -> int:
        """Bytes in memory, without the memo's."""
        target, parts = self.key
        told = (*self.headers, *self.selected, *parts)
        text = sum(len(name) + len(value) + HEADER for name, value in told)
        return ANSWER + len(self.body) + len(target) * 2 + text

    def reply(self, now: float, *, bodiless: bool = False) -> Reply:
        """As one more caller gets it: with its age (RFC 9111 4)."""
        headers = (*self.headers, ("age", str(int(now - self.born))))
        reply = Reply(self.upstream, self.status, headers, b"" if bodiless else self.body)
        reply.memo = None if bodiless else self.memo
        return reply

    @property
    def conditions(self) -> Headers:
        """What asks the service whether this still holds (RFC 9111 4.3.1); nothing where it gave no validator."""
        pairs = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
        return tuple((asks, value) for asks, told in pairs for value in values(self.headers, told)[:1])

    def confirmed_by(self, headers: Headers) -> bool:
        """Whether a 304 with these headers is about this answer (RFC 9111 4.3.4); one may come late."""
        for name in ("etag", "last-modified"):
            told = values(headers, name)
            if told:
                return [_weak(value) for value in values(self.headers, name)[:1]] == [_weak(told[0])]
        return True

    def described_by(self, headers: Headers) -> bool:
        """Whether the headers of an answer to HEAD may be those of this answer (RFC 9111 4.3.5)."""
        told, own = values(headers, "content-length"), values(self.headers, "content-length")
        return self.confirmed_by(headers) and (not told or not own or told == own)

    def again(self, confirming: Headers, arrival: Arrival, reader: Reader) -> Stored | None:
        """The same bytes on the terms of a 304; None if they may not be kept any longer."""
        headers = updated(self.headers, confirming)
        found = terms(self.status, headers, arrival, reader)
        if found is None:
            return None
        told = kept(headers, found.withheld)
        born, fresh = _times(found, arrival, private=self.fresh.private)
        return replace(self, headers=told, terms=found, asked=arrival.asked, born=born, fresh=fresh)


def stored(key: Key, answer: Whole, selecting: Headers, found: Terms, arrival: Arrival, *, private: bool) -> Stored:
    """What is kept of an answer. `selecting` are the headers of its request."""
    born, fresh = _times(found, arrival, private=private)
    return Stored(
        key=key,
        upstream=answer.upstream,
        status=answer.status,
        headers=kept(answer.headers, found.withheld),
        body=answer.body,
        memo=answer.memo or Memo(),
        selected=selection(found.varies, selecting),
        terms=found,
        asked=arrival.asked,
        born=born,
        fresh=fresh,
    )


def _times(found: Terms, arrival: Arrival, *, private: bool) -> tuple[float, Freshness]:
    """When the answer's age was 0, and until when it is fresh without a question."""
    born = arrival.at - found.age
    return born, Freshness(arrival.at if found.validate else born + found.lifetime, private)


def selection(names: frozenset[str], headers: Headers) -> Headers:
    """What of a request selects its answer (RFC 9111 4.1); a header that did not come is "", as one that is empty."""
    return tuple((name, ", ".join(values(headers, name))) for name in sorted(names))


def selects(found: Stored, headers: Headers) -> bool:
    return not found.selected or found.selected == selection(frozenset(name for name, _ in found.selected), headers)


def kept(headers: Headers, withheld: frozenset[str]) -> Headers:
    gone = _NOT_KEPT | withheld | named_by_connection(headers)
    return tuple(pair for pair in headers if pair[0] not in gone)


def updated(headers: Headers, confirming: Headers) -> Headers:
    """Stored headers with those of a 304 in their place (RFC 9111 3.2). Without a Date, it is from now."""
    gone = _NOT_UPDATED | named_by_connection(confirming)
    new = tuple(pair for pair in confirming if pair[0] not in gone)
    replaced = {name for name, _ in new} | {"date"}
    return (*(pair for pair in headers if pair[0] not in replaced), *new)


def _weak(etag: str) -> str:
    return etag.removeprefix("W/")
