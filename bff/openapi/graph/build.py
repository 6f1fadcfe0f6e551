"""Documents to the services of one graph, every name chosen. The front door of mapping; prints nothing.

`lock` is read for names that were chosen before, and holds all that are chosen now; what vanished from a document is
forgotten, so that its name is free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bff.openapi.graph.endless import loosen
from bff.openapi.graph.entry import upstream_of
from bff.openapi.graph.linking import add_links
from bff.openapi.graph.lock import Lengths, Lock, ServiceNames
from bff.openapi.graph.names import module_name, pascal, words
from bff.openapi.graph.naming import Naming, claimed, named
from bff.openapi.graph.operations import Operations
from bff.openapi.graph.patches import without_defaults
from bff.openapi.graph.titles import by_operation, connector_names, field_names, plain_fields
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import Code, Declared, Link, RootField, Rule, Service, TypeKey, Wanted
from bff.openapi.model import Document
from bff.openapi.report import Report


@dataclass(frozen=True, slots=True)
class Named:
    """A document and what `bff.yaml` calls its service."""

    name: str
    document: Document


@dataclass(slots=True)
class _Draft:
    """A service on its way."""

    name: str
    document: Document
    names: ServiceNames
    types: Types
    operations: Operations


def build(documents: Sequence[Named], lock: Lock, report: Report) -> tuple[Service, ...]:
    """The services, in the order of their names; `lock` then has every name that is used."""
    ordered = sorted(documents, key=lambda each: each.name)
    titles = _titles(ordered, lock)
    drafts = [_draft(each, lock, titles[each.name], report) for each in ordered]
    shared = claimed([_reachable_names(each) for each in drafts])
    found = []
    for each in drafts:
        prefixes = {f"{pascal(words(other.name))}{root}" for other in drafts for root in ("Query", "Mutation")}
        taken = shared | lock.taken(each.name, "types") | prefixes
        keys = _named(each, taken)
        each.names.types = {key: keys[key] for key in sorted(keys)}
        found.append(_service(each, Naming(keys, each.types.instead), report))
    return tuple(found)


def _named(draft: _Draft, taken: frozenset[str]) -> dict[str, str]:
    """A name for each type's key: none is that of a page of another, which Relay's words make of the other's name."""
    keys = named(_kept(draft), draft.types.plain, draft.names, draft.name, taken)
    pages = frozenset(name for row in _paged(draft) for name in _pages(keys[row]))
    if pages.isdisjoint(keys.values()):
        return keys
    draft.names.types = {key: name for key, name in draft.names.types.items() if name not in pages}
    return named(_kept(draft), draft.types.plain, draft.names, draft.name, taken | pages)


def _paged(draft: _Draft) -> set[str]:
    """Keys of the rows of which there are pages."""
    uses = [field.use for field in draft.operations.fields if field.use.name == "Connection"]
    return {use.innermost.name for use in uses if use.innermost.name not in draft.types.instead}


def _pages(name: str) -> tuple[str, str]:
    return f"{name}Connection", f"{name}Edge"


def service_name(title: str) -> str:
    """What to call a service that nobody named: its title's words, as `bff.yaml` spells names."""
    name = "-".join(words(title)[:4])
    for ending in ("-api", "-service", "-openapi"):
        name = name.removesuffix(ending) or name
    return name if name[0].isalpha() else f"n{name}"


def _titles(documents: Sequence[Named], lock: Lock) -> dict[str, Mapping[str, Any]]:
    plain = {each.name: plain_fields(each.document.operations) for each in documents}
    shared = claimed(plain.values())
    found: dict[str, Mapping[str, Any]] = {}
    for each in documents:
        names = lock.service(each.name)
        taken = shared | lock.taken(each.name, "fields")
        names.fields = field_names(plain[each.name], names.fields, each.name, taken)
        names.connectors = connector_names(each.document.operations, names.connectors)
        found[each.name] = by_operation(names.fields, names.connectors)
    return found


def _draft(each: Named, lock: Lock, titles: Mapping[str, Any], report: Report) -> _Draft:
    names = lock.service(each.name)
    types = Types(each.document, names, report, lock.lengths.get(each.name, Lengths()))
    operations = Operations(each.document, types, titles, report)
    for operation in each.document.operations:
        operations.add(operation)
    add_links(each.document, types, operations, report)
    loosen(types)
    without_defaults(types, operations.fields)
    return _Draft(each.name, each.document, names, types, operations)


