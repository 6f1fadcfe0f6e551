"""What the parents of a fetched field want loaded, found for all of them together.

The common case is one connector whose key is in the parent's JSON: one pass over the rows, one load for each distinct
key. Pages, lists of keys and several connectors go the general way, one parent at a time (`bff.plan.fetch`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bff.connectors import FromParent
from bff.connectors.rows import nothing
from bff.errors import BffError
from bff.plan.fetch import Arguments, asks_for_none
from bff.plan.resolve import Fetching
from bff.plan.waves import Load, Waves, fingerprint_of_rest


class Came:
    """What is known without a load: a value, or why there is none."""

    __slots__ = ("error", "value")
    done = True

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error


class Made(Came):
    """The same, as its field has it."""

    __slots__ = ()


Want = Load | Came


class Wants:
    """How one field's parents say what they want. `general`: only one parent at a time can."""

    __slots__ = ("_bound", "_connector", "_fetching", "_fixed", "_rest_is_fixed", "_varying", "general")

    def __init__(self, fetching: Fetching) -> None:
        bound = fetching.calls[0]
        connector = bound.call.connector
        varies = {name for name, binding in bound.call.bindings.items() if isinstance(binding, FromParent)}
        self._fetching = fetching
        self._bound = bound
        self._connector = connector
        self._fixed = tuple((name, bind) for name, bind in bound.binds if name not in varies)
        self._varying = tuple((name, bind) for name, bind in bound.binds if name in varies)
        self._rest_is_fixed = varies <= set(connector.key)
        repeatable = connector.safe or connector.batched
        self.general = len(fetching.calls) > 1 or connector.paging is not None or not repeatable

    def of(self, waves: Waves, rows: Sequence[Any], arguments: Arguments) -> list[Want | None]:
        """For each row what it wants; None where that is to be found the general way."""
        connector = self._connector
        if self.general:
            return [None] * len(rows)
        if asks_for_none(self._fetching.field, self._fetching.calls, arguments):
            return [Came([])] * len(rows)
        fixed = {name: bind(None, arguments) for name, bind in self._fixed}
        if not self._varying:
            return [self._want(waves, fixed, b"")] * len(rows)
        rest = fingerprint_of_rest(connector, fixed) if self._rest_is_fixed else b""
        if len(self._varying) > 1:
            binds = self._varying
            return [
                self._want(waves, fixed | {name: bind(row, arguments) for name, bind in binds}, rest) for row in rows
            ]
        ((name, bind),) = self._varying
        known: dict[int | str, Want | None] = {}
        found: list[Want | None] = []
        for row in rows:
            value = bind(row, arguments)
            plain = type(value) is str or type(value) is int  # True == 1 == 1.0, which are not one key
            if plain and value in known:
                found.append(known[value])
                continue
            want = self._want(waves, {**fixed, name: value}, rest)
            found.append(want)
            if plain:
                known[value] = want
        return found

    def _want(self, waves: Waves, values: Mapping[str, Any], rest: bytes) -> Want | None:
        bound, connector = self._bound, self._connector
        if any(values.get(name) is None for name in bound.needed):
            return Came(nothing(connector))
        if any(isinstance(values[name], list) for name in bound.spread):
            return None
        try:
            return waves.ask(connector, Load(connector, values, rest=rest))
        except BffError as error:
            return Came(error=error)
