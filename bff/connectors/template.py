"""URI templates (RFC 6570) of connectors: which variables they have, and values into a request target.

Refuses what could lead a value out of its place: `{+x}` and `{#x}` (reserved expansion), and path values that are
empty, `.` or `..`, which servers resolve to another resource (RFC 3986 6.2.2.3). Variables that are `reserved` keep as
much of reserved expansion as cannot do so. Only this module imports uritemplate,
which reads templates; expanding is done here, since it is done for every call.
"""

from __future__ import annotations

import datetime
import enum
import re
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

from uritemplate import URITemplate
from uritemplate.variable import URIVariable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INT = frozenset({int})

# Of RFC 3986's reserved characters those that may stand in a value of a query as they are: what ends the query or the
# value (#, &, and ; with some), stands between name and value (=), means a space (+), or may stand in no query ([, ])
# is encoded all the same (OpenAPI 3.1.1 4.8.12, allowReserved, and appendix E).
_IN_QUERY = "!$'()*,/:?@"
_IN_PATH = "!$&'()*+:=@"  # nor what ends a step, or divides one
_TRIPLE = re.compile(r"(%(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e]|[89A-Fa-f][0-9A-Fa-f]))")  # of no control character


@dataclass(frozen=True, slots=True)
class _Operator:
    """What RFC 6570 appendix A says of one operator. Expansions of `bare` names leave the `=` out before nothing."""

    first: str
    between: str
    named: bool
    in_path: bool
    bare: bool = False


