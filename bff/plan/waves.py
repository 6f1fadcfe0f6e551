"""Waves: loads wait until everything above them has arrived, so that a hundred parents make one call.

Each connector has one loader in each operation, which collects keys and remembers what was loaded. Steps of a plan ask
for all that their parents want at once. What code and graphql-core ask for one at a time comes through an aiodataloader
and does not call at once: a load at path `airports.city` waits while any load at `airports` is on its way, since that
one may bring more parents. Of all waiting loads, one with the shortest path waits for nothing, so nothing waits for
ever. Knows no field and no schema.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bff.connectors import Connector
from bff.plan.call import call_one
from bff.plan.load import Load
from bff.plan.loader import Loader
from bff.plan.relay import as_it_is, relayed
from bff.plan.scope import Path, Scope

# Turns of the event loop between a field's arrival and its children's loads: the relay, gather, the waiting
# task, the children's own tasks, and three turns that aiodataloader takes to dispatch. A turn costs microseconds.
SETTLE_TURNS = 12

# Turns in which fields that begin together, code among them, have asked for what they want.
SIBLING_TURNS = 4


class Waves:
    """The loaders of one operation and what is on its way at which path."""

    __slots__ = ("_asked", "_closed", "_loaders", "_on_the_way", "_scope", "_turns", "serial")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._loaders: dict[Connector, Loader] = {}
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

    def _loader(self, connector: Connector) -> Loader:
        found = self._loaders.get(connector)
        if found is None:
            found = self._loaders[connector] = Loader(self._scope, self, connector)
            if self._closed:
                found.close()
        return found

    def track(
        self,
        work: asyncio.Future[Any],
        path: Path,
        shown: Callable[[BaseException], BaseException] = as_it_is,
        made: Callable[[Any], Any] = as_it_is,
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


def turns(count: int, act: Callable[[], None]) -> None:
    """Run `act` after so many turns of the event loop."""
    loop = asyncio.get_running_loop()
    loop.call_soon(act if count <= 1 else partial(turns, count - 1, act))
