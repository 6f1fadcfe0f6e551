"""What may stand in generated source: names, checked against GraphQL's grammar of them, and names of our own."""

from __future__ import annotations

import re

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")  # GraphQL 2.1.9


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def checked(text: str) -> str:
    """A name that may stand in source. Raises ValueError for anything else, which no valid document has."""
    if not is_name(text):
        raise ValueError(f"{text!r} is not a GraphQL name")
    return text


def named(what: str, number: int, name: str) -> str:
    """A name of our own for what has a number, and a name of its own."""
    return f"{what}_{number}_{checked(name)}"
