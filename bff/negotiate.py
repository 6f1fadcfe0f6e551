"""What an answer is written in: its media type (RFC 9110 12.5.1), its coding (12.5.3). And which bodies can be read.

Pure; knows no request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from bff.incremental.shapes import Spec

GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
EVENT_STREAM: Final = "text/event-stream"
MULTIPART: Final = "multipart/mixed"

Stream = Literal["", "sse", "multipart"]

MAX_REMEMBERED: Final = 1_000  # characters; a longer header is read anew each time, so that no client fills the memory


@dataclass(frozen=True, slots=True)
class Form:
    """How to answer: in which type, and whether a well-formed request that is refused has status 200.

    A client that names `application/json` expects 200 for it (GraphQL over HTTP, appendix on application/json); one
    that takes whatever comes, or names the newer type, gets the status that is true. `stream` is what a subscription
    is answered in; everything is, where the media type is that of a stream. `parts` is the shape in which the client
    reads what is deferred; "" is for one that takes an answer whole.
    """

    media_type: str
    refused_is_200: bool = False
    stream: Stream = ""
    parts: Spec | Literal[""] = ""


def form_of(accept: str | None, *, page: bool = False) -> Form | None:
    """The form for this Accept header; None when nothing on offer is acceptable. No header is as one that
    names the newer type (GraphQL over HTTP, "Legacy watershed").

    With `page` there is HTML on offer too, for those who name it: browsers do, API clients do not.
    """
    accept = accept or ""
    return (_form if len(accept) <= MAX_REMEMBERED else _form.__wrapped__)(accept, page)


def is_json(content_type: str | None) -> bool:
    """Whether a body of this type is JSON in UTF-8, the one type read: HTML forms cannot send it to another site."""
    return content_type is not None and len(content_type) <= MAX_REMEMBERED and _is_json(content_type)


class Coding(NamedTuple):
    """A content coding to answer in. `needed`: what is not coded is not accepted."""

    name: str
    needed: bool = False


def coding_of(accept_encoding: str, offered: tuple[str, ...]) -> Coding | None:
    """The coding for this Accept-Encoding header, of equals the first on offer; None: as it is.

    Who accepts neither that nor anything on offer is answered as it is too: it is the less likely to be useless.
    """
    found = _coding if len(accept_encoding) <= MAX_REMEMBERED else _coding.__wrapped__
    return found(accept_encoding, offered)


@lru_cache(maxsize=1_000)
def _coding(accept_encoding: str, offered: tuple[str, ...]) -> Coding | None:
    ranges = _ranges(accept_encoding)
    others = ranges.get("*", 0.0)
    plain = ranges.get("identity", 0.0)  # unnamed it is acceptable, and anything that is named is preferred
    needed = ranges.get("identity", ranges.get("*", 1.0)) == 0
    best, quality = "", 0.0
    for name in offered:
        wanted = ranges.get(name, ranges.get(f"x-{name}", others))
        if wanted > quality:
            best, quality = name, wanted
    return Coding(best, needed) if best and quality >= plain else None


@lru_cache(maxsize=1_000)
def _form(accept: str, page: bool) -> Form | None:
    ranges = _ranges(accept) or {GRAPHQL_RESPONSE: 1.0}
    wildcard = ranges.get("application/*", ranges.get("*/*", 0.0))
    on_offer = (GRAPHQL_RESPONSE, JSON, HTML) if page else (GRAPHQL_RESPONSE, JSON)
    named = [(ranges[offer], Form(offer, offer == JSON)) for offer in on_offer if offer in ranges]
    covered = [(wildcard, Form(offer)) for offer in (JSON, GRAPHQL_RESPONSE) if offer not in ranges]
    quality, form = max([*named, *covered], key=lambda choice: choice[0])  # of equals the first
    stream = _stream(accept, ranges)
    parts = _parts(accept, ranges)
    if quality > 0:
        return replace(form, stream=stream, parts=parts) if stream or parts else form
    if stream == "sse":
        return Form(EVENT_STREAM, stream=stream, parts=parts or _parts(accept, ranges, EVENT_STREAM))
    if stream:
        return Form(MULTIPART, stream=stream, parts=parts)
    return Form(JSON, parts=parts) if parts else None  # what has no parts is JSON, which the parts are


def _stream(accept: str, ranges: dict[str, float]) -> Stream:
    """What is named: urql and browsers name event streams, Apollo Client parts by its own specification."""
    if ranges.get(EVENT_STREAM):
        return "sse"
    parts = [part.strip().lower() for part in accept.split(",")]
    specified = any(part.startswith(MULTIPART) and "subscriptionspec=" in part for part in parts)
    return "multipart" if specified and ranges.get(MULTIPART) else ""


SPECS: tuple[tuple[str, Spec], ...] = (("deferspec=20220824", "2022"), ("incrementalspec=v0.2", "2023"))


def spec_of(named: Mapping[str, Any]) -> Spec:
    """The shape of an answer in parts for a client that names one as parameters of `Accept` do; else as for urql."""
    said = {f"{name}={value}".lower() for name, value in named.items()}
    return next((spec for parameter, spec in SPECS if parameter in said), "both")


def _parts(accept: str, ranges: dict[str, float], media_type: str = MULTIPART) -> Spec | Literal[""]:
    """Apollo Client says by a parameter which shape it reads; urql and GraphiQL do not."""
    if not ranges.get(media_type):
        return ""
    pieces = [part.strip().lower().replace(" ", "").replace('"', "") for part in accept.split(",")]
    named = [piece for piece in pieces if piece.startswith(media_type)]
    for parameter, spec in SPECS:
        if any(parameter in piece for piece in named):
            return spec
    return "both" if any("spec=" not in piece for piece in named) else ""


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {value.strip(' "') for name, _, value in map(_pair, parameters) if name == "charset"}
    return media_type == JSON and charsets <= {"utf-8", "utf8"}


def _ranges(accept: str) -> dict[str, float]:
    """Media ranges and their quality; of one that is repeated the best."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            found[name] = max(found.get(name, 0.0), _quality(parameters))
    return found


def _quality(parameters: list[str]) -> float:
    """The weight (RFC 9110 12.4.2); 0 for one that is none."""
    for name, _, value in map(_pair, parameters):
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


def _pair(parameter: str) -> tuple[str, str, str]:
    name, equals, value = parameter.partition("=")
    return name.strip(), equals, value
