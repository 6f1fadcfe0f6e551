"""Types on their way: what each will be, by keys that survive a reordered document ("City.location").

Holds them, and what all who make them ask. Knows no kind of schema but lists, whose length has to be assumed.
"""

from __future__ import annotations

from typing import Literal

from bff.openapi.graph.lock import Lengths, ServiceNames
from bff.openapi.graph.names import apart, type_name
from bff.openapi.graph.places import Place, component, component_names
from bff.openapi.graph.wanted import BOOL, JSON, Member, Use, Wanted
from bff.openapi.model import Document
from bff.openapi.report import Report
from bff.openapi.schema import Array, At, Map, Ref, Schema, resolved

Way = Literal["output", "input"]


class Drafts:
    """The types of one document, as drafts: `name` of each, and of every use of it, is a key."""

    def __init__(self, document: Document, names: ServiceNames, report: Report, lengths: Lengths) -> None:
        self.drafts: dict[str, Wanted] = {}
        self.plain: dict[str, str] = {}  # key -> the name that it would have were it alone
        self.instead: dict[str, Use] = {}  # keys that turned out to be no type of their own
        self.names = names
        self.report = report
        self.lengths = lengths
        self.schemas = document.schemas
        self._home = document.at.document
        self._folder = f"{self._home.rpartition('/')[0]}/" if "/" in self._home else ""
        self._component_names = component_names([self._called(key) for key in document.schemas])

    def draft(self, draft: Wanted, plain: str) -> None:
        self.drafts[draft.name] = draft
        self.plain[draft.name] = plain

    def resolved(self, schema: Schema) -> Schema:
        return resolved(schema, self.schemas)

    def place_of(self, schema: Ref) -> Place:
        """The place of a component: its own, wherever it is used."""
        document, name = schema.key.rpartition("#")[0], self._called(schema.key)
        foreign = document not in {"", self._home}
        key = f"{document.rpartition('/')[2]}#{name}" if foreign else f"#{name}" if self._is_inside(name) else name
        plain = self._component_names.get(name) or type_name(name.rpartition("/")[2])
        return Place(key, plain, plain)

    def _is_inside(self, name: str) -> bool:
        """Whether a component is called as what stands inside of another one is: "City.location"."""
        return any(char in ".[{| " and name[:index] in self._component_names for index, char in enumerate(name))

    def _called(self, key: str) -> str:
        """What a component is called; what is none, by its place below the folder of the document, wherever that is."""
        return component(key).removeprefix(self._folder)

    def json(self, code: str, at: At, why: str) -> Use:
        """What cannot be said in GraphQL, and is said so."""
        self.report.loss(code, at, f"{why}: JSON, without types")
        return JSON

    def size(self, schema: Schema, use: Use) -> int | None:
        """How long a list of objects may be: what the document promises, else a guess."""
        if not use.composite or not use.lists:
            return None
        return self.length(schema, self.lengths.rows)

    def length(self, schema: Schema, assumed: int) -> int:
        """How long a list, or a map as one, can be; `assumed` where the document does not say."""
        most = schema.max_items if isinstance(schema, Array) else schema.most if isinstance(schema, Map) else None
        if most:
            return most
        self.report.guess("list-size", schema.at, f"nothing says how long this list can be: {assumed} is assumed")
        return assumed

    def add_done(self, place: Place, at: At) -> None:
        """A type that says that something was done, for answers without a body."""
        done = Member("done", "done", "done", BOOL, "Always true.")
        self.draft(Wanted("type", place.key, place.home, at, "It was done.", members=(done,)), place.plain)


def member_names(drafts: Drafts, key: str, wanted: dict[str, str]) -> dict[str, str]:
    """A name for each member of a type: locked ones stay, and the lock then has all that the service says otherwise."""
    locked = drafts.names.members.get(key, {})
    names = apart(wanted, {**_same(wanted, locked), **locked})
    drafts.names.members[key] = {wire: name for wire, name in names.items() if name != wire}
    return names


def _same(wanted: dict[str, str], locked: dict[str, str]) -> dict[str, str]:
    """Members that are called what the service calls them: nothing takes that name from them that had it not before."""
    held = set(locked.values())
    return {wire: wire for wire, name in wanted.items() if wire == name and name not in held}
