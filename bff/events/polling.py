"""A call that is made again and again, and what has changed since the last time. Knows no subscriber.

The calls go the way of all calls: through the upstream's stack, with its limits, its cache and its sharing. A write
that passes through the gateway to the same service lets the next one come at once. What they find is paid for as an
event; what finds nothing, as the calls that were made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bff.connectors import Connector, Poll
from bff.connectors.path import reader, shown
from bff.connectors.rows import key_text, nothing
from bff.errors import UpstreamError, UpstreamMalformed
from bff.events.hub import Hub
from bff.events.opening import Opening
from bff.events.pace import Pace
from bff.events.stream import STATE
from bff.plan.context import Context

_NOTHING = object()


class Polling:
    """One polled call."""

    def __init__(self, source: Poll, opening: Opening, pace: Pace) -> None:
        self._source = source
        self._opening = opening
        self._pace = pace
        self._failures = 0
        self._written = asyncio.Event()

    async def run(self, hub: Hub) -> None:
        """For ever. Raises BffError for values that no call can carry."""
        watchers = self._opening.upstream.watchers
        tell = self._written.set
        watchers.append(tell)
        try:
            while True:
                self._written.clear()
                told = hub.told
                made = await self._once(hub)
                if made and hub.told == told:
                    hub.owe(made * self._source.weight)
                await self._pause()
        finally:
            watchers.remove(tell)

    async def _once(self, hub: Hub) -> int:
        """Ask, and tell what has changed. How many calls were made: what a cache had is none."""
        context = Context(self._opening.scope())
        try:
            self._tell(await _loaded(context, self._source.connector, self._opening.values), hub)
        except UpstreamError as error:
            self._failures += 1
            hub.tell(error)
        finally:
            context.abandon()
        return sum([exchange.made for exchange in context.scope.exchanges])

    def _tell(self, found: Any, hub: Hub) -> None:
        """Raises UpstreamMalformed."""
        changes = self._each(found) if self._source.each is not None else {STATE: found}
        again = self._failures > 0 and self._source.state  # after a failure, what still holds is told too
        self._failures = 0
        hub.keep(changes)
        hub.well()
        for name, event in changes.items():
            if again or hub.known.get(name, _NOTHING) != event:
                hub.put(event, name)

    def _each(self, found: Any) -> Mapping[Any, Any]:
        """The rows by what tells them apart; of equal ones the first counts. Raises UpstreamMalformed."""
        read = reader(self._source.each or "")
        rows: dict[str, Any] = {}
        for row in found or ():
            value = read(row)
            if value is None or isinstance(value, (dict, list)):
                detail = f"{self._source.label}: a row without its {shown(self._source.each or '')}"
                raise UpstreamMalformed(self._opening.upstream.name, detail=detail)
            rows.setdefault(key_text(value), row)
        return rows

    async def _pause(self) -> None:
        """Until the next call is due; a write makes it due, though not at once if one was just made."""
        wait, least = self._pace.poll(self._source.every, self._failures), self._pace.least
        await asyncio.sleep(least)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait - least):
                await self._written.wait()


async def _loaded(context: Context, connector: Connector, values: Mapping[str, Any]) -> Any:
    """What a connected field of these values would have: for a list of keys, a row for each that has one."""
    needed = {*connector.key, *(each.name for each in connector.template.variables if each.in_path)}
    if any(values.get(name) is None for name in needed):
        return nothing(connector)
    listed = [name for name in connector.key if isinstance(values[name], list)] if len(connector.key) == 1 else []
    if not listed:
        return await context.waves.begin(connector, values, ())
    loads = [context.waves.begin(connector, {**values, listed[0]: key}, ()) for key in values[listed[0]]]
    found = await asyncio.gather(*loads)
    return [row for rows in found for row in rows] if connector.many else [row for row in found if row is not None]
