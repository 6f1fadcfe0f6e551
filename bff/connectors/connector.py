"""Connectors: declared REST calls. Frozen facts about a call; runs nothing, knows no schema and no caller.

A connector with a `key` is one call for many: its key variable takes a list, and rows are matched to keys by value,
never by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bff.connectors.body import Encode, encoder
from bff.connectors.media import Decode, decoder, text_decoder
from bff.connectors.paging import Paging
from bff.connectors.path import JsonPath, Read, reader
from bff.connectors.template import Template

Body = str | dict[str, Any] | list[dict[str, Any]]


class NotGiven:
    """What stands for a word that a declaration does not have, where None means something."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = NotGiven()


@dataclass(frozen=True, slots=True, eq=False)
class Connector:
    """One declared call. Made by `upstream("name").get(…)` and its siblings, which explain the arguments."""

    upstream: str
    method: str
    safe: bool  # RFC 9110 9.2.1: it asks for nothing to change, so that it may be made once for all, or not at all
    template: Template
    body: Body | None
    media: str
    brackets: bool | Sequence[str]  # of a form: whether all members have them, or these
    lists: Mapping[str, str]  # of a form: members whose list is one value -> what stands in it
    accept: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    rows: JsonPath
    by_key: bool
    key: Mapping[str, JsonPath]
    many: bool
    max_batch: int
    missing: frozenset[int]
    error: JsonPath | None
    errors: Mapping[int, str]  # statuses whose body is data
    others: Mapping[int, str]  # the same, if it is an object; else they are statuses as any other
    typename: str | None
    empty: Any  # what a 2xx without a body is; NOT_GIVEN says nothing of it
    paging: Paging | None
    weight: float
    label: str = field(init=False)  # what telemetry and plans call it: method and template, no values
    encode: Encode = field(init=False, repr=False)
    decode: Decode | None = field(init=False, repr=False)  # None: it depends on the charset of the answer
    failed: Read | None = field(init=False, repr=False)  # what `error` finds in an answer
    batched: bool = field(init=False, repr=False)  # one call for many
    joined: tuple[tuple[int, str], ...] = field(init=False, repr=False)  # places in the key, and what joins their lists

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"{self.method} {self.template.text}")
        object.__setattr__(self, "batched", bool(self.key))
        object.__setattr__(self, "encode", encoder(self.media, brackets=self.brackets, lists=self.lists))
        object.__setattr__(self, "decode", decoder(self.accept))
        object.__setattr__(self, "failed", None if self.error is None else reader(self.error))
        joins = {each.name: each.join for each in self.template.variables}
        joined = tuple((at, join) for at, name in enumerate(self.key) if (join := joins.get(name)))
        object.__setattr__(self, "joined", joined)

    def decoder(self, content_type: str | None) -> Decode:
        """How the bytes of an answer become its value; what it returns raises ValueError."""
        return self.decode or text_decoder(content_type)

    @property
    def variables(self) -> tuple[str, ...]:
        """Every name that a field must bind, in the order of template, headers, cookies, body."""
        named = (*self.template.names, *self.headers.values(), *self.cookies.values(), *_names(self.body))
        return tuple(dict.fromkeys(named))

    @property
    def spread(self) -> tuple[str, ...]:
        """The variable of which a list means one load for each item: the only key, else the only one in the path.

        `{ids*}` in a path takes its list whole.
        """
        in_path = dict.fromkeys(each.name for each in self.template.variables if each.in_path and not each.explode)
        return next((tuple(names) for names in (self.key, in_path) if len(names) == 1), ())

    @property
    def repeatable(self) -> bool:
        """Whether one call can serve all who want the same."""
        return self.safe or self.batched

    @property
    def outcomes(self) -> frozenset[str]:
        """GraphQL types of answers that are data, and not what was asked for."""
        return frozenset((*self.errors.values(), *self.others.values()))

    def __repr__(self) -> str:
        return f"<{self.upstream}: {self.label}>"


def _names(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for part in body.values():
            yield from _names(part)
    elif isinstance(body, list):
        for part in body:
            yield from _names(part)
