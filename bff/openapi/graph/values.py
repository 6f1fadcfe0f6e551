"""Values of declarations as source: JSON values, tuples, and calls such as `Offset(total="total")`. Pure."""

from __future__ import annotations

import math
from typing import Any

from bff.openapi.graph.layout import Group, Node, Str, Text, literal
from bff.openapi.graph.wanted import Code, Use
from bff.openapi.schema import MISSING


def node(value: Any) -> Node:
    """The node of a value."""
    if isinstance(value, Code):
        items = tuple((f"{name}=" if name else "", node(each)) for name, each in value.arguments)
        return Group(value.name, "call", items)
    if isinstance(value, str):
        return Str(value)
    if isinstance(value, dict):
        return Group("", "dict", tuple((f"{_key(key)}: ", node(each)) for key, each in value.items()))
    if isinstance(value, list):
        return Group("", "list", tuple(("", node(each)) for each in value))
    return Text(repr(value) if value is None or isinstance(value, (bool, int, tuple)) else _number(value))


def annotation(use: Use) -> str:
    """How a type is written: `list[City] | None`."""
    inner = f"{use.name}[{annotation(use.item)}]" if use.item else use.name
    return f"{inner} | None" if use.nullable else inner


def default_of(use: Use, value: Any) -> Any:
    """The default of an argument or an input as Python has it; MISSING where it does not fit the type.

    Dates, decimals and whatever else is an object in Python are left to the service, which has the default anyway.
    """
    if use.item is not None:
        fits = isinstance(value, list) and all(default_of(use.item, each) is not MISSING for each in value)
        return value if fits else MISSING
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
    if use.name == "strawberry.ID" and isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    fits = isinstance(value, kinds.get(use.name, ())) and (use.name == "bool" or not isinstance(value, bool))
    small = not isinstance(value, int) or abs(value) < 2**31
    return value if fits and small and not _endless(value) and _is_text(value) else MISSING


def deprecation() -> Node:
    """Why something is deprecated: OpenAPI only says that it is."""
    return Str("Deprecated by the service.")


def _is_text(value: Any) -> bool:
    """Whether UTF-8 can hold it: half of a surrogate pair is no character."""
    return not isinstance(value, str) or value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def _endless(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _key(key: object) -> str:
    return literal(key) if isinstance(key, str) else repr(int(str(key)))


def _number(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    raise TypeError(f"a {type(value).__name__} is no part of a declaration")
