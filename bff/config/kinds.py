"""The kinds of value a setting can hold: how each is read, printed, and described to an editor. Knows no setting.

A kind stands in `Annotated[type, kind]`. A number or a switch may also come as text, since "${PORT}" is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bff.config import units
from bff.config.headers import REFUSED
from bff.config.mistakes import Mistake, refuse

N = TypeVar("N", int, float)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_CIDR = r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"


@dataclass(frozen=True)
class Kind:
    """One kind of value. `read` raises `refuse(...)`; `show` is what stands in the file; `form` is its JSON Schema."""

    def read(self, value: object) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> Any:
        return value

    def form(self) -> dict[str, Any]:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        printed = core_schema.plain_serializer_function_ser_schema(self.show, when_used="json")
        return core_schema.no_info_plain_validator_function(self.read, serialization=printed)


@dataclass(frozen=True)
class Flag(Kind):
    """true or false, and nothing that merely looks like it: YAML 1.2 reads `yes` and `off` as text."""

    def read(self, value: object) -> bool:
        known = {"true": True, "false": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value in known:
            return known[value]
        raise refuse(Mistake("must be true or false"))

    def form(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number between two bounds, both included."""

    at_least: int = 1
    at_most: int | None = None

    def read(self, value: object) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII) else value
        if type(number) is not int or number < self.at_least or (self.at_most is not None and number > self.at_most):
            raise refuse(Mistake(self._must))
        return number

    def form(self) -> dict[str, Any]:
        top = {} if self.at_most is None else {"maximum": self.at_most}
        return {"type": "integer", "minimum": self.at_least, **top}

    @property
    def _must(self) -> str:
        if self.at_most is None:
            return f"must be a whole number of at least {self.at_least}"
        return f"must be a whole number from {self.at_least} to {self.at_most}"


@dataclass(frozen=True)
class Duration(Kind):
    """A length of time with a unit, held as seconds; `at_most` is in seconds and included."""

    zero: bool = False
    at_most: float | None = None

    def read(self, value: object) -> float:
        seconds = _measured(value, units.parse_duration, "a duration", "s", '"250ms", "2s", "5m" or "1h"')
        if not seconds and not self.zero:
            raise refuse(Mistake("must be longer than nothing", "the shortest duration is 1ms"))
        if self.at_most is not None and seconds > self.at_most:
            raise refuse(Mistake(f"must not be longer than {units.print_duration(self.at_most)}"))
        return seconds

    def show(self, value: float) -> str:
        return units.print_duration(value)

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": units.DURATION}


@dataclass(frozen=True)
class Size(Kind):
    """An amount of bytes with a unit, held as bytes."""

    def read(self, value: object) -> int:
        size = _measured(value, units.parse_size, "a size", "B", '"512B", "256KiB", "10MiB" or "1MB"')
        if not size:
            raise refuse(Mistake("must be more than nothing", "the smallest size is 1B"))
        return size

    def show(self, value: int) -> str:
        return units.print_size(value)

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": units.SIZE}


@dataclass(frozen=True)
class Text(Kind):
    """Text of one form. `must` finishes the sentence "must be ..."."""

    pattern: str
    must: str
    hint: str = ""

    def read(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII):
            return str(value)
        raise refuse(Mistake(f"must be {self.must}", self.hint))

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True)
class HeaderName(Kind):
    """The name of a header that may travel to an upstream, held in lower case."""

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not _TOKEN.fullmatch(value):
            raise refuse(Mistake("must be the name of a header", 'such as "authorization"'))
        reason = REFUSED.get(value.lower())
        if reason is not None:
            raise refuse(Mistake("is a header that the gateway alone decides", reason))
        return value.lower()

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}


@dataclass(frozen=True)
class Network(Kind):
    """Addresses that begin alike, in CIDR notation (RFC 4632); one address is a network of its own."""

    def read(self, value: object) -> IPv4Network | IPv6Network:
        if isinstance(value, IPv4Network | IPv6Network):
            return value
        try:
            return ip_network(value if isinstance(value, str) and re.fullmatch(_CIDR, value) else "")
        except ValueError:
            such = 'such as "10.0.0.0/8", with nothing but zeros behind the prefix'
            raise refuse(Mistake("must be a network in CIDR notation, or an address", such)) from None

    def show(self, value: IPv4Network | IPv6Network) -> str:
        return str(value)

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": _CIDR}


@dataclass(frozen=True)
class Nullable(Kind):
    """A value, or null where there is none."""

    inner: Kind

    def read(self, value: object) -> Any:
        return None if value is None else self.inner.read(value)

    def show(self, value: Any) -> Any:
        return None if value is None else self.inner.show(value)

    def form(self) -> dict[str, Any]:
        return {"anyOf": [self.inner.form(), {"type": "null"}]}


@dataclass(frozen=True)
class Several(Kind):
    """One value, or a list of at least one; held as a tuple."""

    inner: Kind

    def read(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            return (self.inner.read(value),)
        if not value:
            raise refuse(Mistake("must not be empty"))
        mistakes = [mistake for at, item in enumerate(value) for mistake in self._wrong(at, item)]
        if mistakes:
            raise refuse(*mistakes)
        return tuple(self.inner.read(item) for item in value)

    def _wrong(self, at: int, item: object) -> list[Mistake]:
        try:
            self.inner.read(item)
        except PydanticCustomError as error:
            found: tuple[Mistake, ...] = (error.context or {})["mistakes"]
            return [replace(mistake, below=(at, *mistake.below)) for mistake in found]
        return []

    def show(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.inner.show(item) for item in value]

    def form(self) -> dict[str, Any]:
        return {"anyOf": [self.inner.form(), {"type": "array", "items": self.inner.form(), "minItems": 1}]}


def _measured(value: object, parse: Callable[[str], N], what: str, unit: str, forms: str) -> N:
    """What `parse` makes of text. A bare number is refused with what its writer may have meant."""
    if type(value) is int and value >= 0:
        raise refuse(Mistake(f"must be {what} with a unit", f'write "{value}{unit}"'))
    try:
        return parse(value if isinstance(value, str) else "")
    except ValueError:
        raise refuse(Mistake(f"must be {what}: a whole number and a unit", f"write {forms}")) from None
