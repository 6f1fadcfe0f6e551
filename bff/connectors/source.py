"""Where a field's value comes from, held on the Strawberry field as data that planning can read.

`connect` says which calls bring it, `field` where it stands in the parent's JSON or which calls its code makes. Runs
nothing. Costs are in the IBM GraphQL cost specification's terms: weight, assumedSize, slicingArguments, sizedFields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from dataclasses import field as record
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from bff.connectors.body import json_text
from bff.connectors.connector import Connector
from bff.connectors.entries import in_turn
from bff.connectors.events import EventSource
from bff.connectors.path import JsonPath

METADATA = "bff"

if TYPE_CHECKING:

    class Declared(Any):  # type: ignore[misc]  # so that it fits whatever type its attribute has
        """What type checkers see: a value for any attribute, and a decorator of any method."""

        def __call__(self, method: Callable[..., Any]) -> Any: ...

else:
    Declared = StrawberryField


@dataclass(frozen=True, slots=True)
class FromParent:
    """A template variable that takes its value from the parent's JSON, at this path."""

    path: JsonPath


@dataclass(frozen=True, slots=True)
class FromArgument:
    """A template variable that takes its value from an argument of the field, at this path below it."""

    name: str
    path: JsonPath = ""
    entries: bool = False  # the argument is a list of {key, value}, and the service gets an object
    json: bool = False  # the variable is the value's JSON text
    pairs: bool = False  # the variable is a list: names and values of the object, in turn

    @property
    def write(self) -> Callable[[Any], Any] | None:
        """What makes the variable of the value; None: it is the value."""
        return json_text if self.json else in_turn if self.pairs else None


@dataclass(frozen=True, slots=True)
class Constant:
    """A template variable that always has this value; None leaves a query variable out."""

    value: Any


Binding = FromParent | FromArgument | Constant


