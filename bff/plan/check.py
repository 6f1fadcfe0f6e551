"""What can be proved about a graph without running it. Pure; every mistake at once, each with its place.

Errors stop the start: an upstream that `bff.yaml` does not have, a template variable that nobody binds, an argument or
a list bound that is not there, a list without a bound. Warnings tell of fields that cost a call for each parent (N+1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from graphql import get_nullable_type, is_list_type
from strawberry.types.field import StrawberryField

from bff.connectors import Binding, Connector, Constant, FromArgument, FromParent
from bff.connectors.path import segments, shown
from bff.connectors.union import BOXED
from bff.errors import Problem
from bff.plan.check_events import event_errors, event_warnings
from bff.plan.fetch import bound_call
from bff.plan.field import FIRST, Call, Field
from bff.plan.files import file_errors, takes_files
from bff.plan.graph import Graph


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found: `errors` stop the start, `warnings` do not."""

    errors: list[Problem]
    warnings: list[Problem]


def check_graph(graph: Graph, upstreams: Collection[str], topics: Collection[str] = ()) -> Findings:
    """Every mistake in `graph`, given the upstreams that the configuration has, and the topics of its webhooks."""
    fields = graph.fields.values()
    errors = [problem for field in fields for problem in event_errors(graph, field, upstreams, topics)]
    files = takes_files(graph)
    errors += [problem for field in graph.fields.values() for problem in _errors(graph, field, upstreams, files=files)]
    ruled = {field.returns: field for field in graph.fields.values() if field.rule}
    errors += [problem for field in ruled.values() for problem in _rule_errors(graph, field)]
    return Findings(errors, [*_per_parent(graph), *event_warnings(graph, topics)])


def _errors(graph: Graph, field: Field, upstreams: Collection[str], *, files: bool) -> Iterator[Problem]:
    for connector in (*(call.connector for call in field.calls), *field.source.uses):
        if connector.upstream not in upstreams:
            known = ", ".join(sorted(upstreams)) or "none"
            yield _problem(field, f"upstream '{connector.upstream}' is not in the configuration", f"it has {known}")
    yield from _wrapper_errors(field)
    for call in field.calls:
        yield from _binding_errors(graph, field, call)
    if files:
        yield from file_errors(field)
    yield from _bound_errors(field)
    yield from _shape_errors(graph, field)


def _rule_errors(graph: Graph, field: Field) -> Iterator[Problem]:
    """A union's rule that names what the union does not have; once for each union, at one of its fields."""
    possible = graph.possible[field.returns]
    for name in sorted(field.rule.types if field.rule else ()):
        if name not in possible:
            hint = f"it has {', '.join(possible)}"
            yield _problem(field, f"one_of('{field.returns}') tells the type '{name}', which it does not have", hint)
    for name in sorted(field.rule.boxes.values() if field.rule else ()):
        if name in possible and not any(_is_boxed(each) for each in graph.by_type.get(name, ())):
            hint = f"add `{BOXED}: …` with the type of the value"
            yield _problem(field, f"{name} is a box of one_of('{field.returns}') without a field '{BOXED}'", hint)


def _is_boxed(field: Field) -> bool:
    """Whether it reads what a box holds; of a map, its entries."""
    return field.member == BOXED or (field.source.entries and field.source.path is None and field.python_name == BOXED)


def _wrapper_errors(field: Field) -> Iterator[Problem]:
    """What Strawberry would wrap around its own resolver, which runs for methods only: no permission may be lost."""
    definition: StrawberryField = field.declared.extensions["strawberry-definition"]
    if field.kind == "code" or definition.is_subscription:
        return
    if definition.permission_classes:
        yield _problem(
            field, "permission_classes guard methods only, and this is none", "use requires(…), or make it a method"
        )
    elif definition.extensions:
        yield _problem(field, "field extensions run around methods only, and this is none", "make it a method")


