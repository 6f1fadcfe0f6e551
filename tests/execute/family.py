"""A family of schemas, each made by chance from its number: every kind of field that the engine knows, put together.

Objects in rows and by calls, interfaces and unions, lists of lists of leaves, custom scalars, enums, paths; calls by
id, batched, by several keys, by member, with lists of keys, paged, from several services; code of every sort.
"""

from __future__ import annotations

import asyncio
import datetime
import enum
import random
import uuid
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Optional, Union

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from bff import Connection, Cursor, Offset, argument, connect, constant, extend, field, requires, upstream
from bff.errors import BadUserInput
from bff.plan.graph import Graph, read_graph

SCOPES = frozenset({"read", "write"})
NUMBERS = range(24)  # of schemas that tests look at

Info = strawberry.Info
Made = tuple[Any, Any]  # a field's type and declaration


class Colour(enum.Enum):
    RED = "red"
    BLUE = "dark-blue"
    GREEN = 3


@strawberry.input
class Filter:
    """An argument with members."""

    x: strawberry.ID
    size: int | None = 2
    below: Optional["Filter"] = None  # noqa: UP037, UP045 - strawberry reads it
    colours: list[Colour] | None = None


ColourEnum: Any = strawberry.enum(Colour)
ONE = strawberry.ID("1")
BUILT_IN: tuple[Any, ...] = (str, int, float, bool, strawberry.ID)
LEAVES: tuple[Any, ...] = (*BUILT_IN, str, strawberry.ID, datetime.date, Decimal, uuid.UUID, JSON, ColourEnum)


@cache
def graph(number: int) -> Graph:
    """The graph of this number, always the same one."""
    return read_graph(_Schema(random.Random(number)).schema())