def _kept(draft: _Draft) -> dict[str, Wanted]:
    """The drafts that a field leads to: clients could not see the others."""
    drafts = draft.types.drafts
    open_ = [key for field in draft.operations.fields for key in _keys_of_field(field)]
    kept: dict[str, Wanted] = {}
    while open_:
        key = open_.pop()
        instead = draft.types.instead.get(key)
        if instead is not None:
            open_ += [instead.innermost.name] if instead.innermost.module == "own" else []
        elif key not in kept:
            kept[key] = drafts[key]
            open_ += _keys_of(drafts[key])
    return {key: drafts[key] for key in drafts if key in kept}


def _keys_of_field(field: RootField) -> list[str]:
    uses = [field.use, *(each.use for each in field.arguments)]
    return [use.innermost.name for use in uses if use.innermost.module == "own"]


def _keys_of(draft: Wanted) -> list[str]:
    uses = [*(each.use for each in draft.members), *(each.use for each in draft.links)]
    return [*draft.types, *(use.innermost.name for use in uses if use.innermost.module == "own")]


def _reachable_names(draft: _Draft) -> dict[str, str]:
    plain = {key: draft.types.plain[key] for key in _kept(draft)}
    return plain | {f"{row} {name}": name for row in _paged(draft) for name in _pages(plain[row])}


def _service(draft: _Draft, naming: Naming, report: Report) -> Service:
    document = draft.document
    kept = _kept(draft)
    _forget(draft.names, kept)
    _forget_operations(draft.names, {each.key for each in document.operations})
    return Service(
        name=draft.name,
        module=module_name(draft.name),
        title=document.title or draft.name,
        description=document.description,
        upstream=upstream_of(document, draft.name, report),
        types=_once(_typed(each, naming) for each in kept.values()),
        connectors=tuple(_declared(each, naming) for each in draft.operations.connectors),
        fields=tuple(_field(each, naming) for each in draft.operations.fields),
    )


def _once(types: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Each type once: an enum that stands in several places is where it was found first."""
    found: dict[str, Wanted] = {}
    for each in types:
        found.setdefault(each.name, each)
    return tuple(found.values())


def _forget(names: ServiceNames, kept: Iterable[str]) -> None:
    known = set(kept)
    names.members = {key: each for key, each in names.members.items() if key in known}
    names.values = {key: each for key, each in names.values.items() if key in known}


def _forget_operations(names: ServiceNames, known: set[str]) -> None:
    names.arguments = {key: each for key, each in names.arguments.items() if key in known}


def _typed(draft: Wanted, naming: Naming) -> Wanted:
    rule = draft.rule
    return replace(
        draft,
        name=naming.names[draft.name],
        members=tuple(replace(each, use=naming.use(each.use)) for each in draft.members),
        links=tuple(_link(each, naming) for each in draft.links),
        types=tuple(naming.names[key] for key in draft.types),
        rule=Rule(
            by=rule.by,
            values=tuple((text, naming.names[key]) for text, key in rule.values),
            members=tuple((naming.names[key], members) for key, members in rule.members),
            boxes=tuple((kind, naming.names[key]) for kind, key in rule.boxes),
        ),
    )


def _link(link: Link, naming: Naming) -> Link:
    return replace(link, use=naming.use(link.use))


def _declared(each: Declared, naming: Naming) -> Declared:
    options = tuple((name, _value(value, naming)) for name, value in each.options)
    return replace(each, options=options, row=naming.names.get(each.row, ""))


def _field(each: RootField, naming: Naming) -> RootField:
    arguments = tuple(replace(argument, use=naming.use(argument.use)) for argument in each.arguments)
    return replace(each, use=naming.use(each.use), arguments=arguments)


def _value(value: Any, naming: Naming) -> Any:
    """An option with names for keys."""
    if isinstance(value, TypeKey):
        return naming.names[value]
    if isinstance(value, dict):
        return {name: _value(each, naming) for name, each in value.items()}
    if isinstance(value, Code):
        return replace(value, arguments=tuple((name, _value(each, naming)) for name, each in value.arguments))
    return value
