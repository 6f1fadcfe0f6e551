"""URI templates (RFC 6570) of connectors: which variables they have, and values into a request target.

Refuses what could lead a value out of its place: `{+x}` and `{#x}` (reserved expansion), and path values that are
empty, `.` or `..`, which servers resolve to another resource (RFC 3986 6.2.2.3). Only this module imports uritemplate.
"""

from __future__ import annotations

import datetime
import enum
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from uritemplate import URITemplate

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PATH_OPERATORS = frozenset({"", "/"})
_OPERATORS = frozenset({"", "/", "?", "&"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a template."""

    name: str
    in_path: bool
    explode: bool  # {?id*}: one `id=` for each value; else values are joined by commas


class Template:
    """A parsed template. Raises ValueError, saying what would be right, for one that is malformed or unsafe."""

    __slots__ = ("_parsed", "_path_variables", "text", "variables")

    def __init__(self, text: str) -> None:
        if not text.startswith("/") or text.startswith("//"):
            raise ValueError(f"{text!r} must begin with one '/': it is a path below the upstream's URL")
        if re.sub(r"\{[^{}]*\}", "", text).count("{") or re.sub(r"\{[^{}]*\}", "", text).count("}"):
            raise ValueError(f"{text!r} has a brace without its partner")
        if "{}" in text:
            raise ValueError(f"{text!r} has a variable without a name")
        self.text = text
        self._parsed = URITemplate(text)
        self.variables = tuple(_variables(text, self._parsed))
        self._path_variables = frozenset(variable.name for variable in self.variables if variable.in_path)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(variable.name for variable in self.variables))

    def expand(self, values: Mapping[str, Any]) -> str:
        """The request target for these values; `None` leaves a query variable out.

        Raises ValueError for a path variable that is missing, empty, or has an item that would change which resource
        is meant, and for control characters anywhere.
        """
        texts = {name: _text(name, values.get(name), in_path=name in self._path_variables) for name in self.names}
        return str(self._parsed.expand(texts))

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _variables(text: str, parsed: URITemplate) -> list[Variable]:
    found = []
    for expression in parsed.variables:
        operator = expression.operator.value
        if operator not in _OPERATORS:
            raise ValueError(f"{{{expression.original}}} in {text!r}: use {{x}}, {{/x}}, {{?x}} or {{&x}}")
        for name, options in expression.variables:
            if not _NAME.match(name):
                raise ValueError(f"{{{expression.original}}} in {text!r}: {name!r} is not a name")
            if options.get("prefix"):
                raise ValueError(f"{{{expression.original}}} in {text!r}: prefixes (:n) would cut values short")
            found.append(Variable(name, operator in _PATH_OPERATORS, bool(options.get("explode"))))
    return found


def _text(name: str, value: Any, *, in_path: bool) -> Any:
    if not isinstance(value, (list, tuple)):
        return _one_text(name, value, in_path=in_path)
    texts = [_one_text(name, item, in_path=in_path) for item in value if item is not None]
    if in_path and not texts:
        raise ValueError(f"{name} must be a name of something, not an empty list")
    return texts or None


def _one_text(name: str, value: Any, *, in_path: bool) -> str | None:
    text = None if value is None else plain(value)
    if in_path and text in {None, "", ".", ".."}:
        raise ValueError(f"{name} must be a name of something, not {text!r}")
    return text


def plain(value: Any) -> str:
    """A scalar as the text that a URL carries: `true`, `7`, `2026-01-31`, `12.50`.

    Raises ValueError for control characters and for values that have no such text.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise ValueError("control characters are not allowed here")
        return value
    if isinstance(value, (int, float, Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    raise ValueError(f"a {type(value).__name__} cannot stand in a URL")
