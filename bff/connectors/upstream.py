"""An upstream as adopters write it: a name, and methods that declare calls on it. Runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from bff.connectors.connector import NOT_GIVEN, Body, Connector
from bff.connectors.events import EVENT_STREAM, Stream, Streaming
from bff.connectors.media import JSON
from bff.connectors.mistakes import mistakes, stream_mistakes
from bff.connectors.paging import Cursor, Paging
from bff.connectors.path import JsonPath
from bff.connectors.statuses import Status, exact, ranges
from bff.connectors.template import Template

Key = str | Sequence[str] | Mapping[str, JsonPath]


class Reading(TypedDict, total=False):
    """Options of every method; `Upstream` explains them."""

    key: Key
    many: bool
    rows: JsonPath
    by_key: bool
    names: Mapping[str, str]
    joins: Mapping[str, str]
    reserved: Sequence[str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    accept: str
    max_batch: int
    missing: Sequence[int]
    error: JsonPath
    errors: Mapping[Status, str]
    answers: Mapping[Status, str]
    typename: str
    empty: Any
    paging: Paging
    weight: float


class Writing(Reading, total=False):
    """Options of the methods that send a body."""

    body: Body
    media: str
    brackets: bool | Sequence[str]
    lists: Mapping[str, str]
    safe: bool


@dataclass(frozen=True, slots=True)
class Upstream:
    """A REST service by its name in `bff.yaml`; its methods declare calls on it.

    Arguments of every method:

    template    path below the upstream's URL, RFC 6570: "/cities/{id}"; "/cities{?id*}" (id=1&id=2); "/x{?ids}" (…=1,2)
    names       {"size": "page[size]"}: what the query calls a variable, where that is no name of a variable
    joins       {"ids": "|"}: what stands between the values of a list, where it is no comma
    reserved    ("q",): variables of which reserved characters (RFC 3986 2.2) are sent as they are, but for those that
                would lead out of the value: "#[]&=+;" in the query, "/?#[],;" in the path
    key         one call for many: the variable that takes a list, which is also the rows' member to match by;
                {"ids": "code"} where the two differ; several members with body=[{…}] for composite keys
    many        several rows belong to one key; without a key, the answer is a list
    rows        path of the rows in the answer: "items"; "" is the whole answer; ("a.b",) where a member has a dot
    by_key      the rows are members of one object, named by key
    body        what is sent: "input" sends that variable, and nothing where it is null; {"ids": "id"} sends an object
                of variables; [{"c": "country"}] sends a list with one object for each key
    media       the body's media type: JSON of any kind, application/x-www-form-urlencoded, multipart/form-data, text/…;
                any other takes bytes
    brackets    in a form, members of objects and items of lists have names of their own: meta[stars]=2&tags[0]=a; or
                those of some members, ("meta",)
    lists       {"tags": ","}: in a form, members whose list is one value, and what stands between its items
    safe        this POST changes nothing, as a search does: any field may make it, and equal ones are one call
    headers     {"idempotency-key": "token"}: header name to variable
    cookies     {"session": "session"}: cookie name to variable
    accept      the answer's media type: JSON of any kind; text/… and XML become a text; any other becomes base64
    max_batch   most keys in one call
    missing     statuses that mean "not there": null, or no rows
    error       path whose presence in a 2xx answer means that the call failed
    errors      {422: "InvalidTrip"}: statuses whose body is data, an object of that GraphQL type; "4XX" stands for all
                of them, "default" (or 0) for all that are left and are no success, where the body is an object
    answers     the same; the better word for {202: "Accepted"}
    typename    GraphQL type of the rows, where the field's type is an interface or a union
    empty       what a 2xx answer without a body is: any JSON
    paging      how the service pages: Offset(…), Page(…), Cursor(…), After(…); its field is a Connection
    weight      points of one call in an operation's price
    """

    name: str

    def get(self, template: str, **options: Unpack[Reading]) -> Connector:
        """A read, which any field may make."""
        return self._declare("GET", template, **options)

    def post(self, template: str, **options: Unpack[Writing]) -> Connector:
        """A POST; with a `key` it is a batch read, with `safe` any other, else it is run by mutations only."""
        return self._declare("POST", template, **options)

    def put(self, template: str, **options: Unpack[Writing]) -> Connector:
        """A PUT, for mutations."""
        return self._declare("PUT", template, **options)

    def patch(self, template: str, **options: Unpack[Writing]) -> Connector:
        """A PATCH, for mutations."""
        return self._declare("PATCH", template, **options)

    def delete(self, template: str, **options: Unpack[Writing]) -> Connector:
        """A DELETE, for mutations."""
        return self._declare("DELETE", template, **options)

    def events(self, template: str, **options: Unpack[Streaming]) -> Stream:
        """The service's server-sent events (WHATWG HTML 9.2), for `subscribe`; `Streaming` explains the options."""
        return self._stream(template, socket=False, **options)

    def socket(self, template: str, **options: Unpack[Streaming]) -> Stream:
        """What the service sends over a WebSocket (RFC 6455), JSON texts, for `subscribe`; see `Streaming`."""
        return self._stream(template, socket=True, **options)

    def _stream(
        self,
        template: str,
        *,
        socket: bool,
        only: str | tuple[str, ...] = (),
        until: str | None = None,
        state: bool = False,
        shared: bool = True,
        **options: Any,
    ) -> Stream:
        if unknown := sorted(options.keys() - Streaming.__annotations__):
            known = ", ".join(Streaming.__annotations__)
            raise TypeError(f"{self.name}: {template}: a stream has no option {unknown[0]!r}; it has {known}")
        opens = self._declare("GET", template, **options)
        names = frozenset((only,) if isinstance(only, str) else only)
        for mistake in stream_mistakes(opens, names, socket=socket):
            raise ValueError(f"{self.name}: {opens.label}: {mistake}")
        return Stream(replace(opens, accept=EVENT_STREAM), socket, names, until, state, shared)

    def _declare(
        self,
        method: str,
        template: str,
        *,
        key: Key = (),
        many: bool = False,
        rows: JsonPath = "",
        by_key: bool = False,
        names: Mapping[str, str] | None = None,
        joins: Mapping[str, str] | None = None,
        reserved: Sequence[str] = (),
        body: Body | None = None,
        media: str = JSON,
        brackets: bool | Sequence[str] = False,
        lists: Mapping[str, str] | None = None,
        safe: bool = False,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        accept: str = JSON,
        max_batch: int = 100,
        missing: Sequence[int] = (404,),
        error: JsonPath | None = None,
        errors: Mapping[Status, str] | None = None,
        answers: Mapping[Status, str] | None = None,
        typename: str | None = None,
        empty: Any = NOT_GIVEN,
        paging: Paging | None = None,
        weight: float = 1,
    ) -> Connector:
        """Raises ValueError with the first mistake, and what would be right."""
        outcomes = {**(errors or {}), **(answers or {})}
        known = exact(outcomes)
        connector = Connector(
            upstream=self.name,
            method=method,
            safe=safe or method == "GET",
            template=Template(template, names, joins, reserved),
            body=body,
            media=media,
            brackets=brackets,
            lists=dict(lists or {}),
            accept=accept,
            headers={name.lower(): variable for name, variable in (headers or {}).items()},
            cookies=dict(cookies or {}),
            rows=rows,
            by_key=by_key,
            key=_key(key),
            many=many or paging is not None,
            max_batch=max_batch,
            missing=frozenset(missing),
            error=error,
            errors=known,
            others=ranges(outcomes, {*known, *missing}),
            typename=typename,
            empty=empty,
            paging=_in_urls(paging, names or {}),
            weight=weight,
        )
        for mistake in mistakes(connector):
            raise ValueError(f"{connector.upstream}: {connector.label}: {mistake}")
        return connector


def upstream(name: str) -> Upstream:
    """The REST service called `name` in `bff.yaml`, to declare calls on."""
    return Upstream(name)


def _in_urls(paging: Paging | None, names: Mapping[str, str]) -> Paging | None:
    """A cursor that comes in a URL is called there what our own URLs call it."""
    if isinstance(paging, Cursor) and paging.parameter is None and paging.cursor in names:
        return replace(paging, parameter=names[paging.cursor])
    return paging


def _key(key: Key) -> dict[str, JsonPath]:
    if isinstance(key, str):
        return {key: key}
    if isinstance(key, Mapping):
        return dict(key)
    return {name: name for name in key}
