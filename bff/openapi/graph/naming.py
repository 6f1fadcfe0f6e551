"""Names for the drafts of all services of a graph at once, so that none depends on which came first.

What is locked stays. A name that two services, or something that GraphQL knows already, would have goes to neither:
each puts its own service's name before it. Enums that are the same thing in several places are one enum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bff.openapi.graph.lock import ServiceNames
from bff.openapi.graph.names import TAKEN_TYPES, apart, pascal, words
from bff.openapi.graph.wanted import Use, Wanted

Keys = Mapping[str, str]  # key -> what


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one service's types: by key, and what keys that are no types stand for."""

    names: Keys
    instead: Mapping[str, Use]

    def use(self, use: Use) -> Use:
        """The use with names for keys; a list of what became JSON is a list of JSON."""
        if use.item is not None:
            item = self.use(use.item)
            return replace(use, item=item, composite=item.composite)
        if use.module != "own":
            return use
        if use.name in self.instead:
            return self.use(self.instead[use.name]).or_null(use.nullable)
        return replace(use, name=self.names[use.name])


def claimed(services: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """Plain names that more than one service would have."""
    counts = Counter(name for plain in services for name in set(plain.values()))
    return frozenset(name for name, count in counts.items() if count > 1)


def named(
    drafts: Mapping[str, Wanted], plain: Keys, locked: ServiceNames, prefix: str, taken: frozenset[str]
) -> dict[str, str]:
    """A name for each draft's key. `taken` are names that are others', or that more than one service would have."""
    groups = _groups(drafts)
    heads = {head: _plain(head, members, plain) for head, members in groups.items()}
    wanted = {head: _free(name, pascal(words(prefix)), taken) for head, name in heads.items()}
    held: dict[str, str] = {}
    for head, members in sorted(groups.items()):
        known = [locked.types[key] for key in members if key in locked.types]
        if known and known[0] not in held.values():
            held[head] = known[0]
    found = apart(wanted, held)
    return {key: found[head] for head, members in groups.items() for key in members}


def _free(name: str, prefix: str, taken: frozenset[str]) -> str:
    """The name, with its service's before it where others have it; `CitiesQuery` is what cities adds to Query."""
    ways = (name, f"{prefix}{name}", f"{prefix}{name}Type")
    return next((way for way in ways if way not in taken and way not in TAKEN_TYPES), ways[-1])


def _groups(drafts: Mapping[str, Wanted]) -> dict[str, list[str]]:
    """Keys of drafts that are one thing, by the first of them: enums inside types, of one name and the same values."""
    same: dict[Any, list[str]] = defaultdict(list)
    for key, draft in drafts.items():
        inline = draft.kind == "enum" and "." in key
        values = tuple(sorted(str(each.value) for each in draft.values))
        same[(_last(key), values) if inline else key].append(key)
    return {min(keys): sorted(keys) for keys in same.values()}


def _last(key: str) -> str:
    return key.rpartition(".")[2].removesuffix("[]")


def _plain(head: str, keys: list[str], plain: Keys) -> str:
    """The name of a draft that stands in one place; for several, the words that their owners begin with."""
    if len(keys) == 1:
        return plain[head]
    own = words(_last(head))
    owners = [words(plain[key].removesuffix(pascal(own))) for key in keys]
    common: list[str] = []
    for same in zip(*owners, strict=False):
        if len(set(same)) > 1:
            break
        common.append(same[0])
    return pascal([*common, *own])
