"""A service's fields of Query and Mutation, and its connectors, as source. Pure."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

from strawberry.utils.str_converters import to_camel_case

from bff.openapi.graph.docstrings import docstring
from bff.openapi.graph.imports import Imports
from bff.openapi.graph.layout import STEP, Group, Node, Str, Text, call, clean, flat, joined, put
from bff.openapi.graph.names import is_builtin, pascal, words
from bff.openapi.graph.values import annotation, default_of, deprecation, node
from bff.openapi.graph.wanted import Argument, Code, Declared, Root, RootField, Service, Wanted
from bff.openapi.schema import MISSING

SHADOWS = "# ruff: noqa: A002 - arguments have the names that clients write"
WRITTEN = "Written by `bff import`, which writes it again: what is added by hand stands in schema/links.py."

_MOST_BY_ORDER = 4

# Parameters of connect(): a variable of such a name is bound by `bind`.
_CONNECTS = frozenset(
    [
        *("assumed_size", "bind", "deprecation_reason", "description", "entries", "name", "path", "sized_fields"),
        *("slicing_arguments", "weight"),
    ]
)


def class_name(service: str, root: Root) -> str:
    """CitiesQuery: what the graph's Query is made of."""
    return f"{pascal(words(service))}{root.capitalize()}"


def fields_module(
    service: Service, root: Root, package: str, homes: Mapping[str, str], enums: Mapping[str, Wanted]
) -> str:
    """The module of one root's fields."""
    fields = service.of(root)
    imports = Imports()
    imports.module("strawberry")
    lines = ["@strawberry.type", f"class {class_name(service.name, root)}:"]
    what = "What can be asked of" if root == "query" else "What can be changed at"
    lines.append(f'{STEP}"""{what} {_name(service)}."""')
    for each in fields:
        lines += ["", *_field(each, service, imports, enums)]
        for name in _types(each):
            imports.name(f"{package}.{homes[name]}", name)
    shadows = any(is_builtin(argument.python) for each in fields for argument in each.arguments)
    head = [f'"""{what} {_name(service)}.', "", WRITTEN, '"""', "", *([SHADOWS, ""] if shadows else [])]
    return joined([[*head, *imports.lines()], lines], 2)


def _name(service: Service) -> str:
    return f"the service {service.name}"


def _types(each: RootField) -> set[str]:
    uses = [each.use, *(argument.use for argument in each.arguments)]
    return {use.innermost.name for use in uses if use.innermost.module == "own"}


def _field(each: RootField, service: Service, imports: Imports, enums: Mapping[str, Wanted]) -> list[str]:
    imports.name("resolvers", f"{service.module} as calls")
    imports.use(each.use)
    told = docstring(each.description, STEP * 2)
    described = clean(each.description)
    options: dict[str, Node | None] = {
        "description": Str(described) if told is None and described else None,
        "deprecation_reason": deprecation() if each.deprecated else None,
        "name": Str(each.name) if to_camel_case(each.python) != each.name else None,
    }
    imports.name("bff", "connect")
    decorator = call("connect", Text(f"calls.{each.connector}"), **_bound(each, imports), **_sized(each), **options)
    head = put("@", decorator, "", STEP)
    body = told or []
    return [*head, *_signature(each, imports, enums, "" if body else " ..."), *body]


def _sized(each: RootField) -> dict[str, Node | None]:
    slicing = node([each.slicing]) if each.slicing else None
    return {
        "entries": Text("True") if each.entries else None,
        "slicing_arguments": slicing,
        "assumed_size": Text(str(each.size)) if each.size is not None else None,
    }


def _bound(each: RootField, imports: Imports) -> dict[str, Node | None]:
    """Variables that are called otherwise than their argument."""
    for _, bound in each.bindings:
        imports.name("bff", bound.name)
    plain = {name: node(bound) for name, bound in each.bindings if is_plain(name)}
    odd = tuple((f'"{name}": ', node(bound)) for name, bound in each.bindings if not is_plain(name))
    return {**plain, "bind": Group("", "dict", odd) if odd else None}


def is_plain(name: str) -> bool:
    """Whether a variable can be bound by its name: connect() has no parameter of that name."""
    return name.isidentifier() and name not in _CONNECTS and not keyword.iskeyword(name)


def _signature(each: RootField, imports: Imports, enums: Mapping[str, Wanted], body: str) -> list[str]:
    items: list[tuple[str, Node]] = [("", Text("self")), *_star(each)]
    items += [(f"{argument.python}: ", _parameter(argument, imports, enums)) for argument in each.arguments]
    group = Group(f"def {each.python}", "parameters", tuple(items))
    return put("", group, f" -> {annotation(each.use)}:{body}", STEP)


def _star(each: RootField) -> list[tuple[str, Node]]:
    """Many arguments are given by name: nobody knows their order."""
    return [("", Text("*"))] if len(each.arguments) > _MOST_BY_ORDER else []


def _parameter(argument: Argument, imports: Imports, enums: Mapping[str, Wanted]) -> Node:
    imports.use(argument.use)
    written = Text(annotation(argument.use))
    described = clean(argument.description)
    odd = to_camel_case(argument.python) != argument.name
    default = _default(argument, enums)
    if not described and not odd and not argument.deprecated:
        return Text(f"{written.text} = {default}") if default else written
    imports.name("typing", "Annotated")
    told = call(
        "strawberry.argument",
        name=Str(argument.name) if odd else None,
        description=Str(described) if described else None,
        deprecation_reason=deprecation() if argument.deprecated else None,
    )
    return Group("Annotated", "subscript", (("", written), ("", told)), f" = {default}" if default else "")


def _default(argument: Argument, enums: Mapping[str, Wanted]) -> str:
    """The default as source; "" for an argument that has to be given."""
    fallback = "None" if argument.use.nullable else ""
    if argument.default is MISSING or argument.default is None:
        return fallback
    enum = enums.get(argument.use.name) if argument.use.module == "own" else None
    if enum:
        named = next((each.name for each in enum.values if each.value == argument.default), None)
        return f"{argument.use.name}.{named}" if named else fallback
    found = default_of(argument.use, argument.default)
    if found is MISSING or isinstance(found, list):
        return fallback
    source = node(found)
    return flat(source)


# Connectors ----------------------------------------------------------------------------------------------------------


def connectors_module(service: Service) -> str:
    """The module of a service's calls."""
    imports = Imports()
    imports.name("bff", "upstream")
    blocks = [_connector(each, imports) for each in service.connectors]
    head = [f'"""Calls on {_name(service)}.', "", WRITTEN, '"""', ""]
    first = [*head, *imports.lines(), "", f'api = upstream("{service.name}")']
    return joined([first, *blocks], 1)


def _connector(each: Declared, imports: Imports) -> list[str]:
    for _, value in each.options:
        if isinstance(value, Code):
            imports.name("bff", value.name)
    comment = " ".join(clean(each.comment).split())
    options = {name: node(value) for name, value in each.options}
    source = call(f"api.{each.method}", Str(each.template), **options)
    return [*([f"# {comment}"] if comment else []), *put(f"{each.name} = ", source)]
