"""The messages of graphql-transport-ws: text -> a record, and answers -> text. Pure; remembers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff import codec
from bff.envelope import Envelope, from_payload, strict
from bff.errors import BadRequest

SUBPROTOCOL = "graphql-transport-ws"
LONGEST_ID = 256  # characters
LONGEST_REASON = 123  # bytes; RFC 6455 5.5: a control frame has 125, the code takes two


@dataclass(frozen=True, slots=True)
class Init:
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subscribe:
    id: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Complete:
    id: str


@dataclass(frozen=True, slots=True)
class Beat:
    """A ping or a pong."""

    wants_pong: bool  # else it is one
    payload: Any


Message = Init | Subscribe | Complete | Beat


def read(text: str) -> Message:
    """What the client says. Raises BadRequest for what is no message of the protocol."""
    found = strict(text.encode("utf-8", "surrogatepass"), "The message")
    if not isinstance(found, dict):
        raise BadRequest("A message must be a JSON object.")
    kind = found.get("type")
    if not isinstance(kind, str):
        raise BadRequest("A message must have a 'type'.")
    if kind == "connection_init":
        return Init(_payload(found) or {})
    if kind == "subscribe":
        return Subscribe(_id(found), _envelope(found))
    if kind == "complete":
        return Complete(_id(found))
    if kind in {"ping", "pong"}:
        return Beat(kind == "ping", _payload(found))
    raise BadRequest("The message is of no type that a client may send.")


def ack() -> str:
    return '{"type":"connection_ack"}'


def pong(payload: Any) -> str:
    told = {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
    return codec.encode(told).decode()


def following(id_: str, payload: bytes) -> str:
    """One answer, or a part of one, as JSON."""
    return (b'{"id":%b,"type":"next","payload":%b}' % (codec.encode(id_), payload)).decode()


def error(id_: str, errors: list[dict[str, Any]]) -> str:
    return codec.encode({"id": id_, "type": "error", "payload": errors}).decode()


def complete(id_: str) -> str:
    return codec.encode({"id": id_, "type": "complete"}).decode()


def reason(text: str) -> str:
    """As much of it as a close frame holds."""
    return text.encode()[:LONGEST_REASON].decode(errors="ignore")


def _id(found: Mapping[str, Any]) -> str:
    value = found.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise BadRequest(f"The message must have an 'id' of 1 to {LONGEST_ID} characters.")
    return value


def _payload(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    value = found.get("payload")
    if value is not None and not isinstance(value, dict):
        raise BadRequest("The 'payload' must be an object.")
    return value


def _envelope(found: Mapping[str, Any]) -> Envelope:
    payload = _payload(found)
    if payload is None:
        raise BadRequest("The message must have a 'payload'.")
    return from_payload(payload)
