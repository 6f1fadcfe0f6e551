"""Waves: loads wait until everything above them has arrived, so that a hundred parents make one call.

Each connector has one loader in each operation, which collects keys and remembers what was loaded. Steps of a plan ask
for all that their parents want at once. What code and graphql-core ask for one at a time comes through an aiodataloader
and does not call at once: a load at path `airports.city` waits while any load at `airports` is on its way, since that
one may bring more parents. Of all waiting loads, one with the shortest path waits for nothing, so nothing waits for
ever. Knows no field and no schema.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from aiodataloader import DataLoader

from bff import codec
from bff.connectors import Connector
from bff.connectors.rows import Key, key_of
from bff.errors import BffError, OperationAbandoned
from bff.plan.call import call_batch, call_one
from bff.plan.scope import Path, Scope

# Turns of the event loop between a field's arrival and its children's loads: the relay, gather, the waiting
# task, the children's own tasks, and three turns that aiodataloader takes to dispatch. A turn costs microseconds.
SETTLE_TURNS = 12

# Turns in which fields that begin together, code among them, have asked for what they want.
SIBLING_TURNS = 4


def _as_it_is(found: Any) -> Any:
    return found


class Load:
    """One thing to load: a connector's variables, and where in the operation it is wanted."""

    __slots__ = ("_future", "_waits", "done", "error", "identity", "key", "paths", "rest", "value", "values")

    def __init__(self, connector: Connector, values: Mapping[str, Any], path: Path = (), rest: bytes = b"") -> None:
        """`rest` is the fingerprint of the variables that are no key, where it is known already."""
        self.values = values
        self.key: Key = key_of(connector, values)
        self.rest = rest or fingerprint_of_rest(connector, values)
        self.identity = (self.rest, self.key)
        self.paths = [path]
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self._waits: list[Wait] = []
        self._future: asyncio.Future[Any] | None = None

    @property
    def future(self) -> asyncio.Future[Any]:
        """What it brings, for who waits for this one alone."""
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
            if self.done:
                self._tell(self._future)
        return self._future

    def settle(self, value: Any = None, error: BaseException | None = None) -> None:
        """It has come, or will never come; the first word counts."""
        if self.done:
            return
        self.done, self.value, self.error = True, value, error
        for wait in self._waits:
            wait.one_came()
        self._waits.clear()
        if self._future is not None:
            self._tell(self._future)

    def told(self, wait: Wait) -> None:
        self._waits.append(wait)

    def _tell(self, future: asyncio.Future[Any]) -> None:
        if future.done():
            return
        if self.error is None:
            future.set_result(self.value)
        else:
            future.set_exception(self.error)
            future.exception()  # whoever asked may be gone


class Wait:
    """One future for many loads: done when the last of them is."""

    __slots__ = ("_missing", "future")

    def __init__(self, missing: int) -> None:
        self._missing = missing
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def one_came(self) -> None:
        self._missing -= 1
        if not self._missing and not self.future.done():
            self.future.set_result(None)


async def all_come(loads: Collection[Load]) -> None:
    """Until each of these has come or failed. Loads never hang: a close of the operation settles them."""
    missing = [load for load in loads if not load.done]
    if missing:
        wait = Wait(len(missing))
        for load in missing:
            load.told(wait)
        await wait.future


def fingerprint_of_rest(connector: Connector, values: Mapping[str, Any]) -> bytes:
    """Equal for loads that differ in their key alone, which one call can bring."""
    rest = {name: value for name, value in values.items() if name not in connector.key}
    return codec.fingerprint(rest) if rest else NO_REST


NO_REST = b"{}"


