"""Every source of events that is open in this process, and the one way to one: `open_events`.

Subscribers to whom everything is equal have one source between them; nothing of one caller reaches another.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from functools import partial
from typing import Any

from bff.connectors import Binding, Constant, FromArgument, FromParent, Poll, Published, Source, Stream
from bff.connectors.path import reader
from bff.errors import Forbidden, GatewayStopping, TooManySubscriptions, UpstreamOverloaded
from bff.events.hub import Hub
from bff.events.mailbox import Mailbox
from bff.events.opening import Opening, opening
from bff.events.pace import Pace
from bff.events.polling import Polling
from bff.events.stream import Streaming
from bff.events.topics import Topics, wanted
from bff.plan.scope import Scope

WAITING = 100  # events that one subscriber may leave waiting

Leave = Callable[[], None]


class Streams:
    """What is open. One for each gateway, closed with it."""

    def __init__(self, topics: Topics | None = None, *, waiting: int = WAITING, pace: Pace | None = None) -> None:
        """`topics` are where webhooks publish; `waiting` events each subscriber may leave untaken."""
        self.topics = topics or Topics()
        self._waiting = waiting
        self._pace = pace or Pace()
        self._hubs: dict[Hashable, Hub] = {}
        self._open: Counter[str] = Counter()  # by upstream
        self._opened_by: Counter[tuple[str, str]] = Counter()  # by upstream and client
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many sources are open; topics are none."""
        return len(self._hubs)

    def seat(self, source: Stream | Poll | Published, values: Mapping[str, Any], scope: Scope) -> tuple[Mailbox, Leave]:
        """A place to hear from, and how to leave it. Raises BffError for what cannot be heard."""
        if self._closed:
            raise GatewayStopping
        if isinstance(source, Published):
            return self._at_topic(source, values, scope)
        hub = self._hub(opening(source, values, scope), scope.client)
        box = hub.join()
        return box, partial(hub.leave, box)

    def _at_topic(self, source: Published, values: Mapping[str, Any], scope: Scope) -> tuple[Mailbox, Leave]:
        for name in source.claims:
            if scope.claims.get(name) is None:
                raise Forbidden("These events are for callers whose token says who they are.")
        box, want = Mailbox(self._waiting), wanted(source, values, scope.claims)
        self.topics.join(source, want, box)
        return box, partial(self.topics.leave, source, want, box)

    def _hub(self, wish: Opening, client: str) -> Hub:
        source = wish.source
        shares = not isinstance(source, Stream) or source.shared
        equal = wish.equal if shares else object()
        return self._hubs.get(equal) or self._opened(equal, wish, client)

    def _opened(self, equal: Hashable, wish: Opening, client: str) -> Hub:
        """Counted for the client that opens it, until it is over, whoever listens then."""
        upstream = wish.upstream
        opener = (upstream.name, client)
        if client and self._opened_by[opener] >= upstream.settings.events.per_client:
            raise TooManySubscriptions("The client has opened as many of these as it may at one moment.")
        if self._open[upstream.name] >= upstream.settings.events.max_open:
            raise UpstreamOverloaded(upstream.name, detail=f"{self._open[upstream.name]} streams and polls are open")
        hub = Hub(self._running(wish).run, self._waiting, partial(self._over, equal, opener))
        self._hubs[equal] = hub
        self._open[upstream.name] += 1
        self._opened_by[opener] += 1
        self._tasks.add(hub.task)
        hub.task.add_done_callback(self._tasks.discard)
        return hub

    def _running(self, wish: Opening) -> Streaming | Polling:
        if isinstance(wish.source, Stream):
            return Streaming(wish.source, wish, self._pace)
        return Polling(wish.source, wish, self._pace)

    def _over(self, equal: Hashable, opener: tuple[str, str], _hub: Hub) -> None:
        del self._hubs[equal]
        self._open[opener[0]] -= 1
        self._opened_by[opener] -= 1
        if not self._opened_by[opener]:
            del self._opened_by[opener]  # tokens name clients without end

    async def aclose(self) -> None:
        """End everybody's events with GatewayStopping, and wait until nothing is open."""
        self._closed = True
        self.topics.end(GatewayStopping())
        for hub in list(self._hubs.values()):
            hub.end(GatewayStopping())
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def open_events(
    streams: Streams, source: Source, arguments: Mapping[str, Any], scope: Scope
) -> AsyncGenerator[Any, None]:
    """The events of a subscription field, `source.events`, each as its row: JSON that nobody may change.

    `arguments` are the field's, by Python name in wire form, as connected fields get them; `scope` is the
    subscription's: its caller's headers and claims go to the service as with any call, and its deadline does not end
    the events. A BffError among the rows is a moment that failed, or events that were missed: the stream goes on. Owed
    is no row: it says what is to be paid for calls that brought none.

    It ends when the source says that nothing more will come. Raises the BffError that ended it: BadUserInput for
    arguments that nothing can be asked with, Forbidden for a caller without a claim that the source wants,
    UpstreamOverloaded over the service's most open streams, TooManySubscriptions over the client's, any UpstreamError
    for a service that cannot or will not answer, GatewayStopping. Close it (`aclose`), always: what it opened ends with
    its last reader.
    """
    events = source.events
    if events is None:
        raise TypeError("this field has no events")
    values = {name: _value(source.bindings.get(name, FromArgument(name)), arguments) for name in events.variables}
    box, leave = streams.seat(events, values, scope)
    try:
        async for event in box:
            yield event
    finally:
        leave()


def _value(bound: Binding, arguments: Mapping[str, Any]) -> Any:
    """The value of a variable; there is no parent at the root."""
    if isinstance(bound, FromParent):
        raise TypeError("a field of the subscription type has no parent")
    if isinstance(bound, Constant):
        return bound.value
    found = reader(bound.path)(arguments.get(bound.name))
    return bound.write(found) if bound.write else found
