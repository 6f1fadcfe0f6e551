"""What a document says of the values of its answers, for services that are made up. Pure; knows no type of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bff.connectors.media import is_json
from bff.mock.bounds import Bounds
from bff.openapi.model import Document, Operation, Response
from bff.openapi.schema import Array, Limits, Map, Object, Scalar, Schema, Schemas, resolved


@dataclass(frozen=True, slots=True)
class Sketched:
    """A schema as made-up services know it: `bff.mock.bounds.Sketch`."""

    schema: Schema
    schemas: Schemas

    @property
    def bounds(self) -> Bounds:
        found = resolved(self.schema, self.schemas)
        if isinstance(found, Array):
            return Bounds(fewest=found.min_items, most=found.max_items)
        return _of_scalar(found) if isinstance(found, Scalar) else Bounds()

    def inside(self, step: str | int) -> Self | None:
        found = resolved(self.schema, self.schemas)
        inner: Schema | None = None
        if isinstance(found, Array):
            inner = found.items
        elif isinstance(found, Map):
            inner = found.values
        elif isinstance(found, Object):
            inner = next((each.schema for each in found.properties if each.name == step), None)
        return None if inner is None else type(self)(inner, self.schemas)


def sketches(document: Document) -> dict[str, Sketched]:
    """What is said of successful JSON answers, by operation: "GET /pets/{petId}"."""
    found = ((each.key, _answer(each)) for each in document.operations)
    return {key: Sketched(schema, document.schemas) for key, schema in found if schema is not None}


def _answer(operation: Operation) -> Schema | None:
    fine = [each for each in operation.responses if each.status.startswith("2")]
    return next((schema for each in fine if (schema := _json(each))), None)


def _json(response: Response) -> Schema | None:
    return next((each.schema for each in response.content if is_json(each.type)), None)


def _of_scalar(schema: Scalar) -> Bounds:
    limits = schema.limits
    return Bounds(
        low=_inclusive(limits.minimum, schema, limits, up=True),
        high=_inclusive(limits.maximum, schema, limits, up=False),
        step=limits.multiple_of,
        shortest=limits.min_length,
        longest=limits.max_length,
        pattern=limits.pattern,
        format=schema.format,
    )


def _inclusive(limit: float | None, schema: Scalar, limits: Limits, *, up: bool) -> float | None:
    """A limit that is itself allowed: beside one that is not."""
    exclusive = limits.exclusive_minimum if up else limits.exclusive_maximum
    if limit is None or not exclusive:
        return limit
    beside = 1 if schema.kind == "integer" else 1e-6 * max(1.0, abs(limit))
    return limit + beside if up else limit - beside
