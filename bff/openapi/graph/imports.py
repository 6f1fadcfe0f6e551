"""The import lines of a generated module, in the order that isort and ruff know. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bff.openapi.graph.layout import WIDTH
from bff.openapi.graph.wanted import Use

STANDARD = frozenset({"datetime", "decimal", "enum", "typing", "uuid"})
OURS = ("resolvers", "schema")
_STEP = re.compile(r"[0-9]+|.")
_ZERO = ord("0")


class Imports:
    """What a module needs, as it is found while the module is written."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._names: dict[str, set[str]] = {}

    def module(self, name: str) -> None:
        self._whole.add(name)

    def name(self, module: str, name: str) -> None:
        self._names.setdefault(module, set()).add(name)

    def use(self, use: Use) -> None:
        """What a type needs; types of the graph itself are found by whoever knows their files."""
        if use.item is not None:
            self.use(use.item)
        if use.module in {"decimal", "bff", "strawberry.scalars", "strawberry.file_uploads"}:
            self.name(use.module, use.name)
        elif use.module not in {"", "own"}:
            self.module(use.module)

    def lines(self) -> list[str]:
        """The lines, the standard library first, ours last; a line that is too long is several."""
        found: list[str] = []
        for belongs in (_is_standard, _is_foreign, _is_ours):
            block = [f"import {name}" for name in sorted(self._whole, key=_natural) if belongs(name)]
            for module in sorted(filter(belongs, self._names), key=_natural):
                block += _from(module, sorted(self._names[module], key=_order))
            found += [*([""] if found and block else []), *block]
        return found


def _from(module: str, names: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _order(name: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """CONSTANTS, Classes, functions."""
    plain = name.partition(" as ")[0]
    return (0 if plain.isupper() and len(plain) > 1 else 1 if plain[0].isupper() else 2, _natural(name), name)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Names in the order that people count in: v2 before v10, 08 before 1; case counts last."""
    return [_step(part) for part in _STEP.findall(name.lower())]


def _step(part: str) -> tuple[int, int, str]:
    """A character, or a number where its first digit stands."""
    return (_ZERO, -1 if part[0] == "0" else int(part), part) if part.isdigit() else (ord(part), 0, "")


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in STANDARD


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in OURS


def _is_foreign(module: str) -> bool:
    return not _is_standard(module) and not _is_ours(module)


def used(uses: Iterable[Use]) -> set[str]:
    """Names of the graph's own types in these."""
    return {each.innermost.name for each in uses if each.innermost.module == "own"}