class Waves:
    """The loaders of one operation and what is on its way at which path."""

    __slots__ = ("_asked", "_closed", "_loaders", "_on_the_way", "_scope", "_turns", "serial")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._loaders: dict[Connector, _Loader] = {}
        self._on_the_way: dict[Path, int] = {}
        self.serial = False  # set for mutations, whose top fields run one after another
        self._closed = False
        self._asked = False  # and a dispatch will follow
        self._turns = 0  # of the event loop, until what has arrived has asked for what is below it

    def begin(self, connector: Connector, values: Mapping[str, Any], path: Path) -> asyncio.Future[Any]:
        """A future of what the connector brings; relayed, so whoever stops waiting harms nobody else.

        `path` is where in the operation it is wanted; the empty path waits for nothing.

        A call that changes something is made at once and each time; what was loaded before it is forgotten.
        """
        if not connector.safe and not connector.batched:
            self.forget()
            return relayed(self._scope.spawn(call_one(self._scope, connector, values)))
        return relayed(self._loader(connector).request(values, path))

    def ask(self, connector: Connector, load: Load, *, at_once: bool = False) -> Load:
        """The load that brings what `load` wants, itself or an equal one. It waits for nothing but its siblings.

        Only for calls that can be made once for all who want them: safe ones and batches. With `at_once` whoever asks
        has no siblings, and says when it has asked for all it wants (`dispatch`).
        """
        loader = self._loader(connector)
        known = loader.join(load)
        if known is load and not at_once and not self._asked:
            self._asked = True
            turns(SIBLING_TURNS, self._dispatch)
        return known

    def dispatch(self, connector: Connector) -> None:
        """Call for what was asked `at_once`."""
        self._loader(connector).dispatch()

    def _loader(self, connector: Connector) -> _Loader:
        found = self._loaders.get(connector)
        if found is None:
            found = self._loaders[connector] = _Loader(self._scope, self, connector)
            if self._closed:
                found.close()
        return found

    def track(
        self,
        work: asyncio.Future[Any],
        path: Path,
        shown: Callable[[BaseException], BaseException] = _as_it_is,
        made: Callable[[Any], Any] = _as_it_is,
    ) -> asyncio.Future[Any]:
        """Count `work`, a field's own, as on its way at `path` until it is done. Relayed, as loads are.

        A field at the top of a mutation may change anything, so what was loaded before it is forgotten.
        """
        if self.serial and len(path) == 1:
            self.forget()
        self._on_the_way[path] = self._on_the_way.get(path, 0) + 1
        work.add_done_callback(partial(self._arrived, path))
        return relayed(work, shown, made)

    @property
    def busy(self) -> bool:
        """Whether any load may have to wait."""
        return self._turns > 0 or bool(self._on_the_way)

    def blocked(self, path: Path) -> bool:
        """Whether something above `path` is on its way still, or has just arrived and may ask for more."""
        return len(path) > 1 and (
            self._turns > 0 or any(path[:length] in self._on_the_way for length in range(1, len(path)))
        )

    def forget(self) -> None:
        """What was loaded so far may be true no more. What is still on its way is left alone."""
        for loader in self._loaders.values():
            loader.forget()

    def wake(self) -> None:
        """Look again, in a moment, at what waits."""
        idle, self._turns = self._turns == 0, SETTLE_TURNS
        if idle:
            asyncio.get_running_loop().call_soon(self._settle)

    def close(self) -> None:
        """Whoever waits is told that nothing will come, and so is whoever asks from now on."""
        self._closed = True
        for loader in self._loaders.values():
            loader.close()
        self._loaders.clear()  # they know this object: what is over is freed at once, without the collector

    def _arrived(self, path: Path, _work: asyncio.Future[Any]) -> None:
        self._on_the_way[path] -= 1
        if not self._on_the_way[path]:
            del self._on_the_way[path]
            self.wake()

    def _settle(self) -> None:
        """Every arrival starts the count anew, so that arrivals close together bring one batch below them."""
        self._turns -= 1
        if self._turns:
            asyncio.get_running_loop().call_soon(self._settle)
            return
        self._dispatch()

    def _dispatch(self) -> None:
        self._asked = False
        for loader in list(self._loaders.values()):
            loader.dispatch()


def _parted(loads: list[Load], blocked: Callable[[Path], bool]) -> tuple[list[Load], list[Load]]:
    """Those that wait for nothing, and those that do."""
    ready = [load for load in loads if not all(blocked(path) for path in load.paths)]
    taken = set(map(id, ready))
    return ready, [load for load in loads if id(load) not in taken]


def _identity(load: Load) -> Any:
    return load.identity


class _Loader:
    """One connector's loads in one operation."""

    __slots__ = ("_closed", "_collector", "_connector", "_known", "_scope", "_waiting", "_waves")

    def __init__(self, scope: Scope, waves: Waves, connector: Connector) -> None:
        self._collector: DataLoader[Load, None] | None = None  # of what is asked for one at a time
        self._scope = scope
        self._waves = waves
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
            self._waves.wake()  # what waited at another path may wait for nothing at this one
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
        if self._waves.busy:
            ready, self._waiting = _parted(ready, self._waves.blocked)
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


def turns(count: int, act: Callable[[], None]) -> None:
    """Run `act` after so many turns of the event loop."""
    loop = asyncio.get_running_loop()
    loop.call_soon(act if count <= 1 else partial(turns, count - 1, act))


def relayed(
    work: asyncio.Future[Any],
    shown: Callable[[BaseException], BaseException] = _as_it_is,
    made: Callable[[Any], Any] = _as_it_is,
) -> asyncio.Future[Any]:
    """What `work` comes to, in a future of the waiter's own.

    Cancelling it leaves `work` alone; where `work` is cancelled, the waiter gets an error and not a cancellation, since
    graphql-core ends in order on errors only. A result is what `made` makes of it, an error what `shown` does, and
    nobody has to look at that.
    """
    relay = asyncio.get_running_loop().create_future()

    def arrived(done: asyncio.Future[Any]) -> None:
        error = OperationAbandoned() if done.cancelled() else done.exception()
        if relay.done():
            return
        try:
            if error is None:
                relay.set_result(made(done.result()))
        except BffError as failure:
            error = failure
        if error is not None:
            relay.set_exception(shown(error))
            relay.exception()

    work.add_done_callback(arrived)
    return relay


def _chunks(connector: Connector, loads: Iterable[Load]) -> Iterable[list[Load]]:
    """Loads that one call can bring: alike in everything but the key, and not too many."""
    if not connector.batched:
        return [[load] for load in loads]
    groups: dict[bytes, list[Load]] = {}
    for load in loads:
        groups.setdefault(load.rest, []).append(load)
    size = connector.max_batch
    return [group[at : at + size] for group in groups.values() for at in range(0, len(group), size)]
