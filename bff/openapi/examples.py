"""What a document shows of its answers: examples of whole bodies, else one put together from its schemas' own. Pure.

For services that are made up. Knows no connector: an operation is known by its method and path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bff.connectors.media import is_json
from bff.openapi.model import Document, Media, Operation
from bff.openapi.schema import MISSING, Array, Enum, Map, Object, Ref, Schema, Schemas, Union, resolved

DEPTH = 6  # schemas inside schemas; recursive ones end here

NOTHING = object()


def examples(document: Document) -> dict[str, tuple[Any, ...]]:
    """Bodies of successful JSON answers by operation, "GET /pets/{petId}"; operations that show none are left out."""
    found = ((each.key, tuple(_bodies(each, document.schemas))) for each in document.operations)
    return {key: bodies for key, bodies in found if bodies}


def _bodies(operation: Operation, schemas: Schemas) -> Iterator[Any]:
    for media in _answers(operation):
        shown = [example.value for example in media.examples]
        if not shown and (value := _of(media.schema, schemas, 0)) is not NOTHING:
            shown = [value]
        yield from shown


def _answers(operation: Operation) -> Iterator[Media]:
    """The JSON bodies of success: of the first status that has one."""
    for response in operation.responses:
        media = [each for each in response.content if is_json(each.type)]
        if response.status.startswith("2") and media:
            yield media[0]
            return


def _of(schema: Schema, schemas: Schemas, depth: int) -> Any:
    """A value that the schema itself shows; NOTHING where it and what is in it show none."""
    if depth > DEPTH or schema.write_only:
        return NOTHING
    found = resolved(schema, schemas) if isinstance(schema, Ref) else schema
    if found.examples:
        return found.examples[0]
    if isinstance(found, Object):
        return _members(found, schemas, depth)
    if isinstance(found, Array):
        inside = _of(found.items, schemas, depth + 1)
        return NOTHING if inside is NOTHING else [inside]
    if isinstance(found, Map):
        inside = _of(found.values, schemas, depth + 1)
        return NOTHING if inside is NOTHING else {"example": inside}
    if isinstance(found, Union):
        shown = (_of(each, schemas, depth + 1) for each in found.members)
        return next((value for value in shown if value is not NOTHING), NOTHING)
    if isinstance(found, Enum) and len(found.values) == 1:
        return found.values[0]
    return NOTHING if found.default is MISSING else found.default


def _members(schema: Object, schemas: Schemas, depth: int) -> Any:
    shown: Mapping[str, Any] = {each.name: _of(each.schema, schemas, depth + 1) for each in schema.properties}
    found = {name: value for name, value in shown.items() if value is not NOTHING}
    return found or NOTHING
