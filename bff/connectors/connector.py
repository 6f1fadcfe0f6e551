"""Connectors: declared REST calls. Frozen facts about a call; runs nothing, knows no schema and no caller.

A connector with a `key` is one call for many: its key variable takes a list, and rows are matched to keys by value,
never by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bff.connectors.paging import Paging
from bff.connectors.template import Template

Body = str | dict[str, Any] | list[dict[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Connector:
    """One declared call. Made by `upstream("name").get(…)` and its siblings, which explain the arguments."""

    upstream: str
    method: str
    template: Template
    body: Body | None
    headers: Mapping[str, str]
    rows: str
    by_key: bool
    key: Mapping[str, str]
    many: bool
    max_batch: int
    missing: frozenset[int]
    error: str | None
    errors: Mapping[int, str]
    typename: str | None
    paging: Paging | None
    weight: float

    @property
    def label(self) -> str:
        """What telemetry and plans call it: method and template, no values."""
        return f"{self.method} {self.template.text}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Every name that a field must bind, in the order of template, headers, body."""
        named = (*self.template.names, *self.headers.values(), *_names(self.body))
        return tuple(dict.fromkeys(named))

    @property
    def batched(self) -> bool:
        return bool(self.key)

    @property
    def safe(self) -> bool:
        """RFC 9110 9.2.1: calling it twice asks for nothing more than calling it once."""
        return self.method == "GET"

    def __repr__(self) -> str:
        return f"<{self.upstream}: {self.label}>"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A REST service by its name in `bff.yaml`; its methods declare calls on it.

    Arguments of every method:

    template    path below the upstream's URL, RFC 6570: "/cities/{id}"; "/cities{?id*}" (id=1&id=2); "/x{?ids}" (…=1,2)
    key         one call for many: the variable that takes a list, which is also the rows' member to match by;
                {"ids": "code"} where the two differ; several members with body=[{…}] for composite keys
    many        several rows belong to one key; without a key, the answer is a list
    rows        path of the rows in the answer: "items"; "" is the whole answer
    by_key      the rows are members of one object, named by key
    body        JSON body: "input" sends that variable; {"ids": "id"} sends an object of variables; [{"c": "country"}]
                sends a list with one object for each key
    headers     {"idempotency-key": "token"}: header name to variable
    max_batch   most keys in one call
    missing     statuses that mean "not there": null, or no rows
    error       path whose presence in a 2xx answer means that the call failed
    errors      {422: "InvalidTrip"}: statuses whose body is data, an object of that GraphQL type
    typename    GraphQL type of the rows, where the field's type is an interface or a union
    paging      how the service pages: Offset(…) or Cursor(…); such a connector answers a field of type Connection
    weight      points of one call in an operation's price
    """

    name: str

    def get(
        self,
        template: str,
        *,
        key: str | Sequence[str] | Mapping[str, str] = (),
        many: bool = False,
        rows: str = "",
        by_key: bool = False,
        headers: Mapping[str, str] | None = None,
        max_batch: int = 100,
        missing: Sequence[int] = (404,),
        error: str | None = None,
        typename: str | None = None,
        paging: Paging | None = None,
        weight: float = 1,
    ) -> Connector:
        return self._declare(
            "GET",
            template,
            key=key,
            many=many,
            rows=rows,
            by_key=by_key,
            headers=headers,
            max_batch=max_batch,
            missing=missing,
            error=error,
            typename=typename,
            paging=paging,
            weight=weight,
        )

    def post(self, template: str, **options: Any) -> Connector:
        """A POST; with a `key` it is a batch read, else it is run by mutations only."""
        return self._declare("POST", template, **options)

    def put(self, template: str, **options: Any) -> Connector:
        return self._declare("PUT", template, **options)

    def patch(self, template: str, **options: Any) -> Connector:
        return self._declare("PATCH", template, **options)

    def delete(self, template: str, **options: Any) -> Connector:
        return self._declare("DELETE", template, **options)

    def _declare(
        self,
        method: str,
        template: str,
        *,
        key: str | Sequence[str] | Mapping[str, str] = (),
        many: bool = False,
        rows: str = "",
        by_key: bool = False,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        max_batch: int = 100,
        missing: Sequence[int] = (404,),
        error: str | None = None,
        errors: Mapping[int, str] | None = None,
        typename: str | None = None,
        paging: Paging | None = None,
        weight: float = 1,
    ) -> Connector:
        connector = Connector(
            upstream=self.name,
            method=method,
            template=Template(template),
            body=body,
            headers={name.lower(): variable for name, variable in (headers or {}).items()},
            rows=rows,
            by_key=by_key,
            key=_key(key),
            many=many or paging is not None,
            max_batch=max_batch,
            missing=frozenset(missing),
            error=error,
            errors=dict(errors or {}),
            typename=typename,
            paging=paging,
            weight=weight,
        )
        for mistake in _mistakes(connector):
            raise ValueError(f"{connector.upstream}: {connector.label}: {mistake}")
        return connector


def upstream(name: str) -> Upstream:
    """The REST service called `name` in `bff.yaml`, to declare calls on."""
    return Upstream(name)


def _key(key: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(key, str):
        return {key: key}
    if isinstance(key, Mapping):
        return dict(key)
    return {name: name for name in key}


def _names(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for part in body.values():
            yield from _names(part)
    elif isinstance(body, list):
        for part in body:
            yield from _names(part)


def _mistakes(connector: Connector) -> Iterator[str]:
    paged = connector.paging.variables if connector.paging else ()
    for variable in (*connector.key, *paged):
        if variable not in connector.variables:
            yield f"{variable!r} is no variable of the template or the body"
    if len(connector.key) > 1 and not isinstance(connector.body, list):
        yield "a key of several variables needs body=[{…}], since lists in a URL cannot say which belong together"
    if connector.max_batch < 1 or connector.weight < 0:
        yield "max_batch must be at least 1 and weight not negative"
    if connector.by_key and not connector.key:
        yield "by_key needs a key"
    if connector.paging and connector.key:
        yield "a paged call cannot also be a batch"
