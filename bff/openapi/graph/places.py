"""Where a schema is used, and what it would be called there. Pure; knows no schema.

A key says in words where a type stands ("City.location"), so that a reordered document has the same keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from bff.openapi.graph.names import pascal, singular, type_name, words

LONG = 60  # characters of a name that is made of several
CLOSE = 3  # steps of a pointer to a component
_KINDS = {"requestBody": "body", "parameters": "parameter"}
_SEVERAL = frozenset({"oneOf", "anyOf", "allOf"})
COMPONENTS = ("/components/schemas/", "/definitions/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a schema is used: the key and the plain name of what it would become, and the file that would have it."""

    key: str
    plain: str
    home: str

    def member(self, name: str) -> Place:
        return Place(f"{self.key}.{name}", _short(self.plain + pascal(words(name))), self.home)

    def item(self) -> Place:
        return Place(f"{self.key}[]", singular(self.plain), self.home)

    def value(self) -> Place:
        return Place(f"{self.key}{{}}", f"{self.plain}Value", self.home)

    def option(self, name: str) -> Place:
        return Place(f"{self.key}|{name}", _short(self.plain + pascal(words(name))), self.home)


def component(key: str) -> str:
    """What the document calls a component; the whole key where it is none."""
    pointer = key.rpartition("#")[2]
    prefix = next((each for each in COMPONENTS if pointer.startswith(each)), None)
    return key if prefix is None else pointer[len(prefix) :].replace("~1", "/").replace("~0", "~")


def _short(plain: str) -> str:
    """A name that can be read: of what is nested deep, the innermost words."""
    parts = re.findall(r"[A-Z][^A-Z]*|[^A-Z]+", plain)
    while len(plain) > LONG and len(parts) > 1:
        plain = plain[len(parts.pop(0)) :]
    return plain if plain[0].isupper() else f"N{plain}"


def component_names(names: list[str]) -> dict[str, str]:
    """Plain names of components. Of a dotted one, io.k8s.api.core.v1.Pod, as few parts as tell it from the others; of
    one in another file, parts.yaml#/Order, its own name if no other has it; of what stands inside of an operation, as
    few words of the way there.
    """
    short = {name: type_name(_own(name)) for name in names}
    often = Counter(short.values())
    found = {**_by_parts(names), **{name: each for name, each in short.items() if "#" in name and often[each] == 1}}
    ways = {name: _ways(name) for name in names if _is_deep(name)}
    often = Counter(
        [way for each in ways.values() for way in each] + [found[name] for name in names if name not in ways]
    )
    return found | {name: next((way for way in each if often[way] == 1), found[name]) for name, each in ways.items()}


def _is_deep(name: str) -> bool:
    """Whether it is no component of any file, but something inside of an operation."""
    return name.partition("#")[2].startswith("/paths/")


def _ways(name: str) -> list[str]:
    """Names for a place in an operation, the shortest first: `Droplet`, `DropletsAnswerDroplet`."""
    path, *steps = name.partition("#")[2].split("/")[2:]
    inside = list(_members(steps))
    kind = next((_KINDS[step] for step in steps if step in _KINDS), "answer")
    parts = [word for step in re.split(r"~1|/", path) if step for word in _said(step)]
    near = parts[-2:] if parts and parts[-1].startswith("by ") else parts[-1:]
    options = [f"option {int(step) + 1}" for before, step in pairwise(steps) if before in _SEVERAL and step.isdecimal()]
    chains = [inside[-count:] for count in range(1, len(inside) + 1)]
    whole = [*parts, kind, *inside]
    wider = [[*near, kind, *inside], [*near, kind, *inside, *options], whole, [*steps[:1], *whole, *options]]
    return list(dict.fromkeys(type_name(" ".join(each)) for each in (*chains, *wider)))


def _said(step: str) -> list[str]:
    """The words of a path's step: "images", "by id"."""
    return [f"by {step[1:-1]}"] if step.startswith("{") else [step]


def _members(steps: Sequence[str]) -> Iterator[str]:
    """The members that a pointer leads through; of a list's items, one of them."""
    names: list[str] = []
    way = iter(steps)
    for step in way:
        if step == "properties":
            names.append(next(way, ""))
        elif step == "items" and names:
            names[-1] = singular(names[-1])
    yield from filter(None, names)


def _own(name: str) -> str:
    """The last word of a pointer that is short enough to be one to a component, else the file's."""
    file, _, pointer = name.partition("#")
    steps = pointer.split("/")[1:]
    if not pointer or not steps:
        return PurePosixPath(file).name.partition(".")[0] if "#" in name else name
    return steps[-1] if len(steps) <= CLOSE else name


def _by_parts(names: list[str]) -> dict[str, str]:
    ends = Counter(type_name(".".join(parts[-count:])) for parts in _parts(names) for count in range(1, len(parts) + 1))
    found = {}
    for name, parts in zip(names, _parts(names), strict=True):
        ways = [type_name(".".join(parts[-count:])) for count in range(1, len(parts) + 1)]
        found[name] = next((way for way in ways if ends[way] == 1), ways[-1])
    return found


def _parts(names: list[str]) -> list[list[str]]:
    return [[part for part in name.split(".") if part] if name.count(".") > 1 else [name] for name in names]
