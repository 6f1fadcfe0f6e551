"""Objects in the query: a variable for each of their members, `filter[state]` or just `state`. Knows no other kind.

Objects in objects are `filter[author][name]`, as PHP, Rails and qs read them; OpenAPI leaves it open (3.1.0 4.8.12.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bff.openapi.graph.call import Around, Call, Inexpressible
from bff.openapi.graph.names import field_name, parameter_name
from bff.openapi.graph.wanted import Code
from bff.openapi.model import Parameter
from bff.openapi.schema import Array, Enum, Object, Property, Scalar, Schema

_DEEPEST = 4  # objects inside each other


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an object stands: what the query calls it, what Python does, and its path in the argument."""

    wire: str
    python: str
    path: str
    depth: int = 0

    def member(self, name: str, *, deep: bool) -> _Spot:
        wire = f"{self.wire}[{name}]" if deep else name
        return _Spot(wire, f"{self.python}_{parameter_name(field_name(name))}", f"{self.path}.{name}", self.depth + 1)


def spread(call: Call, each: Parameter, schema: Object, python: str, around: Around) -> Schema:
    """The parameter's schema, without what the call cannot carry of it; the call then carries all else.

    Raises Inexpressible where that is nothing.
    """
    deep = each.style == "deepObject"
    if not deep and each.style != "form":
        raise Inexpressible(f"an object of style {each.style}, exploded")  # n/a in OpenAPI 3.1.1 4.8.12.4
    carried = _object(call, schema, _Spot(each.name, python, python), around, deep=deep)
    return each.schema if carried is schema else carried


def flat(each: Parameter, schema: Object, around: Around) -> Schema:
    """The parameter's schema, without what cannot stand in a list of names and values. Raises Inexpressible."""
    kept = []
    for member in schema.properties:
        if isinstance(around.types.resolved(member.schema), Scalar | Enum):
            kept.append(member)
        else:
            around.report.loss(
                "parameter-member", member.schema.at, f"{each.name}.{member.name} is left out: no scalar"
            )
    if not kept:
        raise Inexpressible("an object with nothing in it that can stand in a URL")
    return each.schema if len(kept) == len(schema.properties) else replace(schema, properties=tuple(kept))


def _object(call: Call, schema: Object, spot: _Spot, around: Around, *, deep: bool) -> Object:
    """The object with the members that are carried; itself, where those are all."""
    kept, whole = [], True
    for member in schema.properties:
        inner = spot.member(member.name, deep=deep)
        try:
            found = _member(call, member, inner, around, deep=deep)
        except Inexpressible as why:
            around.report.loss("parameter-member", member.schema.at, f"{inner.path}: {why}; it is left out")
            whole = False
        else:
            kept.append(found)
            whole = whole and found is member
    if not kept:
        raise Inexpressible("an object with nothing in it that can stand in a URL")
    return schema if whole else replace(schema, properties=tuple(kept))


def _member(call: Call, member: Property, spot: _Spot, around: Around, *, deep: bool) -> Property:
    target = around.types.resolved(member.schema)
    if deep and isinstance(target, Object) and "." not in member.name and spot.depth < _DEEPEST:
        carried = _object(call, target, spot, around, deep=deep)
        return member if carried is target else replace(member, schema=carried)
    inner = around.types.resolved(target.items) if isinstance(target, Array) else target
    if not isinstance(inner, Scalar | Enum) or "." in member.name:
        raise Inexpressible("it cannot stand in a URL")
    variable = call.variable(spot.wire, spot.python)
    call.query.append(f"{variable}*" if isinstance(target, Array) else variable)
    call.bindings[variable] = Code("argument", (("", spot.path),))
    return member
