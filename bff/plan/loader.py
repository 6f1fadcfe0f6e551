"""One connector's loads in one operation: collected, remembered, and called for in as few calls as can bring them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from aiodataloader import DataLoader

from bff.connectors import Connector
from bff.errors import OperationAbandoned
from bff.plan.call import call_batch, call_one
from bff.plan.load import Load
from bff.plan.scope import Path, Scope


class Ahead(Protocol):
    """What is on its way above loads, and may bring more of them."""

    @property
    def busy(self) -> bool:
        """Whether any load may have to wait."""
        ...

    def blocked(self, path: Path) -> bool:
        """Whether something above `path` is on its way still."""
        ...

    def wake(self) -> None:
        """Look again, in a moment, at what waits."""


class Loader:
    """One connector's loads in one operation."""

    __slots__ = ("_ahead", "_closed", "_collector", "_connector", "_known", "_scope", "_waiting")

    def __init__(self, scope: Scope, ahead: Ahead, connector: Connector) -> None:
        self._collector: DataLoader[Load, None] | None = None  # of what is asked for one at a time
        self._scope = scope
        self._ahead = ahead
        self._connector = connector
        self._known: dict[Any, Load] = {}
        self._waiting: list[Load] = []
        self._closed = False

    def request(self, values: Mapping[str, Any], path: Path) -> asyncio.Future[Any]:
        load = Load(self._connector, values, path)
        known = self._known.setdefault(load.identity, load)
        if known is load:
            if self._collector is None:
                self._collector = DataLoader(self._collected, get_cache_key=_identity)
            self._collector.load(known)
        elif path not in known.paths:
            known.paths.append(path)
            self._ahead.wake()  # what waited at another path may wait for nothing at this one
        return known.future

    def join(self, load: Load) -> Load:
        known = self._known.setdefault(load.identity, load)
        if known is load:
            self._waiting.append(load)
            if self._closed:
                self.close()
        return known

    async def _collected(self, loads: list[Load]) -> list[None]:
        """Take the loads in. What each brings is in its own future, so nothing is to be waited for here."""
        self._waiting += loads
        if self._closed:  # aiodataloader dispatches a little after the load, and the operation may be over by then
            self.close()
        self.dispatch()
        return [None] * len(loads)

    def forget(self) -> None:
        for load in [load for load in self._known.values() if load.done]:
            del self._known[load.identity]
            if self._collector is not None:
                self._collector.clear(load)

    def dispatch(self) -> None:
        """Call for every load that waits for nothing above it."""
        ready, self._waiting = self._waiting, []
        if self._ahead.busy:
            ready, self._waiting = _parted(ready, self._ahead.blocked)
        if not ready:
            return
        lane = self._scope.lane(self._connector.upstream)
        for chunk in _chunks(self._connector, ready):
            lane.submit(partial(self._call, chunk))

    def close(self) -> None:
        """Tell whoever still waits that nothing will come, and call no more."""
        self._closed = True
        self._collector = None  # it knows this object
        self._waiting.clear()
        for load in self._known.values():
            if not load.done:
                load.settle(error=OperationAbandoned())

    async def _call(self, chunk: list[Load]) -> None:
        try:
            if self._connector.batched:
                found = await self._batch(chunk)
            else:
                found = [await call_one(self._scope, self._connector, chunk[0].values)]
        except Exception as error:  # noqa: BLE001 - whoever waits for a key of this chunk gets it, masked at the field
            for load in chunk:
                load.settle(error=error)
            return
        for load, value in zip(chunk, found, strict=True):
            load.settle(value)

    async def _batch(self, chunk: list[Load]) -> list[Any]:
        values, keys = [load.values for load in chunk], [load.key for load in chunk]
        return await call_batch(self._scope, self._connector, values, keys)


def _identity(load: Load) -> Any:
    return load.identity


def _parted(loads: list[Load], blocked: Callable[[Path], bool]) -> tuple[list[Load], list[Load]]:
    """Those that wait for nothing, and those that do."""
    ready = [load for load in loads if not all(blocked(path) for path in load.paths)]
    taken = set(map(id, ready))
    return ready, [load for load in loads if id(load) not in taken]


def _chunks(connector: Connector, loads: Iterable[Load]) -> Iterable[list[Load]]:
    """Loads that one call can bring: alike in everything but the key, and not too many."""
    if not connector.batched:
        return [[load] for load in loads]
    groups: dict[bytes, list[Load]] = {}
    for load in loads:
        groups.setdefault(load.rest, []).append(load)
    size = connector.max_batch
    return [group[at : at + size] for group in groups.values() for at in range(0, len(group), size)]
