"""What the parents of a fetched field want loaded, found for all of them together.

The common case is one connector whose key is in the parent's JSON: one pass over the rows, one load for each distinct
key. Pages, lists of keys and several connectors go the general way, one parent at a time (`bff.plan.fetch`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from bff.connectors import FromParent
from bff.connectors.path import member, read_all
from bff.connectors.rows import nothing
from bff.errors import BffError
from bff.plan.fetch import Arguments, asks_for_none
from bff.plan.load import Load, fingerprint_of_rest
from bff.plan.resolve import Fetching
from bff.plan.waves import Waves


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
Keys = Callable[[Sequence[Any]], list[Any]]


Values = Mapping[str, Any]  # of a connector's variables
Tickets = Sequence[Hashable]  # for each row, under what its want is found
Wanted = tuple[Tickets, dict[Hashable, Want | None]]

PLAIN = ({int}, {str})  # values of one of these are equal only where they are the same key
NULL = type(None)


class Wants:
    """How one field's parents say what they want."""

    __slots__ = (
        "_bound",
        "_certain",
        "_exact",
        "_fetching",
        "_fixed",
        "_general",
        "_read",
        "_rest_is_fixed",
        "_spread",
        "_varying",
        "alone",
        "connector",
        "member",
    )

    def __init__(self, fetching: Fetching) -> None:
        bound = fetching.calls[0]
        connector = bound.call.connector
        varies = {name: binding for name, binding in bound.call.bindings.items() if isinstance(binding, FromParent)}
        self._fetching = fetching
        self._bound = bound
        self.connector = connector
        self.alone = False  # nobody else asks this connector: there is nobody to wait for
        self._fixed = tuple((name, bind) for name, bind in bound.binds if name not in varies)
        self._varying = tuple((name, bind) for name, bind in bound.binds if name in varies)
        self.member = member(next(iter(varies.values())).path) if len(varies) == 1 else None
        self._read: Keys | None = None
        self._exact = False
        self._rest_is_fixed = varies.keys() <= set(connector.key)
        self._certain = bound.needed.difference(varies)  # what has to be known before any row
        self._spread = tuple(name for name in bound.spread if name not in varies)
        self._general = len(fetching.calls) > 1 or connector.paging is not None or not connector.repeatable

    def read_by(self, keys: Keys, *, certain: bool) -> None:
        """From now on read keys so, where rows have them as attributes; `certain`: they are there, and of one kind."""
        self._read, self._exact = keys, certain

    def of(self, waves: Waves, rows: Sequence[Any], arguments: Arguments) -> Wanted:
        """What the rows want, each thing once; None for what is to be found the general way."""
        if self._general:
            return everything(rows)
        if asks_for_none(self._fetching.field, self._fetching.calls, arguments):
            return [0] * len(rows), {0: Came([])}
        fixed = {name: bind(None, arguments) for name, bind in self._fixed}
        if not self._varying:
            return [0] * len(rows), {0: self._want(waves, fixed, b"")}
        rest = fingerprint_of_rest(self.connector, fixed) if self._rest_is_fixed else b""
        if self.member is not None:
            keys = read_all(rows, self.member)
            if keys is not None and set(map(type, keys)) in PLAIN:
                name = self._varying[0][0]
                return keys, {key: self._want(waves, {**fixed, name: key}, rest) for key in dict.fromkeys(keys)}
        varying = [{name: bind(row, arguments) for name, bind in self._varying} for row in rows]
        return range(len(rows)), {at: self._want(waves, fixed | each, rest) for at, each in enumerate(varying)}

    def distinct(self, rows: Sequence[Any], arguments: Arguments) -> tuple[Tickets, dict[Hashable, Values]] | None:
        """Under which ticket each row's load is found, and the variables of each; the ticket None is for no load.

        None where that is not plainly one key in the JSON of each row.
        """
        if self._general or asks_for_none(self._fetching.field, self._fetching.calls, arguments):
            return None
        fixed = {name: bind(None, arguments) for name, bind in self._fixed}
        for name in self._certain:
            if fixed.get(name) is None:
                return None
        for name in self._spread:
            if isinstance(fixed[name], list):
                return None
        return ([0] * len(rows), {0: fixed}) if not self._varying else self._by_key(rows, fixed)

    def _by_key(self, rows: Sequence[Any], fixed: Values) -> tuple[Tickets, dict[Hashable, Values]] | None:
        """The same where each row has a key."""
        keys = self._keys(rows)
        if keys is None:
            return None
        loads = dict.fromkeys(keys)
        loads.pop(None, None)
        name = self._varying[0][0]
        return keys, {key: {**fixed, name: key} for key in loads}

    def _keys(self, rows: Sequence[Any]) -> list[Any] | None:
        """The key of each row; None where that is not plainly one."""
        if self.member is None:
            return None
        try:
            keys, exact = (self._read(rows), self._exact) if self._read else (read_all(rows, self.member), False)
        except AttributeError:  # some were read whole
            keys, exact = read_all(rows, self.member), False
        if exact or keys is None:
            return keys
        kinds = set(map(type, keys))  # of all of them: in a dict 1 and True are one
        kinds.discard(NULL)
        return keys if kinds in PLAIN else None

    def _want(self, waves: Waves, values: Mapping[str, Any], rest: bytes) -> Want | None:
        bound, connector = self._bound, self.connector
        if any([values.get(name) is None for name in bound.needed]):  # noqa: C419 - half the time of a generator
            return Came(nothing(connector))
        if any([isinstance(values[name], list) for name in bound.spread]):  # noqa: C419
            return None
        try:
            return waves.ask(connector, Load(connector, values, rest=rest), at_once=self.alone)
        except BffError as error:
            return Came(error=error)


def everything(rows: Sequence[Any]) -> Wanted:
    """All of it to be found the general way, one row at a time."""
    return range(len(rows)), dict.fromkeys(range(len(rows)))
