"""The GraphQL request inside an HTTP request: bytes -> query text, variables, extensions. Pure.

GraphQL over HTTP, "Request Parameters". Whatever arrives that is not such a request is a BadRequest that says what
would be right; nothing of it is echoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from bff import codec
from bff.errors import BadRequest

MAX_VARIABLES = 100


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a client asks for."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = record(default_factory=dict)
    extensions: Mapping[str, Any] = record(default_factory=dict)


def from_json(body: bytes) -> Envelope:
    """The envelope in a JSON body. Raises BadRequest."""
    try:
        found = codec.decode(body)
    except ValueError:
        raise BadRequest("The body is not valid JSON.") from None
    if isinstance(found, list):
        raise BadRequest("Batched operations are not accepted: send one JSON object.")
    if not isinstance(found, dict):
        raise BadRequest('The body must be a JSON object such as {"query": "…"}.')
    return _envelope(found)


def from_query_string(parameters: list[tuple[str, str]]) -> Envelope:
    """The envelope in a URL; `variables` and `extensions` are JSON text there. Raises BadRequest."""
    found: dict[str, Any] = {}
    for name, value in parameters:
        if name in found:
            raise BadRequest(f"Parameter '{name}' is given more than once.")
        found[name] = value
    for name in ("variables", "extensions"):
        if name in found:
            try:
                found[name] = codec.decode(found[name].encode("utf-8", "surrogatepass")) if found[name] else None
            except ValueError:
                raise BadRequest(f"Parameter '{name}' is not valid JSON.") from None
    if found.get("operationName") == "":
        del found["operationName"]
    return _envelope(found)


def _envelope(found: Mapping[str, Any]) -> Envelope:
    query = found.get("query")
    if query is None:
        raise BadRequest("Parameter 'query' is missing.")
    if not isinstance(query, str):
        raise BadRequest("Parameter 'query' must be a string.")
    if not query.strip():
        raise BadRequest("Parameter 'query' is empty.")
    name = found.get("operationName")
    if name is not None and not isinstance(name, str):
        raise BadRequest("Parameter 'operationName' must be a string or null.")
    return Envelope(query, name or None, _object(found, "variables"), _object(found, "extensions"))


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"Parameter '{name}' must be an object or null.")
    if len(value) > MAX_VARIABLES:
        raise BadRequest(f"Parameter '{name}' has more than {MAX_VARIABLES} members.")
    return value
