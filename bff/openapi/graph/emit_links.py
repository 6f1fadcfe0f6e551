"""Proposed joins as code for `schema/links.py`. Pure: decides nothing, chooses no name but a class's."""

from __future__ import annotations

from collections.abc import Iterable

from bff.openapi.graph.emit_fields import is_plain
from bff.openapi.graph.files import files_of, where
from bff.openapi.graph.imports import Imports
from bff.openapi.graph.layout import STEP, literal
from bff.openapi.graph.lock import Lengths
from bff.openapi.graph.names import pascal, words
from bff.openapi.graph.suggest import Proposal
from bff.openapi.graph.values import annotation
from bff.openapi.graph.wanted import Argument

WIDTH = 120


def links(found: Iterable[Proposal]) -> str:
    """A module's text: imports, and each proposal below its reason; "" where there is none."""
    proposed = list(found)
    if not proposed:
        return ""
    imports = Imports()
    for each in proposed:
        _import(imports, each)
    text = "\n".join(imports.lines())
    for before, each in zip([None, *proposed], proposed, strict=False):
        apart = "\n\n\n" if _asks(each) or (before and _asks(before)) else "\n\n"
        text += apart + "\n".join([f"# {each.type}.{each.field}: {each.why}.", *lines_of(each)])
    return f"{text}\n"


def lines_of(each: Proposal) -> list[str]:
    """The code of one proposal."""
    return _method(each) if _asks(each) else _plain(each)


def _plain(each: Proposal) -> list[str]:
    call = f"connect({', '.join(_arguments(each))})"
    line = f"extend({each.type}, {each.field}=({_returns(each)}, {call}))"
    if len(line) <= WIDTH:
        return [line]
    value = f"{STEP}{each.field}=({_returns(each)}, {call}),"
    if len(value) <= WIDTH:
        return ["extend(", f"{STEP}{each.type},", value, ")"]
    inside = [f"{STEP * 2}{_returns(each)},", f"{STEP * 2}{call},"]
    return ["extend(", f"{STEP}{each.type},", f"{STEP}{each.field}=(", *inside, f"{STEP}),", ")"]


def _method(each: Proposal) -> list[str]:
    """A field with arguments of its own: what the call needs besides the key."""
    asked = ", ".join(f"{other.python}: {annotation(other.use)}" for other in each.way.others if not other.use.nullable)
    return [
        f"@extend({each.type})",
        f"class {each.type}{pascal(words(each.field))}:",
        f"{STEP}@connect({', '.join(_arguments(each))})",
        f"{STEP}def {each.field}(self, {asked}) -> {_returns(each)}:",
        f'{STEP * 2}"""From {each.way.service.name}."""',
    ]


def _arguments(each: Proposal) -> list[str]:
    """Every variable of the call is bound: to the key, to an argument, or to nothing."""
    path = literal(each.path) if "." not in each.path else f"({literal(each.path)},)"
    bound = {each.way.variable: path} | {other.python: "constant(None)" for other in _optional(each)}
    plain = [f"{name}={value}" for name, value in bound.items() if is_plain(name)]
    odd = [f"{literal(name)}: {value}" for name, value in bound.items() if not is_plain(name)]
    size = [f"assumed_size={Lengths().rows}"] if each.many else []
    return [
        f"{each.way.service.module}.{each.way.connector}",
        *plain,
        *([f"bind={{{', '.join(odd)}}}"] if odd else []),
        *size,
    ]


def _asks(each: Proposal) -> bool:
    return any(not other.use.nullable for other in each.way.others)


def _optional(each: Proposal) -> list[Argument]:
    """What a call may be made without; of a batch, only keys are asked for."""
    return [other for other in each.way.others if other.use.nullable] if each.way.form == "one" else []


def _import(imports: Imports, each: Proposal) -> None:
    imports.name("bff", "connect")
    imports.name("bff", "extend")
    if _optional(each):
        imports.name("bff", "constant")
    for other in each.way.others if _asks(each) else ():
        imports.use(other.use)
    imports.name("resolvers", each.way.service.module)
    for service, name in ((each.service, each.type), (each.way.service, each.way.type)):
        imports.name(f"schema.{service.module}.{where(files_of(service))[name]}", name)


def _returns(each: Proposal) -> str:
    return f"list[{each.way.type}] | None" if each.many else f"{each.way.type} | None"
