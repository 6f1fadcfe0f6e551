"""Every source of events that is open in this process, and the one way to one: `open_events`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from bff.connectors import Constant, FromArgument, Published, Source
from bff.connectors.path import reader
from bff.connectors.rows import stamped_as
from bff.errors import BffError, Forbidden, GatewayStopping
from bff.events.mailbox import Mailbox
from bff.events.topics import Topics, wanted
from bff.plan.scope import Scope

WAITING = 100  # events that one subscriber may leave waiting


class Streams:
    """What is open. One for each gateway; closed with it."""

    def __init__(self, topics: Topics | None = None, *, waiting: int = WAITING) -> None:
        self.topics = topics or Topics()
        self.waiting = waiting
        self.closed = False

    async def aclose(self) -> None:
        """End everybody's events with GatewayStopping; close what is open."""
        self.closed = True
        self.topics.end(GatewayStopping())


async def open_events(
    streams: Streams, source: Source, arguments: Mapping[str, Any], scope: Scope
) -> AsyncGenerator[Any, None]:
    """The events of a subscription field, `source.events`, each as its row: JSON that nobody may change.

    `arguments` are the field's, by Python name in wire form, as connected fields get them; `scope` is the
    subscription's: its caller's headers and claims go to the service as with any call, and its deadline does not end
    the events. A BffError among the rows is a moment that failed, or events that were missed: the stream goes on.

    It ends when the source says that nothing more will come. Raises the BffError that ended it: BadUserInput for
    arguments that nothing can be asked with, Forbidden for a caller without a claim that the source wants,
    UpstreamOverloaded over the service's most open streams, any UpstreamError for a service that cannot or will not
    answer, GatewayStopping. Close it (`aclose`), always: what it opened ends with its last reader.
    """
    events = source.events
    if events is None:
        raise TypeError("this field has no events")
    values = _values(source, events.variables, arguments)
    if streams.closed:
        raise GatewayStopping
    if not isinstance(events, Published):
        raise NotImplementedError
    want = wanted(events, values, _claims(events, scope))
    box = Mailbox(streams.waiting)
    streams.topics.join(events.topic, want, box)
    try:
        async for event in box:
            yield event if isinstance(event, BffError) else stamped_as(events.typename, reader(events.rows)(event))
    finally:
        streams.topics.leave(events.topic, want, box)


def _values(source: Source, variables: tuple[str, ...], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a source: bound ones, and arguments of the same name."""
    return {name: _value(source.bindings.get(name, FromArgument(name)), arguments) for name in variables}


def _value(bound: Any, arguments: Mapping[str, Any]) -> Any:
    if isinstance(bound, Constant):
        return bound.value
    return reader(bound.path)(arguments.get(bound.name))


def _claims(events: Published, scope: Scope) -> Mapping[str, Any]:
    for name in events.claims:
        if scope.claims.get(name) is None:
            raise Forbidden("These events are for callers whose token says who they are.")
    return scope.claims