@dataclass(frozen=True, slots=True)
class Cost:
    """What a field adds to a price. None means the default: objects weigh 1, scalars and enums 0."""

    weight: float | None = None
    assumed_size: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    sized_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where one field's value comes from."""

    path: JsonPath | None = None
    entries: bool = False  # the JSON is an object of values by name, the field a list of {key, value}
    connectors: tuple[Connector, ...] = ()
    bindings: Mapping[str, Binding] = record(default_factory=dict)
    uses: Mapping[Connector, int] = record(default_factory=dict)
    cost: Cost = Cost()
    events: EventSource | None = None  # of a field of the subscription type


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="cost")
class CostDirective:
    """IBM cost specification: what one of this field counts in a price."""

    weight: str


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="listSize")
class ListSizeDirective:
    """IBM cost specification: how long this list can be."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET


def argument(path: JsonPath, *, entries: bool = False, json: bool = False, pairs: bool = False) -> FromArgument:
    """Bind a template variable to an argument, or to a member of an input object: `argument("filter.country")`.

    With `entries`, the argument is a list of entries, each a `key` and a `value`, and the service gets an object. With
    `json`, what stands in the URL or the header is the value's JSON; with `pairs` it is the list of an object's names
    and values, `R,100,G,200` (RFC 6570 2.4.2).
    """
    if isinstance(path, tuple):
        return FromArgument(path[0], path[1:], entries, json, pairs)
    name, _, rest = path.partition(".")
    return FromArgument(name, rest, entries, json, pairs)


def constant(value: Any) -> Constant:
    """Bind a template variable to a fixed value: `limit=constant(100)`."""
    return Constant(value)


def connect(
    *connectors: Connector,
    path: JsonPath | None = None,
    entries: bool = False,
    name: str | None = None,
    weight: float | None = None,
    assumed_size: int | None = None,
    slicing_arguments: Sequence[str] = (),
    sized_fields: Sequence[str] = (),
    description: str | None = None,
    deprecation_reason: str | None = None,
    bind: Mapping[str, Binding | JsonPath] | None = None,
    **bindings: Binding | JsonPath,
) -> Declared:
    """A field whose value is brought by a call, or by several whose rows are taken in turn.

    As a default (`city: City | None = connect(cities.by_ids, id="city_id")`) or around a method without a body, whose
    parameters become arguments. Each template variable is bound by name: to the parent's JSON (a path), to
    `argument(…)`, to `constant(…)`, or, when not mentioned, to the argument of the same name. `bind` is for variables
    whose names are parameters of this function. With a `path`, the value is what stands there in each row; with
    `entries`, that is an object, of which the field is the list of its members, each a `key` and a `value`. `name` is
    what clients call the field, where camel-casing its Python name does not make it.
    """
    if not connectors:
        raise ValueError('connect() needs a connector: connect(cities.by_ids, id="city_id")')
    source = Source(
        path=path,
        entries=entries,
        connectors=connectors,
        bindings=_bound(bind, bindings),
        cost=Cost(weight, assumed_size, tuple(slicing_arguments), tuple(sized_fields)),
    )
    return _declare(source, description, deprecation_reason, name=name)


def subscribe(
    events: EventSource,
    *,
    path: JsonPath | None = None,
    entries: bool = False,
    name: str | None = None,
    weight: float | None = None,
    assumed_size: int | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
    bind: Mapping[str, Binding | JsonPath] | None = None,
    **bindings: Binding | JsonPath,
) -> Declared:
    """A field of the subscription type: around a method without a body, whose return type is that of one event.

        @subscribe(flights.positions)
        def position(self, number: strawberry.ID) -> Position | None: ...

    `events` is `upstream("flights").events(…)` or `.socket(…)`, `poll(…)` or `published(…)`. The rest is as in
    `connect`: each variable is bound by name, to `argument(…)`, `constant(…)` or the argument of the same name; with a
    `path`, the value is what stands there in the row. Raises TypeError for what brings no events.
    """
    if not isinstance(events, EventSource):
        right = "say subscribe(poll(connector, every=5))" if isinstance(events, Connector) else "say poll(…)"
        raise TypeError(f"subscribe() takes what brings events, not {events!r}: {right}")
    source = Source(
        path=path,
        entries=entries,
        bindings=_bound(bind, bindings),
        cost=Cost(weight, assumed_size),
        events=events,
    )
    return _declare(source, description, deprecation_reason, name=name)


def field(
    *,
    path: JsonPath | None = None,
    entries: bool = False,
    name: str | None = None,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    uses: Mapping[Connector, int] | Sequence[Connector] = (),
    weight: float | None = None,
    assumed_size: int | None = None,
    slicing_arguments: Sequence[str] = (),
    sized_fields: Sequence[str] = (),
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Declared:
    """A field from the parent's JSON at `path` (by default its Python name), or, around a method, from code.

    In an input, `path` is what the service calls the member, and `default` or `default_factory` what it is when the
    client says nothing (`strawberry.UNSET`: nothing is sent). `name` is what clients call the field, where camel-casing
    its Python name does not make it. With `entries`, the JSON is an object of values by name, and the field the list of
    its members, each a `key` and a `value`; of an input the other way round.

    `uses` says which connectors that code loads, and how many keys of each for one object, so that a plan can count
    them: `uses=[airports.by_iatas]`, or `uses={airports.by_iatas: 2}`.
    """
    source = Source(
        path=path,
        entries=entries,
        uses=dict(uses) if isinstance(uses, Mapping) else dict.fromkeys(uses, 1),
        cost=Cost(weight, assumed_size, tuple(slicing_arguments), tuple(sized_fields)),
    )
    return _declare(
        source, description, deprecation_reason, name=name, default=default, default_factory=default_factory
    )


def source_of(declared: StrawberryField) -> Source:
    """The Source of a Strawberry field; a plain field comes from its parent's JSON, under its Python name."""
    found = declared.metadata.get(METADATA)
    return found if isinstance(found, Source) else Source()


def _bound(
    bind: Mapping[str, Binding | JsonPath] | None, bindings: Mapping[str, Binding | JsonPath]
) -> dict[str, Binding]:
    named = {**(bind or {}), **bindings}
    return {name: FromParent(value) if isinstance(value, str | tuple) else value for name, value in named.items()}


def _declare(source: Source, description: str | None, deprecation_reason: str | None, **options: Any) -> Declared:
    found: Declared = strawberry.field(
        **options,
        metadata={METADATA: source},
        directives=list(_directives(source.cost)),
        description=description,
        deprecation_reason=deprecation_reason,
    )
    if source.connectors:
        found.init = False  # code that makes such an object leaves it to the call
    return found


def _directives(cost: Cost) -> list[object]:
    found: list[object] = []
    if cost.weight is not None:
        found.append(CostDirective(weight=f"{cost.weight:g}"))
    if cost.assumed_size is not None or cost.slicing_arguments or cost.sized_fields:
        size = ListSizeDirective(
            assumed_size=strawberry.UNSET if cost.assumed_size is None else cost.assumed_size,
            slicing_arguments=list(cost.slicing_arguments) or strawberry.UNSET,
            sized_fields=list(cost.sized_fields) or strawberry.UNSET,
        )
        found.append(size)
    return found
