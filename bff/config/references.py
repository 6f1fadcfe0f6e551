"""`${NAME}` and `${NAME:-default}` in a text; `$${` writes a literal `${`. Pure: the environment is handed in.

As in a shell, the default also stands in for a variable that is set to nothing. What comes in is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bff.config.mistakes import Mistake

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<inside>[^}]*)(?P<end>\}?)")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-(?:(?!\$\{).)*)?", re.ASCII | re.DOTALL)


REFERENCE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"  # one, whole, without a default


class Referring(str):
    """A text after its references, which remembers how it was written: where it came from can matter."""

    __slots__ = ("written",)
    written: str

    @classmethod
    def of(cls, text: str, written: str) -> Referring:
        referring = cls(text)
        referring.written = written
        return referring


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text after its references; worthless when there are mistakes."""

    text: str
    mistakes: tuple[Mistake, ...] = ()


def resolve(text: str, environ: Mapping[str, str]) -> Resolved:
    """`text` with each reference replaced by what `environ` says."""
    mistakes: list[Mistake] = []

    def replaced(found: re.Match[str]) -> str:
        if found["inside"] is None:
            return "${"
        value = _value(found, environ)
        if isinstance(value, str):
            return value
        mistakes.append(value)
        return ""

    return Resolved(_REFERENCE.sub(replaced, text), tuple(mistakes))


def refers(text: str) -> bool:
    """Whether `text` has anything that `resolve` would change or refuse."""
    return _REFERENCE.search(text) is not None


def is_reference(text: str) -> bool:
    """Whether `text` is one reference without a default, and nothing else: what it stands for is not in the file."""
    return re.fullmatch(REFERENCE, text) is not None


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str | Mistake:
    if not found["end"]:
        return Mistake("has a ${ without its }", "write $${ for the two characters themselves")
    inside = _INSIDE.fullmatch(found["inside"])
    if inside is None:
        return Mistake("has a reference that is none", "write ${NAME} or ${NAME:-default}; $${ for a literal ${")
    name, default = inside["name"], inside["default"]
    value = environ.get(name)
    if default is not None:
        return value or default.removeprefix(":-")
    if value is None:
        return Mistake(f"the variable {name} is not set", f"set it, or write ${{{name}:-default}}")
    return value
