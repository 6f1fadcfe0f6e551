"""What can be set to go wrong in a service, and what a wrong answer looks like. Pure: no socket, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

# Answers that take the place of the service's own.
Canned = Literal["json", "html", "empty"]
# The service's own answer, spoiled.
Spoiled = Literal["truncated", "wrong_shape"]
# What only a connection can do: an endless body, one shorter than announced, no answer with and without closing.
Wire = Literal["oversize", "short", "close", "hang"]

# The members that hold rows in an answer that is an object.
ENVELOPES: Final = ("items", "rates", "holidays")

OVERSIZE_BYTES: Final = 11 * 1024 * 1024


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(Strict):
    """How calls fail."""

    body_kind: Canned | Spoiled | Wire = "json"
    status: int | None = Field(default=None, ge=200, le=599)  # None: 500 for json and html, else the service's or 200
    times: int | None = Field(default=None, ge=1)  # how many calls fail; None: all
    path: str | None = None  # only these: a path ("/cities/7") or a route's ("/cities/{id}")
    headers: dict[str, str] = {}


class Settings(Strict):
    """Everything that can be set at /_control."""

    latency_ms: float = Field(default=0, ge=0)
    fail: Fault | None = None
    shuffle: bool = False
    drop: tuple[str | int, ...] = ()
    duplicate: bool = False
    surplus: bool = False

    @property
    def rewrites(self) -> bool:
        """Whether rows of good answers are touched."""
        return self.shuffle or bool(self.drop) or self.duplicate or self.surplus


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_body(self, body: bytes, status: int | None = None) -> Answer:
        """The same answer over other bytes, without what described the old ones."""
        kept = {name: value for name, value in self.headers.items() if name not in {"content-length", "etag"}}
        return Answer(self.status if status is None else status, body, kept)


def canned(fault: Fault) -> Answer:
    """An answer that the service was not asked for."""
    status = fault.status or (200 if fault.body_kind == "empty" else 500)
    if fault.body_kind == "html":
        body, media_type = b"<!doctype html><title>Oops</title><h1>Something broke at db-7.internal</h1>", "text/html"
    elif fault.body_kind == "empty":
        body, media_type = b"", "application/json"
    else:
        problem = {"type": "about:blank", "title": "Fault", "status": status, "detail": "Set at /_control."}
        body, media_type = json.dumps(problem).encode(), "application/problem+json"
    return Answer(status, body, {"content-type": media_type, **fault.headers})


def spoiled(answer: Answer, fault: Fault) -> Answer:
    """The service's own answer, cut in half, or an array where an object was due and the other way round."""
    if fault.body_kind == "truncated":
        body = answer.body[: len(answer.body) // 2]
    else:
        body = b'{"surprise": true}' if answer.body.lstrip()[:1] == b"[" else b'["surprise"]'
    return answer.with_body(body, fault.status)


def oversize() -> Iterator[bytes]:
    """One JSON document of more than 10 MB, in pieces of 64 KiB; its size is announced nowhere."""
    yield b'{"items": [], "padding": "'
    piece = b"x" * 65536
    for _ in range(OVERSIZE_BYTES // len(piece)):
        yield piece
    yield b'"}'


def rewritten(body: bytes, settings: Settings, keys: tuple[str, ...]) -> bytes:
    """The same JSON with its rows dropped, repeated, joined by strangers or turned round. Other JSON is left alone."""
    document: Any = json.loads(body)
    if isinstance(document, list):
        return json.dumps(_changed(document, settings, keys)).encode()
    place = next((name for name in ENVELOPES if name in document), None) if isinstance(document, dict) else None
    if place is None:
        return body
    return json.dumps({**document, place: _changed(document[place], settings, keys)}).encode()


def _changed(rows: list[Any], settings: Settings, keys: tuple[str, ...]) -> list[Any]:
    dropped = {str(key) for key in settings.drop}
    kept = [row for row in rows if not any(str(row.get(key)) in dropped for key in keys)]
    repeated = [row for row in kept for _ in range(2 if settings.duplicate else 1)]
    strangers = [_stranger(rows[0], keys)] if settings.surplus and rows else []
    together = repeated + strangers
    # Reversed, not random: another order for certain, and the same one when a test is run again.
    return together[::-1] if settings.shuffle else together


def _stranger(row: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """A row like this one, with keys that nobody asked for."""
    foreign = {key: -1 if isinstance(row[key], int) else "?" * len(str(row[key])) for key in keys if key in row}
    return {**row, **foreign}