class _Schema:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._calls = 0
        self._services = [upstream(name) for name in ("one", "two")]
        interface = strawberry.interface(type("Named", (), self._members("shared", 2)))
        self._objects: list[Any] = [self._object(f"T{at}", (interface,) if at < 2 else ()) for at in range(4)]
        union = _either(self._objects[1], self._objects[2])
        self._abstract: list[Any] = [interface, union]
        if chance.random() < 0.2:
            requires("read")(self._objects[3])

    def schema(self) -> strawberry.Schema:
        for made in self._objects:
            extend(made, **self._some(self._linked, 4), **self._some(self._coded, 3), **self._some(self._inside, 2))
        query = strawberry.type(type("Query", (), {}))
        roots = {"root": self._root_call, "asked": self._asked, "many": self._many_asked, "coded": self._root_code}
        found: dict[str, Made] = {f"{name}{at}": make() for name, make in roots.items() for at in range(3)}
        extend(query, **found, again=(_optional(query), strawberry.field(resolver=_method(lambda: None, query))))
        mutation = strawberry.type(type("Mutation", (), {}))
        extend(mutation, coded=self._root_code(), **{f"do{at}": self._change() for at in range(4)})
        return strawberry.Schema(query=query, mutation=mutation, types=self._objects)

    def _object(self, name: str, bases: tuple[type, ...]) -> type:
        made: type = strawberry.type(type(name, bases, self._members("leaf", 5)))
        return made

    def _members(self, name: str, count: int) -> dict[str, Any]:
        """Leaves that are in the row."""
        names = [f"{name}{self._chance.randrange(10)}" for _ in range(count)]
        annotations: dict[str, Any] = {"id": strawberry.ID}
        body: dict[str, Any] = {}
        for name in dict.fromkeys(names):
            annotations[name] = self._leaf()
            if self._chance.random() < 0.4:
                body[name] = field(path=self._chance.choice((f"in.{name}", f"in.deep.{name}", f"{name}X", "in-a.row")))
        return {"__annotations__": annotations, **body}

    def _leaf(self) -> Any:
        type_ = self._chance.choice(LEAVES)
        for _ in range(self._chance.choice((0, 0, 0, 1, 2))):
            type_ = list[self._maybe(type_)]  # type: ignore[misc]
        return self._maybe(type_)

    def _maybe(self, type_: Any) -> Any:
        return _optional(type_) if self._chance.random() < 0.5 else type_

    def _mostly(self, type_: Any) -> Any:
        """At the top, where a null that may not be would be the whole answer."""
        return _optional(type_) if self._chance.random() < 0.9 else type_

    def _some(self, make: Callable[[], Made], most: int) -> dict[str, Made]:
        name = make.__name__.strip("_")
        return {f"{name}{at}": make() for at in range(self._chance.randrange(1, most + 1))}

    def _any(self) -> Any:
        return self._chance.choice([*self._objects, *self._objects, *self._abstract])

    def _row_type(self) -> Any:
        return self._chance.choice(self._objects)

    def _guarded(self, made: Made) -> Made:
        type_, declared = made
        return (
            (type_, requires(self._chance.choice(("read", "write")))(declared)) if self._chance.random() < 0.1 else made
        )

    def _place(self) -> tuple[Any, str]:
        """A service, and a path of its own on it."""
        self._calls += 1
        return self._chance.choice(self._services), f"/c{self._calls}"

    def _inside(self) -> Made:
        """Objects that are in the row."""
        path = self._chance.choice((None, "in.object", "other"))
        if self._chance.random() < 0.5:
            return self._maybe(self._any()), field(path=path)
        return self._list(self._any()), field(path=path, assumed_size=self._chance.choice((2, 3, 9)))

    def _list(self, type_: Any) -> Any:
        return self._maybe(list[self._maybe(type_)])  # type: ignore[misc]

    def _linked(self) -> Made:
        """Calls that are bound to the row."""
        call, path = self._place()
        one, many = self._maybe(self._any()), self._list(self._any())
        ways: tuple[Callable[[], Made], ...] = (
            lambda: (one, connect(call.get(path + "/{id}"), id="ref")),
            lambda: (
                one,
                connect(call.get(path + "{?id*}", key="id", max_batch=self._chance.choice((1, 100))), id="ref"),
            ),
            lambda: (one, connect(call.get(path + "{?ids}", key={"ids": "id"}, rows="items"), ids="in.ref")),
            lambda: (one, connect(call.get(path + "{?id*}", key="id", by_key=True, rows="by"), id="ref")),
            lambda: (one, connect(call.post(path, body={"ids": "id", "w": "w"}, key="id"), id="ref", w=constant("w"))),
            lambda: (one, connect(call.post(path, body=[{"p": "x", "q": "y"}], key=("x", "y")), x="ref", y="in.ref")),
            lambda: (one, connect(call.get(path + "/{a}/{b}{?c}"), a="ref", b="ref2", c="in.ref")),
            lambda: (many, connect(call.get(path + "{?id*}", key="id", many=True), id="ref", assumed_size=3)),
            lambda: (many, connect(call.get(path + "/{id}", many=True, rows="items"), id="ref", assumed_size=2)),
            lambda: (many, connect(call.get(path + "{?id*}", key="id"), id="refs", assumed_size=3)),
            lambda: (many, connect(call.get(path + "/{id}"), id="refs", assumed_size=2)),
            lambda: (self._leaf(), connect(call.get(path + "{?id*}", key="id"), id="ref", path="in.value")),
            lambda: self._joined(call, path),
            lambda: self._paged(call, path),
            lambda: self._sliced(call, path),
        )
        return self._guarded(self._chance.choice(ways)())

    def _joined(self, call: Any, path: str) -> Made:
        one = call.get(path + "a{?id*}", key="id", many=True, typename="T0")
        other = call.get(path + "b/{id}", many=True, typename="T1")
        return self._list(self._abstract[0]), connect(one, other, id="ref", assumed_size=9)

    def _paged(self, call: Any, path: str) -> Made:
        paging = self._chance.choice((Offset(), Offset(total="total"), Cursor(next="next")))
        names = "limit,offset" if isinstance(paging, Offset) else "limit,cursor"
        connector = call.get(f"{path}{{?id,{names}}}", rows="items", paging=paging)

        def pages(self: Any, first: int = 2, after: str | None = None) -> None: ...

        made = self._maybe(Connection[self._row_type()])  # type: ignore[misc]
        return made, _around(connect(connector, id="ref"), pages, made)

    def _sliced(self, call: Any, path: str) -> Made:
        def cut(self: Any, first: int | None = None, colour: ColourEnum | None = None) -> None: ...

        made = self._list(self._any())
        connector = call.get(path + "{?id*,colour}", key="id", many=True)
        return made, _around(connect(connector, id="ref", slicing_arguments=["first"]), cut, made)

    def _root_call(self) -> Made:
        call, path = self._place()
        if self._chance.random() < 0.5:
            return self._mostly(self._any()), connect(call.get(path))
        return self._mostly(self._list(self._any())), connect(call.get(path, many=True), assumed_size=9)

    def _asked(self) -> Made:
        call, path = self._place()
        made = self._mostly(self._any())

        def by_id(self: Any, id: strawberry.ID) -> None: ...
        def by_default(self: Any, id: strawberry.ID | None = ONE) -> None: ...
        def by_filter(self: Any, filter: Filter) -> None: ...

        ways = (
            lambda: _around(connect(call.get(path + "/{id}")), by_id, made),
            lambda: _around(connect(call.get(path + "{?id*}", key="id")), by_default, made),
            lambda: _around(
                connect(call.get(path + "{?x,size}"), x=argument("filter.x"), size=argument("filter.below.size")),
                by_filter,
                made,
            ),
            lambda: _around(
                connect(call.post(path, body={"f": "filter", "ids": "x"}, key={"x": "id"}), x=argument("filter.x")),
                by_filter,
                made,
            ),
        )
        return self._guarded((made, self._chance.choice(ways)()))

    def _many_asked(self) -> Made:
        call, path = self._place()
        made = self._mostly(self._list(self._any()))

        def by_ids(self: Any, ids: list[strawberry.ID | None]) -> None: ...

        return self._guarded((made, _around(connect(call.get(path + "{?ids*}", key={"ids": "id"})), by_ids, made)))

    def _change(self) -> Made:
        call, path = self._place()
        made = self._mostly(self._abstract[1])

        def change(self: Any, filter: Filter, id: strawberry.ID = ONE) -> None: ...

        ways = (
            call.post(path, body="filter", typename="T1", errors={409: "T2"}),
            call.patch(path + "/{id}", body="filter", typename="T2"),
            call.post(path, body={"f": "filter"}),
        )
        return self._guarded((made, _around(connect(self._chance.choice(ways)), change, made)))

    def _root_code(self) -> Made:
        made, declared = self._coded()
        declared.type_annotation = None
        return self._mostly(made), declared

    def _coded(self) -> Made:
        """Code of every sort."""
        call, path = self._place()
        loads = call.get(path + "{?id*}", key="id")
        target = self._any()
        row = self._row_type()
        leaf = self._leaf()
        one, many, leaves = self._maybe(target), self._list(target), self._list(leaf)
        value = self._chance.choice(VALUES)

        async def load(self: Any, info: Info, id: strawberry.ID = ONE) -> Any:
            return await info.context.load(loads, id=id)

        async def load_many(self: Any, info: Info) -> Any:
            return await asyncio.gather(*(info.context.load(loads, id=key) for key in ("1", 2, "3")))

        def loads_in_list(self: Any, info: Info) -> Any:
            return [info.context.load(loads, id=key) for key in ("1", 2)]

        async def generated(self: Any) -> AsyncIterator[Any]:
            for each in (value, None, {"id": "g"}):
                await asyncio.sleep(0)
                yield each

        async def breaks_off(self: Any) -> AsyncIterator[Any]:
            yield value
            raise self._chance  # AttributeError, or whatever

        def itself(self: Any) -> Any:
            return self if self is not None else {"id": "root"}

        def seen(self: Any) -> Any:
            return next((getattr(self, name) for name in dir(self) if name.startswith(("leaf", "inside"))), None)

        def made(self: Any) -> Any:
            return _instance(row)

        def mixed(self: Any) -> Any:
            return [_instance(row), {"id": 1, "ref": 2}, _later(value), _failing(value), ValueError("inside"), None]

        ways: tuple[tuple[Any, Any], ...] = (
            (leaf, _method(lambda: value)),
            (leaves, _method(lambda: [value, None, value])),
            (leaves, _method(lambda: (each for each in (value, _later(value))))),
            (leaves, _method(lambda: {value} if value.__hash__ else 7)),
            (leaf, _method(lambda: _raise(GraphQLError("told", extensions={"code": "MINE"})))),
            (one, _method(lambda: _raise(ValueError("secret")))),
            (one, _method(lambda: _raise(BadUserInput("refused")))),
            (one, _method(lambda: KeyError("returned"))),
            (one, load),
            (one, load),
            (many, load_many),
            (many, loads_in_list),
            (many, mixed),
            (many, generated),
            (leaves, generated),
            (leaves, breaks_off),
            (self._maybe(row), made),
            (leaf, _async(lambda: value)),
            (one, _async(lambda: _raise(GraphQLError("told later")))),
            (one, _async(lambda: _raise(ZeroDivisionError()))),
            (one, _method(lambda: {"__typename": "T1", "id": 1, "leaf1": value, "ref": "1"})),
            (leaf, seen),
            (one, itself),
        )
        type_, code = self._chance.choice(ways)
        uses = {loads: 3} if code in {load, load_many, loads_in_list} else ()
        size = None if type_ in (one, leaf, leaves) else 3
        return self._guarded((type_, _around(field(uses=uses, assumed_size=size), code, type_)))