_OPERATORS = {
    "": _Operator("", ",", named=False, in_path=True),
    "/": _Operator("/", "/", named=False, in_path=True),
    ".": _Operator(".", ".", named=False, in_path=True),
    ";": _Operator(";", ";", named=True, in_path=True, bare=True),
    "?": _Operator("?", "&", named=True, in_path=False),
    "&": _Operator("&", "&", named=True, in_path=False),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a template. `label` is what stands for its name in the URL, encoded."""

    name: str
    in_path: bool
    explode: bool  # {?id*}: one `id=` for each value; else values are joined by commas, or by `join`
    label: str
    join: str | None = None
    safe: str = ""  # reserved characters that are sent as they are


class Template:
    """A parsed template. Raises ValueError, saying what would be right, for one that is malformed or unsafe."""

    __slots__ = ("_around", "_pieces", "text", "variables")

    def __init__(
        self,
        text: str,
        names: Mapping[str, str] | None = None,
        joins: Mapping[str, str] | None = None,
        reserved: Collection[str] = (),
    ) -> None:
        """`names`: variable -> what the URL calls it; `joins`: variable -> what stands between the values of a list;
        `reserved`: variables of which reserved characters are sent as they are, where they cannot lead out of a value.
        """
        _well_formed(text)
        self.text = text
        self._pieces = _pieces(text, _Told(names or {}, joins or {}, reserved))
        self._around = _around(self._pieces)
        self.variables = tuple(each for piece in self._pieces if not isinstance(piece, str) for each in piece.variables)
        _applies("names", names or {}, self, {each.name for each in self.variables if not each.in_path}, "of the query")
        lists = {each.name for each in self.variables if not each.explode}
        _applies("joins", joins or {}, self, lists, "without a '*'")
        _applies("reserved", dict.fromkeys(reserved, "-"), self, {each.name for each in self.variables}, "at all")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(variable.name for variable in self.variables))

    def expand(self, values: Mapping[str, Any]) -> str:
        """The request target for these values; `None` leaves a query variable out.

        Raises ValueError for a path variable that is missing, empty, or has an item that would change which resource
        is meant, and for control characters anywhere.
        """
        if self._around is not None:
            name, before, after = self._around
            if type(value := values.get(name)) is int:
                return f"{before}{value}{after}"  # most keys: nothing of a number is encoded
        return "".join([piece if isinstance(piece, str) else piece.expand(values) for piece in self._pieces])

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and other._pieces == self._pieces

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class _Expression:
    """`{?a,b*}`: an operator and its variables."""

    operator: _Operator
    variables: tuple[Variable, ...]

    def expand(self, values: Mapping[str, Any]) -> str:
        operator, found = self.operator, []
        for variable in self.variables:
            value = values.get(variable.name)
            if value is None and not operator.in_path:
                continue
            if variable.explode and value and type(value) is list and _INT.issuperset(map(type, value)):
                found.append(self._numbers(variable, value))
                continue
            if isinstance(value, (list, tuple)):
                texts = _listed(variable, value)
            else:
                texts = [_quoted(_text(variable, value), variable.safe)]
            found += self._named(variable.label, texts) if operator.named else texts
        return operator.first + operator.between.join(found) if found else ""

    def _numbers(self, variable: Variable, values: list[int]) -> str:
        """As `_named`, and joined: most keys are numbers, of which nothing is encoded."""
        name = f"{variable.label}=" if self.operator.named else ""
        return name + f"{self.operator.between}{name}".join(map(str, values))

    def _named(self, label: str, texts: list[str]) -> list[str]:
        bare = self.operator.bare
        return [label if bare and not text else f"{label}={text}" for text in texts]


def _listed(variable: Variable, values: list[Any] | tuple[Any, ...]) -> list[str]:
    texts = _texts(variable, values)
    return (
        [_joined(variable, texts)]
        if texts and not variable.explode
        else [_quoted(text, variable.safe) for text in texts]
    )


def _quoted(text: str, safe: str = "") -> str:
    """RFC 6570 3.2.1: all but unreserved characters are encoded. Most keys are nothing else."""
    if text.isalnum() and text.isascii():
        return text
    return _partly(text, safe) if safe else quote(text, safe="")


def _partly(text: str, safe: str) -> str:
    """RFC 6570 3.2.3: what is encoded already stays so, in a query; in a path it might be a step up."""
    parts = _TRIPLE.split(text) if safe is _IN_QUERY else [text]
    return "".join([part if at % 2 else quote(part, safe=safe) for at, part in enumerate(parts)])


def _joined(variable: Variable, texts: list[str]) -> str:
    """A list in one value. A comma in an item is encoded, the others are not; any other separator looks as its own."""
    if variable.join is None:
        safe = variable.safe.replace(",", "")
        return ",".join([quote(text, safe=safe) for text in texts])
    if any(variable.join in text for text in texts):
        raise ValueError(f"{variable.name} must not contain {variable.join!r}, which stands between values")
    return quote(variable.join.join(texts), safe="")


def _texts(variable: Variable, values: list[Any] | tuple[Any, ...]) -> list[str]:
    texts = [_text(variable, item) for item in values if item is not None]
    if variable.in_path and not texts:
        raise ValueError(f"{variable.name} must be a name of something, not an empty list")
    return texts


def _text(variable: Variable, value: Any) -> str:
    text = None if value is None else plain(value)
    if text is None or (variable.in_path and text in {"", ".", ".."}):
        raise ValueError(f"{variable.name} must be a name of something, not {text!r}")
    return text


def _well_formed(text: str) -> None:
    if not text.startswith("/") or text.startswith("//"):
        raise ValueError(f"{text!r} must begin with one '/': it is a path below the upstream's URL")
    outside = re.sub(r"\{[^{}]*\}", "", text)
    if "{" in outside or "}" in outside:
        raise ValueError(f"{text!r} has a brace without its partner")
    if "{}" in text:
        raise ValueError(f"{text!r} has a variable without a name")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a declaration says of variables."""

    names: Mapping[str, str]
    joins: Mapping[str, str]
    reserved: Collection[str]

    def variable(self, name: str, *, in_path: bool, explode: bool) -> Variable:
        label = quote(self.names.get(name, name), safe="")
        safe = "" if name not in self.reserved else _IN_PATH if in_path else _IN_QUERY
        return Variable(name, in_path, explode, label, self.joins.get(name), safe)


def _pieces(text: str, told: _Told) -> tuple[str | _Expression, ...]:
    """What stands between braces, and what does not, in turn."""
    expressions = iter(URITemplate(text).variables)
    parts = re.split(r"(\{[^{}]*\})", text)
    found = [_expression(text, next(expressions), told) if part[:1] == "{" else part for part in parts]
    return tuple(piece for piece in found if piece != "")


def _expression(text: str, parsed: URIVariable, told: _Told) -> _Expression:
    operator = _OPERATORS.get(parsed.operator.value)
    if operator is None:
        raise ValueError(f"{{{parsed.original}}} in {text!r}: use {{x}}, {{/x}}, {{.x}}, {{;x}}, {{?x}} or {{&x}}")
    found = []
    for name, options in parsed.variables:
        if not _NAME.match(name):
            raise ValueError(f"{{{parsed.original}}} in {text!r}: {name!r} is not a name; say names={{…: {name!r}}}")
        if options.get("prefix"):
            raise ValueError(f"{{{parsed.original}}} in {text!r}: prefixes (:n) would cut values short")
        found.append(told.variable(name, in_path=operator.in_path, explode=bool(options.get("explode"))))
    return _Expression(operator, tuple(found))


def _around(pieces: tuple[str | _Expression, ...]) -> tuple[str, str, str] | None:
    """The variable of a template that has but one, and what stands before and after its value."""
    places = [at for at, piece in enumerate(pieces) if not isinstance(piece, str)]
    if len(places) != 1:
        return None
    before, after = ("".join(map(str, part)) for part in (pieces[: places[0]], pieces[places[0] + 1 :]))
    expression = cast("_Expression", pieces[places[0]])
    if len(expression.variables) != 1:
        return None
    variable, operator = expression.variables[0], expression.operator
    return variable.name, f"{before}{operator.first}{f'{variable.label}=' if operator.named else ''}", after


def _applies(word: str, given: Mapping[str, str], template: Template, known: set[str], which: str) -> None:
    for name, text in given.items():
        if name not in known:
            has = f"it has {', '.join(sorted(known)) or 'none'}"
            raise ValueError(f"{word}= speaks of {name!r}, which is no variable {which} in {template.text!r}; {has}")
        joins = word == "joins"
        if (_CONTROL.search(text) and not (joins and text == "\t")) or not text or (joins and len(text) != 1):
            raise ValueError(f"{word}={{{name!r}: {text!r}}}: use {'one character' if joins else 'a name'}")
    labels = Counter(each.label for each in template.variables if not each.in_path)
    for name in given if word == "names" else ():
        if labels[quote(given[name], safe="")] > 1:
            raise ValueError(f"names= calls two variables of {template.text!r} {given[name]!r}")


def plain(value: Any) -> str:
    """A scalar as the text that a URL carries: `true`, `7`, `2026-01-31`, `12.50`.

    Raises ValueError for control characters and for values that have no such text.
    """
    if type(value) is int:
        return str(value)
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
