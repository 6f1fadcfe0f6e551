"""One thing to load, and those who wait for it. Knows neither who calls for it nor when."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from bff import codec
from bff.connectors import Connector
from bff.connectors.rows import Key, key_of
from bff.plan.scope import Path

NO_REST = b"{}"


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