VALUES: tuple[Any, ...] = (
    "text",
    "",
    7,
    -1,
    2**40,
    1.5,
    True,
    None,
    Decimal("1.5"),
    datetime.date(2026, 1, 31),
    Colour.RED,
)


def _either(one: Any, other: Any) -> Any:
    return Annotated[Union[one, other], strawberry.union("Either")]  # noqa: UP007 - of what may be a name


def _optional(type_: Any) -> Any:
    return Optional[type_]  # noqa: UP045 - of what may be a name


def _around(declared: Any, method: Any, type_: Any) -> Any:
    method.__annotations__ = {**method.__annotations__, "return": type_}
    for name, annotation in list(method.__annotations__.items()):
        if isinstance(annotation, str):
            method.__annotations__[name] = eval(annotation, globals())
    return declared(method)


def _method(work: Callable[[], Any], type_: Any = None) -> Any:
    def method(self: Any) -> Any:
        return work()

    if type_ is not None:
        method.__annotations__["return"] = _optional(type_)
    return method


def _async(work: Callable[[], Any]) -> Any:
    async def method(self: Any) -> Any:
        await asyncio.sleep(0)
        return work()

    return method


def _raise(error: Exception) -> Any:
    raise error


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


async def _failing(value: Any) -> Any:
    raise LookupError(value)


def _instance(of: type) -> Any:
    """An object of a Strawberry type, as code makes them: whatever its members are."""
    made: Any = object.__new__(of)
    for at, each in enumerate(of.__annotations__):
        object.__setattr__(made, each, VALUES[at % len(VALUES)])
    object.__setattr__(made, "ref", "1")
    return made
