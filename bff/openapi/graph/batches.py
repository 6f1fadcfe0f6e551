"""Which operations are one call for many: `?id=1&id=2`, comma lists, a body of ids. Pure recognition; says why.

A parameter that takes a list is a key where the rows have a member of its name: `iatas` and `iata`, `id` and `id`. It
names one row where something else says so too: a path that ends in it, or a name that only identities have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bff.openapi.graph.names import singular, words
from bff.openapi.model import Operation
from bff.openapi.schema import Array, Enum, Object, Scalar, Schema, Schemas, resolved

IDENTITIES = frozenset({"id", "uuid", "guid", "key", "code", "slug", "sku", "isbn"})
BATCH_WORDS = frozenset({"batch", "bulk", "mget", "lookup", "batchget", "multiget", "byids", "multi"})
MOST = 100  # keys in one call where the document gives no maxItems


@dataclass(frozen=True, slots=True)
class Batch:
    """A list of keys that a call takes. `member` is where the rows have theirs."""

    name: str  # the parameter, or the member of the body; "" where the body is the list itself
    member: str
    most: int
    one: bool  # a key names one row, not several
    why: str


def in_query(operation: Operation, item: Schema, identities: frozenset[str], schemas: Schemas) -> Batch | None:
    """The query parameter that is a list of keys. Only an operation with one of them says what it means."""
    found = []
    for each in operation.parameters:
        schema = resolved(each.schema, schemas)
        if (
            each.where == "query"
            and not each.media_type
            and isinstance(schema, Array)
            and _is_key(schema.items, schemas)
        ):
            member = _member(each.name, item, schemas)
            if member:
                style = f"?{each.name}=1&{each.name}=2" if each.explode else f"?{each.name}=1,2"
                found.append(_batch(each.name, member, schema, identities, f"{style} and rows with '{member}'"))
    return found[0] if len(found) == 1 else None


def in_body(operation: Operation, item: Schema, identities: frozenset[str], schemas: Schemas) -> Batch | None:
    """The list of keys that a POST takes for what is a read: `POST …/batch` with `{"ids": […]}` or `[…]`."""
    last = operation.path.rstrip("/").replace(":", "/").rpartition("/")[2]
    if operation.method != "POST" or operation.body is None or "".join(words(last)) not in BATCH_WORDS:
        return None
    media = next((each for each in operation.body.content if each.type.endswith("json")), None)
    body = resolved(media.schema, schemas) if media else None
    for name, schema in _lists(body, schemas):
        member = _member(name, item, schemas) if name else next(iter(sorted(_members(item, schemas) & identities)), "")
        if member and _is_key(schema.items, schemas):
            return _batch(name, member, schema, identities, f"{operation.key} and rows with '{member}'")
    return None


def identities(operations: Iterable[Operation]) -> frozenset[str]:
    """Members by which paths name one thing: `/airports/{iata}` says iata; and those that always do."""
    found = set(IDENTITIES)
    for each in operations:
        last = each.path.rpartition("/")[2]
        if each.method == "GET" and last.startswith("{") and last.endswith("}"):
            found.add(last[1:-1])
    return frozenset(found)


def _batch(name: str, member: str, schema: Array, known: frozenset[str], why: str) -> Batch:
    one = member in known
    return Batch(name, member, schema.max_items or MOST, one, why)


def _lists(body: Schema | None, schemas: Schemas) -> Iterator[tuple[str, Array]]:
    if isinstance(body, Array):
        yield "", body
    required = [each for each in body.properties if each.required] if isinstance(body, Object) else []
    if len(required) == 1 and isinstance(schema := resolved(required[0].schema, schemas), Array):
        yield required[0].name, schema


def _is_key(schema: Schema, schemas: Schemas) -> bool:
    target = resolved(schema, schemas)
    return isinstance(target, Enum) or (isinstance(target, Scalar) and target.kind in {"string", "integer"})


def _members(item: Schema, schemas: Schemas) -> set[str]:
    """Members of a row that a key can be: always there, a text or a whole number."""
    target = resolved(item, schemas)
    own = target.properties if isinstance(target, Object) else ()
    return {each.name for each in own if each.required and "." not in each.name and _is_key(each.schema, schemas)}


def _member(parameter: str, item: Schema, schemas: Schemas) -> str:
    said = words(parameter)
    wanted = {tuple(said), (*said[:-1], singular(said[-1]))}
    return next((name for name in sorted(_members(item, schemas)) if tuple(words(name)) in wanted), "")