def _binding_errors(graph: Graph, field: Field, call: Call) -> Iterator[Problem]:
    connector, python_names = call.connector, set(field.arguments.values())
    for variable in call.unbound:
        yield _problem(
            field,
            f"nobody binds '{variable}' of {connector.label}",
            f"add an argument '{variable}', or {variable}=\"…\" with the path in the parent's JSON",
        )
    for bound in call.bindings.values():
        if isinstance(bound, FromArgument) and bound.name not in python_names:
            yield _problem(field, f"there is no argument '{bound.name}'", f"it has {', '.join(python_names) or 'none'}")
        if isinstance(bound, FromArgument) and bound.entries and (bound.path or not _may_be_list(field, bound)):
            hint = (
                f"`{bound.name}: list[…]` of a type with the fields key and value; in an input, say field(entries=True)"
            )
            yield _problem(field, f"entries= speaks of an argument that is a list, and '{bound.name}' is none", hint)
        if isinstance(bound, FromParent) and field.coordinate.partition(".")[0] in _roots(graph):
            yield _problem(
                field, f"'{shown(bound.path)}' has no parent to be read from", "a root field binds its arguments"
            )
    for variable in set(field.source.bindings) - {name for each in field.calls for name in each.connector.variables}:
        yield _problem(field, f"'{variable}' is bound, but {connector.label} has no such variable", _has(connector))


def _bound_errors(field: Field) -> Iterator[Problem]:
    if field.bound is not None and not field.bound.known:
        yield _problem(
            field,
            "nobody knows how long this list can be, so it has no price",
            "say assumed_size=…, or slicing_arguments=[…]",
        )
    if field.bound is not None and field.lists > 1:
        yield _problem(field, "a list of lists of objects has no price", "give the inner lists a type of their own")
    for name in field.bound.slicing if field.bound else ():
        if name.partition(".")[0] not in field.arguments:
            yield _problem(field, f"slicing argument '{name}' is no argument of it", _arguments(field))
    for call in field.calls:
        if call.connector.paging and FIRST not in field.arguments and field.source.cost.assumed_size is None:
            yield _problem(field, "a page needs a size", f"add the argument '{FIRST}: int = 20', or assumed_size=…")


def _shape_errors(graph: Graph, field: Field) -> Iterator[Problem]:
    if len(field.calls) > 1 and not field.lists:
        yield _problem(field, f"several connectors make a list, but the field is one {field.returns}")
    for call in field.calls:
        yield from _length_errors(field, call)
        connector, listed = call.connector, field.lists > 0
        if connector.paging and listed:
            yield _problem(field, f"{connector.label} pages, so its field is one Connection[…], not a list")
        if connector.many and field.source.entries:
            yield _problem(field, f"{connector.label} brings a list, and entries are the members of one object")
        if connector.many and not connector.paging and not listed:
            yield _problem(field, f"{connector.label} brings a list, but the field is one {field.returns}")
        batch_read = connector.method == "POST" and connector.batched
        if not connector.safe and not batch_read and not _is_mutation(graph, field):
            yield _problem(field, f"{connector.method} changes something, so only mutations may make that call")
        yield from _key_errors(graph, field, connector)
        yield from _type_errors(graph, field, connector)


def _type_errors(graph: Graph, field: Field, connector: Connector) -> Iterator[Problem]:
    """Types that a connector says its answers have, and its field cannot: no such answer would ever be seen."""
    possible = graph.possible.get(field.returns, ())
    if field.source.path is not None or field.connection or not field.composite:
        return
    for name in sorted(connector.outcomes | {connector.typename or field.returns}):
        if name not in {*possible, field.returns}:
            hint = f"{field.returns} is {', '.join(possible)}"
            yield _problem(field, f"{connector.label} brings the type '{name}', which the field cannot have", hint)


def _length_errors(field: Field, call: Call) -> Iterator[Problem]:
    """One row where the field is a list, or the other way round, as far as types tell."""
    connector = call.connector
    if connector.many or connector.by_key or field.source.path is not None or field.source.entries:
        return
    bindings = [call.bindings[name] for name in bound_call(call).spread if name in call.bindings]
    spread = [bound for bound in bindings if not (isinstance(bound, FromArgument) and bound.json)]
    if field.lists and not any(_may_be_list(field, bound) for bound in spread):
        yield _problem(field, f"{connector.label} brings one row, but the field is a list", "say many=True")
    for bound in spread if not field.lists else ():
        if isinstance(bound, FromArgument) and not bound.path and _may_be_list(field, bound):
            message = f"the list '{bound.name}' brings a row for each item, but the field is one {field.returns}"
            yield _problem(field, message)


