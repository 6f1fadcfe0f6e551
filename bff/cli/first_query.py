"""A query to begin with, made from a graph: one that works without knowing anything of its services. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bff.plan.field import Field
from bff.plan.graph import Graph

ROWS = 5  # that are asked for, where that can be said
LEAVES = 4  # of one object
WRAPPERS = {"edges", "node"}  # of a Relay connection: what is asked for is inside
DEPTH = 4  # connection, edge, node and what is in it


def first_query(graph: Graph) -> str:
    """The query; "" where every field needs a value that only a person can know."""
    root = graph.schema.query_type
    fields = graph.by_type.get(root.name, ()) if root else ()
    found = [(field, body) for field in fields if (body := _selected(graph, field)) is not None]
    if not found:
        return ""
    field, body = max(found, key=lambda each: _worth(*each))  # the first of the best: in the order of its service
    return f"# Ctrl-Enter runs the query.\n{{\n{_indented(f'{field.name}{_sizes(field)}{body}')}\n}}\n"


def _worth(field: Field, body: str) -> tuple[bool, bool]:
    """Lists of things with members of their own show most of what a graph is."""
    return field.kind == "fetch" and bool(body), bool(field.lists or field.connection)


def _selected(graph: Graph, field: Field, depth: int = 0) -> str | None:
    """What stands behind a field's name: nothing behind a leaf. None where it cannot be asked for just so."""
    if field.scopes or field.required - set(_sized(field)) or (depth and field.kind != "path"):
        return None
    if not field.composite:
        return ""
    lines = list(_members(graph, field, depth)) if depth < DEPTH else []
    return f" {{\n{_indented(chr(10).join(lines))}\n}}" if lines else None


def _members(graph: Graph, field: Field, depth: int) -> Iterator[str]:
    own = graph.by_type.get(field.returns, ())
    if not own:  # a union or an interface
        yield "__typename"
        return
    leaves = [each.name for each in own if not each.composite and _selected(graph, each, depth + 1) is not None]
    if leaves and not any(each.name in WRAPPERS for each in own):
        yield from leaves[:LEAVES]
        return
    for each in sorted(own, key=lambda each: each.name not in WRAPPERS):
        body = _selected(graph, each, depth + 1) if each.composite else None
        if body:
            yield f"{each.name}{body}"
            return
    yield from leaves[:LEAVES]


def _sizes(field: Field) -> str:
    sizes = ", ".join(f"{name}: {ROWS}" for name in _sized(field))
    return f"({sizes})" if sizes else ""


def _sized(field: Field) -> list[str]:
    """Its arguments that say how many rows are wanted."""
    names = field.bound.slicing if field.bound else ()
    return [name for name in names if name in field.arguments and _is_int(field, name)]


def _is_int(field: Field, name: str) -> bool:
    return str(field.declared.args[name].type).removesuffix("!") == "Int"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
