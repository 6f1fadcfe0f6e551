"""The grammar of Cache-Control (RFC 9111 5.2): a list of directives, some with an argument. Pure; knows no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

Directives = Mapping[str, tuple[str, ...]]  # name in lower case -> its arguments as they came; "" for none

NONE: Directives = MappingProxyType({})
FOREVER = 2**31  # seconds; what overflows counts as this (RFC 9111 1.2.2)

_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def directives(values: Iterable[str]) -> Directives:
    """All directives of the header's lines. One whose quotes do not close may hide others: it reads as no-store."""
    found: dict[str, tuple[str, ...]] = {}
    for member in _MEMBER.findall(",".join(values)):
        name, _, argument = member.partition("=")
        quoted = _QUOTED.fullmatch(argument.strip())
        if '"' in member and quoted is None:
            found["no-store"] = ("",)
        name = name.strip(" \t").lower()
        found[name] = (*found.get(name, ()), quoted[1] if quoted else argument.rstrip(" \t"))
    return found


def seconds(arguments: tuple[str, ...], otherwise: int = 0) -> int:
    """Delta-seconds; `otherwise` for what is no such number. Of several, the least (RFC 9111 4.2.1)."""
    return min(_seconds(argument, otherwise) for argument in arguments)


def _seconds(argument: str, otherwise: int) -> int:
    if not (argument.isascii() and argument.isdigit()):
        return otherwise
    return min(int(argument), FOREVER) if len(argument) <= 10 else FOREVER


def names(arguments: tuple[str, ...]) -> frozenset[str] | None:
    """The fields that a directive is limited to, in lower case; None if it is about the whole answer."""
    if not all(arguments):
        return None
    return frozenset(word.strip(" \t").lower() for argument in arguments for word in argument.split(","))