def _may_be_list(field: Field, bound: Binding) -> bool:
    """Whether a binding can be a list; what is inside a row or an argument may be anything."""
    if isinstance(bound, Constant):
        return isinstance(bound.value, list)
    if isinstance(bound, FromParent) or bound.path:
        return True
    types = [field.declared.args[name].type for name, python in field.arguments.items() if python == bound.name]
    return any(is_list_type(get_nullable_type(type_)) for type_ in types)


def _key_errors(graph: Graph, field: Field, connector: Connector) -> Iterator[Problem]:
    """A key that no field of the rows' type reads is most likely a slip, since rows are matched by it."""
    if connector.batched and connector.errors:
        yield _problem(field, f"{connector.label} has a key and errors=, but its error would be that of many rows")
    for path in connector.key.values() if not connector.by_key else ():
        for name in _row_types(graph, field, connector):
            own = graph.by_type.get(name, ())
            hidden = {(member,) for member in graph.hidden[name]}
            paths = {_path_of(each) for each in own if each.kind == "path"} | _bound_paths(own) | hidden
            if own and segments(path) not in paths:
                known = ", ".join(sorted(".".join(each) for each in paths))
                hint = f"it reads {known}; a member that clients must not see is strawberry.Private"
                message = f"rows of {connector.label} are matched by '{shown(path)}', which {name} lacks"
                yield _problem(field, message, hint)


def _row_types(graph: Graph, field: Field, connector: Connector) -> list[str]:
    """What the rows of this call can be: the type that they are said to have, else any but the types of errors."""
    if connector.typename:
        return [connector.typename]
    mistakes = {name for call in field.calls for name in call.connector.errors.values()}
    return [name for name in graph.possible.get(field.returns, ()) if name not in mistakes]


def _per_parent(graph: Graph) -> Iterator[Problem]:
    """Fields that cost a call for each parent, with the longest list that they can stand under."""
    below = _below_lists(graph)
    for field in graph.fields.values():
        lists = below.get(field.coordinate.partition(".")[0], [])
        for call in field.calls if lists else ():
            alone = call.connector.safe and not call.connector.batched
            if alone and any(isinstance(bound, FromParent) for bound in call.bindings.values()):
                longest = max(lists, key=_size)
                calls = f"up to {_size(longest)} calls" if _size(longest) else "one call for each row"
                others = f" and {len(lists) - 1} more lists" if len(lists) > 1 else ""
                message = f"N+1: {call.connector.label} has no batch form"
                yield _problem(field, message, f"{calls} under {longest.coordinate}{others}")


def _size(field: Field) -> int:
    return field.bound.assumed or 0 if field.bound else 0


def _below_lists(graph: Graph) -> dict[str, list[Field]]:
    """For each type, the fields that bring many objects of it."""
    found: dict[str, list[Field]] = {}
    for field in graph.fields.values():
        for name in graph.possible.get(field.returns, ()) if field.lists and field.composite else ():
            found.setdefault(name, []).append(field)
    return found


def _path_of(field: Field) -> tuple[str, ...]:
    return (field.python_name,) if field.source.path is None else segments(field.source.path)


def _bound_paths(fields: Iterable[Field]) -> set[tuple[str, ...]]:
    bounds = [bound for field in fields for call in field.calls for bound in call.bindings.values()]
    return {segments(bound.path) for bound in bounds if isinstance(bound, FromParent)}


def _roots(graph: Graph) -> set[str]:
    schema = graph.schema
    return {type_.name for type_ in (schema.query_type, schema.mutation_type, schema.subscription_type) if type_}


def _is_mutation(graph: Graph, field: Field) -> bool:
    mutation = graph.schema.mutation_type
    return mutation is not None and field.coordinate.partition(".")[0] == mutation.name


def _has(connector: Connector) -> str:
    return f"it has {', '.join(connector.variables) or 'none'}"


def _arguments(field: Field) -> str:
    return f"it has {', '.join(field.arguments) or 'none'}"


def _problem(field: Field, message: str, hint: str = "") -> Problem:
    return Problem(place=field.coordinate, message=message, hint=hint)
