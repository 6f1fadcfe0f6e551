"""Where a schema is used, and what it would be called there. Pure; knows no schema.

A key says in words where a type stands ("City.location"), so that a reordered document has the same keys.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

from bff.openapi.graph.names import pascal, singular, type_name, words

LONG = 60  # characters of a name that is made of several
CLOSE = 3  # steps of a pointer to a component
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
    one in another file, parts.yaml#/Order, its own name if no other has it.
    """
    short = {name: type_name(_own(name)) for name in names}
    often = Counter(short.values())
    return {**_by_parts(names), **{name: each for name, each in short.items() if "#" in name and often[each] == 1}}


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
