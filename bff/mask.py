"""Which words of an error a client may read. Default is closed: what is not known to be meant for clients is masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from bff.document import Refusal
from bff.errors import (
    EVERYTHING,
    Audience,
    BadUserInput,
    BffError,
    InternalError,
    MethodNotAllowed,
    NullValue,
    QuotaExceeded,
    UpstreamError,
)
from bff.telemetry import Observer

SOURCES = ("upstream", "httpStatus")  # extensions that say where an error comes from
MAX_MESSAGE = 500  # characters; graphql-core repeats in its messages what the client sent

# graphql-core tells its own errors apart by words only
_NULL = "Cannot return null for non-nullable field "
_ARGUMENT = "Argument '"
_SCALARS_OWN = re.compile(r", but encountered error '.*'; found", re.DOTALL)  # what a custom scalar's parser raised


@dataclass(frozen=True, slots=True)
class Masked:
    """Who is told what was masked, and what its client may learn of the rest."""

    trace_id: str
    observer: Observer
    audience: Audience = EVERYTHING


def refused(refusal: Refusal | BffError, audience: Audience = EVERYTHING) -> dict[str, Any]:
    """The parts of an answer to an operation that never ran."""
    kind = refusal.kind if isinstance(refusal, Refusal) else refusal
    errors = refusal.errors if isinstance(refusal, Refusal) else (GraphQLError(_said(refusal, audience)),)
    return {
        "errors": [{**_place(error), "extensions": _extras(kind, audience)} for error in errors],
        "status": kind.status,
        "allow": kind.allow if isinstance(kind, MethodNotAllowed) else None,
        "retry_after": kind.retry_after if isinstance(kind, QuotaExceeded) else None,
    }


def shown(error: GraphQLError, masked: Masked) -> dict[str, Any]:
    """An error that happened while an operation ran, as its client sees it (GraphQL 7.1.2)."""
    known = _known(error, masked)
    audience = masked.audience
    return {**_place(error), "message": _words(_said(known, audience)), "extensions": _extras(known, audience)}


def _said(error: BffError, audience: Audience) -> str:
    if isinstance(error, UpstreamError) and not audience.sources:
        return error.unnamed
    return str(error) if audience.names else error.plainly


def _extras(error: BffError, audience: Audience) -> dict[str, Any]:
    told = error.extensions
    return dict(told) if audience.sources else {name: each for name, each in told.items() if name not in SOURCES}


def _known(error: GraphQLError, masked: Masked) -> BffError:
    found = cause(error)
    if isinstance(found, InternalError) and found.trace_id != masked.trace_id:  # it happened to who asked the same
        masked.observer.failure(masked.trace_id, ".".join(map(str, error.path or ())), found.__cause__ or found)
        return InternalError(masked.trace_id)
    if isinstance(found, BffError):
        return found
    if isinstance(found, TypeError) and str(found).startswith(_NULL):
        return NullValue(str(found))
    if isinstance(found, GraphQLError) and found.nodes and found.message.startswith(_ARGUMENT):
        return BadUserInput(found.message)  # it could not be coerced; other errors with nodes are of our own types
    masked.observer.failure(masked.trace_id, ".".join(map(str, error.path or ())), found)
    return InternalError(masked.trace_id)


def cause(error: BaseException) -> BaseException:
    """What went wrong, below what graphql-core wrapped around it."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _place(error: GraphQLError) -> dict[str, Any]:
    found: dict[str, Any] = {"message": _words(error.message)}
    if error.locations:
        found["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        found["path"] = list(error.path)
    return found


def _words(message: str) -> str:
    message = _SCALARS_OWN.sub(", found", message)
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
