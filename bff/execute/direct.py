"""Steps whose loads no other step can want: one call for all parents, in the step's own task and with nothing between.

Loaders, lanes and turns of the event loop are there for loads that meet (`bff.plan.waves`). Where a connector stands at
one place of a plan, and no code runs that could load from it, there is nobody to meet.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from bff.codec import Rows, opened
from bff.connectors import Connector
from bff.connectors.rows import Key, keys_of, nothing
from bff.errors import OperationAbandoned
from bff.execute.wants import Tickets, Values, Wants
from bff.plan.call import call_batch, call_one
from bff.plan.fetch import Arguments, arranged
from bff.plan.model import Node
from bff.plan.resolve import Fetching
from bff.plan.scope import Scope

NO_ARGUMENTS: Arguments = {}
DICTS: frozenset[type] = frozenset({dict, type(None)})


class Ask:
    """What the parents want: of each row its ticket, of each ticket the variables and the key of its load."""

    __slots__ = ("keys", "loads", "tickets")

    def __init__(self, tickets: Tickets, loads: Mapping[Hashable, Values], keys: Sequence[Key]) -> None:
        self.tickets = tickets
        self.loads = loads
        self.keys = keys


class Direct:
    """How such a step asks its one connector."""

    __slots__ = (
        "_batched",
        "_connector",
        "_decode",
        "_fetching",
        "_kinds",
        "_plain",
        "_raw",
        "_sliced",
        "_wants",
        "most",
    )

    def __init__(self, node: Node, fetching: Fetching, wants: Wants) -> None:
        field = node.field
        self._connector = wants.connector
        self._batched = wants.connector.batched
        self._fetching = fetching
        self._wants = wants
        self._decode: Rows | None = None
        self._kinds = DICTS
        # a row that came is the field's value as it is
        self._plain = not (fetching.convert or field.lists or field.rule or field.source.path or field.source.entries)
        bound = field.bound
        self._sliced = bool(bound and bound.asked)
        self._raw = False  # who takes the rows finds out whether they are what the field has
        # how long a list of rows may be that the client has no say in
        self.most = None if bound is None or self._sliced else bound.most()

    @property
    def row(self) -> type | None:
        """The kind of row of which only what is of use was read."""
        return self._decode.row if self._decode else None

    def read(self, rows: Rows) -> None:
        """From now on make of rows only what is of use; who takes them asks whether they are right (`opened`)."""
        self._decode = rows
        self._raw = not self._sliced
        self._kinds = DICTS | {rows.row}

    def opened(self, found: Any) -> Any:
        """What came, as the field has it, and as the JSON that it came of; or the exception that says why not."""
        return opened(self._made(found, NO_ARGUMENTS) if self._raw else found)

    def ask(self, scope: Scope, rows: Sequence[Any], arguments: Arguments) -> Ask | None:
        """What one batch can bring for all of these rows, or calls that run at once; None for the general way."""
        try:
            found = self._wants.distinct(rows, arguments)
            if found is None or not self._at_once(scope, len(found[1])):
                return None
            return Ask(*found, keys_of(self._connector, found[1].values()))
        except Exception:  # noqa: BLE001 - whatever a row does, it fails at its field: the general way
            return None

    def _at_once(self, scope: Scope, loads: int) -> bool:
        """Whether so many loads are one batch, or calls that need not wait for each other."""
        if loads < 2:
            return loads == 1
        return loads <= (self._connector.max_batch if self._batched else scope.width(self._connector.upstream))

    async def brought(self, scope: Scope, ask: Ask, arguments: Arguments) -> dict[Hashable, Any]:
        """The field's value by ticket, or the exception that says why there is none."""
        try:
            if self._batched or len(ask.loads) == 1:
                rows = await self._called(scope, ask)
            else:
                calls = [call_one(scope, self._connector, values, self._decode) for values in ask.loads.values()]
                rows = await scope.each(calls)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this field's
            found: dict[Hashable, Any] = dict.fromkeys(ask.loads, error)
        else:
            found = dict(zip(ask.loads, rows, strict=True))
            if not self._raw and not (self._plain and self._kinds.issuperset(map(type, rows))):
                found = {ticket: self._made(row, arguments) for ticket, row in found.items()}
        if None in ask.tickets:
            found[None] = nothing(self._connector)
        return found

    async def _called(self, scope: Scope, ask: Ask) -> list[Any]:
        task = scope.enter()
        try:
            if self._batched:
                return await call_batch(scope, self._connector, list(ask.loads.values()), ask.keys, self._decode)
            (values,) = ask.loads.values()
            return [await call_one(scope, self._connector, values, self._decode)]
        except asyncio.CancelledError:
            if scope.closed and task.uncancel() == 0:
                raise OperationAbandoned from None
            raise  # not the operation is over: we are told to stop
        finally:
            scope.leave(task)

    def _made(self, row: Any, arguments: Arguments) -> Any:
        if isinstance(row, Exception):
            return row
        try:
            return self._fetching.made(arranged(self._fetching.field, row, arguments))
        except Exception as error:  # noqa: BLE001 - whatever a value does, it fails at its field
            return error


def lonely(nodes: Iterable[Node]) -> frozenset[Connector]:
    """The connectors that stand at one of these places alone."""
    stand = Counter(call.connector for node in nodes for call in node.field.calls)
    return frozenset(connector for connector, places in stand.items() if places == 1)
