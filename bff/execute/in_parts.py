"""Running a program whose answer comes in parts: first what is not deferred, then each deferred part by its own wave.

A group is shaped for all of its objects at once, from rows that are there already, and its steps load as any others do;
so is the next stretch of a streamed list, one after the other. Each is a task, so that none waits for another. What
they come to is placed, and told as soon as it can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from graphql import GraphQLError

from bff.execute.complete import Built
from bff.execute.delivery import Delivery, Owing, Piece, Told
from bff.execute.info import Asked, Info, PlacesInParts
from bff.execute.parts import Group, Later, Step, Tail
from bff.execute.placing import Ended, Placing
from bff.execute.program import Program
from bff.execute.run import BELOW, Executed, Run
from bff.execute.source import Rest, Source, lost, some_ready
from bff.lastly import lastly
from bff.plan.deferral import STRETCH
from bff.plan.fetch import Arguments
from bff.plan.model import Node
from bff.plan.resolve import Coding, timed

Waiting = Group | Tail
DICTS = frozenset({dict})
Key = tuple[int, int]  # number of a group or tail, identity of the object or list


class Portion(NamedTuple):
    """What a client is sent at once. The first is `executed`, what was not deferred; after the `last` nothing comes."""

    told: Told
    last: bool
    executed: Executed | None = None


class Came(NamedTuple):
    """What came for one object or list, as it is while the plan runs. `more` is still to come for it."""

    by: Any
    value: Any
    more: bool = False
    error: Exception | None = None  # why no more come


Send = Callable[[Portion], None]


async def execute_in_parts(program: Program, asked: Asked, given: Mapping[str, Any], send: Send) -> Executed:
    """As `execute`; `send` gets each part before anything is added to it. Returns what all of it came to."""
    run = InParts(program.begun(), asked, given, send)
    await run.all(None, serial=program.plan.kind == "mutation")
    return await run.rest()


class InParts(Run):
    """One run: the answer as it grows, and as the client has it."""

    __slots__ = ("_delivery", "_errors", "_owing", "_patches", "_placing", "_send", "_works")

    def __init__(self, built: Built, asked: Asked, given: Mapping[str, Any], send: Send) -> None:
        super().__init__(built, asked, given)
        self._later = Later(self, len(built.steps), len(built.waiting), asked.variables.coerced)
        self._send = send
        self._placing = Placing(self._later.types, built.completion.parts, self._later.tails)
        self._delivery = Delivery()
        self._owing: dict[Key, list[Owing]] = {}
        self._patches: list[tuple[Any, Any]] = []  # objects, and what came for each of them later
        self._works: dict[asyncio.Task[list[Came]], Waiting] = {}
        self._errors: list[GraphQLError] = []

    async def rest(self) -> Executed:
        """Send what came at once, and then everything else as it comes."""
        data = self._first()
        await lastly(self._others(), self._leave)
        del self._later.run  # no circle: what is over is freed at once
        return Executed(data, self._errors)

    async def _others(self) -> None:
        while self._works:
            await asyncio.wait(self._works, return_when=asyncio.FIRST_COMPLETED)
            self._next()

    def info(self, type_name: str, node: Node, parent: dict[str, Any] | None = None) -> Info:
        if self._places is None or self._places.answer is not self._root:
            self._places = PlacesInParts(self._root, self._patches)
        return super().info(type_name, node, parent)

    def _ends(self, node: Node) -> bool:
        placing = Placing(self._later.types, self._built.completion.parts, {})
        return placing.ends(self._built.root.type_name, node, self._root[node.key])

    def _first(self) -> dict[str, Any] | None:
        ended = self._placing.first(self._built.root, self._root)
        self._place(ended, None)
        self._begin_waiting()
        self._send(Portion(self._delivery.tell(), not self._works, Executed(ended.value, ended.errors)))
        data: dict[str, Any] | None = ended.value
        return data

    def _next(self) -> None:
        """What has come since."""
        for task in [task for task in self._works if task.done()]:
            waiting = self._works.pop(task)
            for came in task.result():
                self._arrived(waiting, came)
        self._begin_waiting()
        told = self._delivery.tell()
        if len(told) or not self._works:
            self._send(Portion(told, not self._works))
            self._delivery.sent(told)

    def _arrived(self, waiting: Waiting, came: Came) -> None:
        """Placed wherever it belongs: one object may stand in several places, and end differently in each."""
        key = (waiting.number, id(came.by))
        for owing in self._owing.pop(key):
            ended = self._ended(waiting, came, owing)
            more = came.more and not ended.failed
            self._place(ended, self._delivery.came(owing, ended, more=more))
            if more:
                self._owing.setdefault(key, []).append(owing)

    def _ended(self, waiting: Waiting, came: Came, owing: Owing) -> Ended:
        if isinstance(waiting, Group):
            return self._placing.fields(waiting, came.value, owing.place)
        if came.error is not None:
            return self._placing.lost(waiting, came.error, owing.place)
        return self._placing.items(waiting, came.value, owing.place, owing.start or 0)

    def _place(self, ended: Ended, carrier: Piece | None) -> None:
        self._errors += ended.errors
        for owing in self._delivery.owing(ended.places, carrier):
            self._owing.setdefault((owing.place.of.number, owing.place.at), []).append(owing)

    def _begin_waiting(self) -> None:
        """Begin what waits for objects and lists that the client will have. Stretches of one list come in order."""
        streaming = {waiting.number for waiting in self._works.values() if isinstance(waiting, Tail)}
        for waiting in self._built.waiting:
            if waiting.number not in streaming and (taken := self._take(waiting)):
                work = self._fields(waiting, taken) if isinstance(waiting, Group) else self._items(waiting, taken)
                self._works[asyncio.ensure_future(work)] = waiting

    def _take(self, waiting: Waiting) -> list[tuple[Any, Any]]:
        kept = list(zip(*self._later.kept[waiting.number], strict=True))
        taken = [pair for pair in kept if (waiting.number, id(pair[0])) in self._owing]
        left = [pair for pair in kept if (waiting.number, id(pair[0])) not in self._owing]
        self._later.kept[waiting.number] = ([by for by, _ in left], [what for _, what in left])
        return taken

    async def _fields(self, group: Group, taken: list[tuple[Any, Any]]) -> list[Came]:
        rows = [row for _, row in taken]
        plain = DICTS.issuperset(map(type, rows))  # others, which code made, are read the general way
        patches = (group.part.shape if plain else partial(self._built.completion.shape, group.part))(rows, self._later)
        self._patches += [(by, patch) for (by, _), patch in zip(taken, patches, strict=True)]
        await self._all_below(group.part.steps)
        return [Came(by, patch) for (by, _), patch in zip(taken, patches, strict=True)]

    async def _items(self, tail: Tail, taken: list[tuple[list[Any], Rest]]) -> list[Came]:
        """The next stretch of these lists; what is left of them is kept for the one after it."""
        await some_ready([rest for _, rest in taken])
        came: list[Came] = []
        room = STRETCH
        for made, rest in taken:
            rows = [rest.popleft() for _ in range(min(room, len(rest)))]
            room -= len(rows)
            items = [self._built.completion.one(tail, row, self._later) for row in rows]
            made.extend(items)
            error = None if rows else lost(rest)
            if error is None and rest:
                self._later.keep(tail, made, rest)
            if items or not rest or error is not None:
                came.append(Came(made, items, more=bool(rest), error=error))
        await self._all_below(tail.below)
        return came

    def _called(self, step: Step, coding: Coding, made: dict[str, Any], row: Any, coerced: dict[str, Any]) -> Any:
        tail = self._built.completion.tail_of.get(id(step.node))
        if tail is None:
            return super()._called(step, coding, made, row, coerced)
        begun = coding.begun(row, self.info(step.type_name, step.node, made), coerced)
        return self._opened(coding, begun, step.wired(coerced), self._later.initial(tail))

    async def _opened(self, coding: Coding, begun: Awaitable[Any], arguments: Arguments, count: int) -> Any:
        """A list; of one that comes as it comes, what there is once the first items have."""
        found, context = await begun, self._asked.context
        if not isinstance(found, AsyncIterable):
            return found
        source = Source()
        items = coding.yielded(found, context, arguments)
        timed(source.read(items, partial(coding.shown, context)), context, BELOW)
        await source.has(count)
        return source

    async def _all_below(self, steps: Sequence[int]) -> None:
        work = self._below(steps)
        if work is not None:
            await work

    async def _leave(self) -> None:
        """Where something that may not happen did: nothing runs on."""
        if self._works:
            self._asked.context.abandon()
            await asyncio.gather(*self._works, return_exceptions=True)
