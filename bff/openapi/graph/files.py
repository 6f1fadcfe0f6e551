"""Which type stands in which file, and in which order. Pure.

A component and what belongs to it share a file. Files that need each other are one, since Python imports know no
circles; in a file, what is needed comes first, and what comes later is named in quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bff.openapi.graph.names import module_name
from bff.openapi.graph.wanted import Service, Wanted

Needs = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class File:
    """A module of types, in the order in which they are defined."""

    module: str  # "city": schema.<service>.city
    types: tuple[Wanted, ...]


def files_of(service: Service) -> tuple[File, ...]:
    """The modules of a service's types, by name."""
    types = {each.name: each for each in service.types}
    homes = {name: module_name(each.home) for name, each in types.items()}
    needs = {name: needed(each) & types.keys() for name, each in types.items()}
    between: dict[str, set[str]] = {home: set() for home in homes.values()}
    for name, others in needs.items():
        between[homes[name]] |= {homes[other] for other in others} - {homes[name]}
    merged = {home: min(circle) for circle in circles(between) for home in circle}
    by_file: dict[str, list[Wanted]] = {}
    for name in unions_last(in_order(needs), {name: set(each.types) for name, each in types.items()}):
        by_file.setdefault(merged[homes[name]], []).append(types[name])
    return tuple(File(module, tuple(by_file[module])) for module in sorted(by_file))


def needed(wanted: Wanted) -> set[str]:
    """The types that a type names."""
    uses = [*(each.use for each in wanted.members), *(each.use for each in wanted.links)]
    return {use.innermost.name for use in uses if use.innermost.module == "own"} | set(wanted.types)


def in_order(needs: Needs) -> list[str]:
    """Names, each after those that it needs, as far as circles allow."""
    found: dict[str, None] = {}
    for start in sorted(needs):
        waiting = [(start, iter(sorted(needs[start])))]
        seen = {start}
        while waiting:
            name, others = waiting[-1]
            after = next((each for each in others if each not in found and each not in seen), None)
            if after is None:
                found.setdefault(name)
                waiting.pop()
            else:
                seen.add(after)
                waiting.append((after, iter(sorted(needs[after]))))
    return list(found)


def unions_last(names: Iterable[str], members: Needs) -> list[str]:
    """The same order, but that each union comes after its members: it is made of them, and no quotes help it."""
    found: dict[str, None] = {}
    waiting: list[str] = []
    for name in names:
        waiting.append(name)
        ready = [each for each in waiting if members[each] <= found.keys()]
        found |= dict.fromkeys(ready)
        waiting = [each for each in waiting if each not in found]
    return [*found, *waiting]


def circles(needs: Needs) -> list[list[str]]:
    """Names that need each other, together; one that is in no circle alone."""
    search = _Search(needs)
    for start in sorted(needs):
        search.visit(start)
    return search.found


class _Search:
    """Tarjan's strongly connected components, without recursion: a document may be as deep as it likes."""

    def __init__(self, needs: Needs) -> None:
        self.found: list[list[str]] = []
        self._needs = needs
        self._index: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._stack: dict[str, None] = {}

    def visit(self, start: str) -> None:
        if start in self._index:
            return
        path = [self._entered(start)]
        while path:
            name, others = path[-1]
            after = next(others, None)
            if after is None:
                path.pop()
                self._leave(name, path[-1][0] if path else name)
            elif after not in self._index:
                path.append(self._entered(after))
            elif after in self._stack:
                self._low[name] = min(self._low[name], self._index[after])

    def _entered(self, name: str) -> tuple[str, Iterator[str]]:
        self._index[name] = self._low[name] = len(self._index)
        self._stack[name] = None
        return name, iter(sorted(self._needs[name]))

    def _leave(self, name: str, above: str) -> None:
        self._low[above] = min(self._low[above], self._low[name])
        if self._low[name] == self._index[name]:
            circle = [self._stack.popitem()[0]]
            while circle[-1] != name:
                circle.append(self._stack.popitem()[0])
            self.found.append(circle)


def where(files: Iterable[File]) -> dict[str, str]:
    """The module of each type."""
    return {each.name: file.module for file in files for each in file.types}
