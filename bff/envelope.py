"""The GraphQL request inside an HTTP request: bytes -> query text, variables, extensions. Pure.

GraphQL over HTTP, "Request Parameters". Whatever arrives that is not such a request is a BadRequest that says what
would be right; nothing of it is echoed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as record
from json import JSONDecoder
from types import MappingProxyType
from typing import Any, Final

from bff import codec
from bff.errors import BadRequest

MAX_MEMBERS: Final = 100  # of variables, and of extensions
MAX_NESTING: Final = 64  # lists and objects inside each other
LONGEST_NAME = 256  # characters of a document's name
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId", "doc_id")


@dataclass(init=False, slots=True)
class Envelope:
    """What a client asks for. With a `document_id`, `query` may be empty: who runs it knows the text, or does not.

    Several requests may have the same one while they are under way: to be read only.
    """

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    document_id: str | None  # what the document is called: a SHA-256, or a name of the client's own tools
    text: bytes = record(init=False, compare=False, repr=False)  # the body that others know it by
    shared: int = record(init=False, compare=False, repr=False)  # requests under way that have it, where it has a text
    prepared: Any = record(init=False, compare=False, repr=False)  # for who runs it: what it worked out

    def __init__(
        self,
        query: str,
        operation_name: str | None = None,
        variables: Mapping[str, Any] = NOTHING,
        extensions: Mapping[str, Any] = NOTHING,
        document_id: str | None = None,
    ) -> None:
        self.query = query
        self.operation_name = operation_name
        self.variables = variables
        self.extensions = extensions
        self.document_id = document_id
        self.text = b""
        self.shared = 0
        self.prepared = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a client asks for at once, in its order; where one entry is no request, what is wrong with it."""

    entries: tuple[Envelope | BadRequest, ...]


def from_json(body: bytes, most: int = 1) -> Envelope | Batch:
    """The envelope in a JSON body, or a list of at most `most`. Raises BadRequest."""
    found = decoded(body, "The body")
    if isinstance(found, list):
        return _batch(found, most)
    if not isinstance(found, dict):
        raise BadRequest('The body must be a JSON object such as {"query": "…"}.')
    return from_object(found)


def _batch(found: list[Any], most: int) -> Batch:
    if most == 1:
        raise BadRequest("Batched operations are not accepted: send one JSON object.")
    if not found:
        raise BadRequest("The batch is empty.")
    if len(found) > most:
        raise BadRequest(f"The batch has {len(found)} operations; at most {most} are accepted.")
    return Batch(tuple([_entry(each) for each in found]))


def _entry(found: Any) -> Envelope | BadRequest:
    if not isinstance(found, dict):
        return BadRequest('Each operation of a batch must be a JSON object such as {"query": "…"}.')
    try:
        return from_object(found)
    except BadRequest as wrong:
        return wrong


def from_query_string(parameters: Iterable[tuple[str, str]]) -> Envelope:
    """The envelope in a URL; `variables` and `extensions` are JSON text there. Raises BadRequest."""
    found: dict[str, Any] = {}
    for name, value in parameters:
        if name in found:
            raise BadRequest(f"Parameter '{name}' is given more than once.")
        if name in PARAMETERS:  # others are ignored, as in a body
            found[name] = value
    for name in ("variables", "extensions"):
        if text := found.pop(name, ""):
            found[name] = decoded(text.encode(), f"Parameter '{name}'")
    return from_object(found)


def from_payload(found: Mapping[str, Any]) -> Envelope:
    """The envelope in an object that `strict` read. Raises BadRequest."""
    return from_object(found)


def strict(text: bytes, what: str) -> Any:
    """The value of JSON text, read as strictly as a body; `what` it is called. Raises BadRequest."""
    return decoded(text, what)


def from_object(found: Mapping[str, Any]) -> Envelope:
    """The envelope that a JSON object is. Raises BadRequest."""
    extensions = _object(found, "extensions") if "extensions" in found else {}
    document_id = _document_id(found, extensions)
    query = found.get("query")
    if not isinstance(query, str) or not query or query.isspace():
        query = _textless(query, document_id)
    name = found.get("operationName")
    if name is not None and not isinstance(name, str):
        raise BadRequest("Parameter 'operationName' must be a string or null.")
    variables = _object(found, "variables") if "variables" in found else {}
    return Envelope(query, name or None, variables, extensions, document_id)


def _textless(query: Any, document_id: str | None) -> str:
    """What stands for a query that says nothing: good enough from those who name their document."""
    if query is None and document_id is None:
        raise BadRequest("Parameter 'query' is missing.")
    if query is not None and not isinstance(query, str):
        raise BadRequest("Parameter 'query' must be a string.")
    if not document_id:
        raise BadRequest("Parameter 'query' is empty.")
    return query or ""


def _document_id(found: Mapping[str, Any], extensions: Mapping[str, Any]) -> str | None:
    """The document's name: as the specification's appendix spells it, as Relay does, or as Apollo Client does."""
    ours, relays, apollos = found.get("documentId"), found.get("doc_id"), extensions.get("persistedQuery")
    if ours is None and relays is None and apollos is None:
        return None
    names = [_name(each) for each in (ours, relays, _sha256(apollos)) if each is not None]
    if len(set(names)) > 1:
        raise BadRequest("The request calls its document by two names.")
    return names[0]


def _sha256(persisted: Any) -> Any:
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1 or "sha256Hash" not in persisted:
        raise BadRequest("Extension 'persistedQuery' must be {version: 1, sha256Hash}.")
    return persisted["sha256Hash"]


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        raise BadRequest(f"The name of a document must be a string of 1 to {LONGEST_NAME} characters.")
    return value.removeprefix("sha256:")


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"Parameter '{name}' must be an object or null.")
    if len(value) > MAX_MEMBERS:
        raise BadRequest(f"Parameter '{name}' has more than {MAX_MEMBERS} members.")
    return value


def decoded(text: bytes, what: str) -> Any:
    """The value of JSON text in which no object names a member twice: readers differ in which of the two they take."""
    try:
        value = codec.decode(text)
    except ValueError:
        raise BadRequest(f"{what} is not valid JSON.") from None
    if text.count(b"{") + text.count(b"[") > MAX_NESTING and _is_deep(value):
        raise BadRequest(f"{what} is nested more than {MAX_NESTING} levels deep.")
    # A text with members that are not in its value any more has more colons than one that is written of the value: one
    # for each member, and those inside strings. Unless some are escaped, no request has to be read a second time.
    if _names_twice(text) if b"\\u003" in text else text.count(b":") != codec.encode(value).count(b":"):
        raise BadRequest(f"{what} has an object with two members of one name.")
    return value


def _is_deep(value: Any) -> bool:
    """Whether there are more lists and objects inside each other than we read."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_NESTING + 1:
            return True
        level = [each for outer in level for each in _inside(outer)]
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class _Repeated(Exception):
    pass


def _names_twice(text: bytes) -> bool:
    try:
        _STRICT.decode(text.decode())
    except _Repeated:
        return True
    return False


def _unique(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) != len(members):
        raise _Repeated


_STRICT = JSONDecoder(object_pairs_hook=_unique)
