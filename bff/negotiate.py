"""Which media type an answer has, from `Accept` (RFC 9110 12.5.1) and GraphQL over HTTP. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
OFFERED = (GRAPHQL_RESPONSE, JSON)


@dataclass(frozen=True, slots=True)
class Form:
    """How to answer: in which type, and whether a refused operation keeps status 200.

    A client that names `application/json` expects 200 for everything that was a well-formed request; one that takes
    whatever comes, or names the newer type, gets the status that is true.
    """

    media_type: str
    always_200: bool


@lru_cache(maxsize=1_024)
def form_of(accept: str | None) -> Form | None:
    """The form for this Accept header; None when nothing on offer is acceptable. No header accepts all."""
    ranges = _ranges(accept) if accept and accept.strip() else [("*/*", 1.0)]
    best: tuple[float, int, str, bool] | None = None
    for place, offer in enumerate(OFFERED):
        match = _quality(offer, ranges)
        if match is None or match[1] <= 0:
            continue
        named, quality = match[0] == offer, match[1]
        # Of equal quality: a type that was named beats one a wildcard allows; JSON is what a wildcard gets.
        rank = (quality, 2 if named else 1 if offer == JSON else 0)
        candidate = (rank[0], rank[1] * 10 - place, offer, named)
        if best is None or candidate[:2] > best[:2]:
            best = candidate
    return Form(best[2], best[2] == JSON and best[3]) if best else None


def wants_page(accept: str | None) -> bool:
    """Whether this is a browser that asks for a page: API clients never name text/html."""
    return any(name in {"text/html", "application/xhtml+xml"} and q > 0 for name, q in _ranges(accept or ""))


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            found.append((name, _q(parameters)))
    return found


def _q(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> tuple[str, float] | None:
    """The most specific range that covers `offer`, and its quality."""
    for pattern in (offer, "application/*", "*/*"):
        qualities = [quality for name, quality in ranges if name == pattern]
        if qualities:
            return pattern, max(qualities)
    return None
