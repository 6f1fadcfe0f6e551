"""Running a program once: wave after wave, each step for all of its parents together.

Nothing that a service or code does is raised here: faults stand in the answer until the last wave is over. A step that
nothing holds up runs at once, without a task; one coroutine waits for all loads of a step, never one for each object.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import GraphQLError

from bff.codec import opened
from bff.errors import BffError
from bff.execute.complete import Built, failed
from bff.execute.fault import Ending
from bff.execute.info import Asked, Info, Places
from bff.execute.introspect import introspected
from bff.execute.parts import Later, Objects, Step
from bff.execute.program import Program
from bff.execute.wants import Made, Tickets, Want, everything
from bff.plan.fetch import At, arranged
from bff.plan.load import Load, all_come
from bff.plan.model import Node
from bff.plan.relay import relayed
from bff.plan.resolve import Coding, Fetching, timed

Work = Coroutine[Any, Any, None]
SETTLED = frozenset({str, int, float, bool, list, dict, type(None)})  # nothing to wait for
BELOW = ("", "")  # where code loads: below what has just arrived, so that what arrives a moment later joins its batch


@dataclass(slots=True)  # one is made for every operation, and a frozen one takes thrice as long to make
class Executed:
    """What an operation came to (GraphQL 7.1). To be read only."""

    data: dict[str, Any] | None
    errors: list[GraphQLError]


async def execute(program: Program, asked: Asked, given: Mapping[str, Any], event: Any = None) -> Executed:
    """Run the program to its end; `given` are the variables as the client sent them, `event` what a subscription got.

    It ends by itself, and early once `asked.context` is abandoned; it is not made to be cancelled.
    """
    run = Run(program.begun(), asked, given)
    await run.all(event, serial=program.plan.kind == "mutation")
    return run.ended()


class Run:
    """One run: the answer as it grows."""

    __slots__ = ("_asked", "_built", "_given", "_later", "_places", "_root", "_waves")

    def __init__(self, built: Built, asked: Asked, given: Mapping[str, Any]) -> None:
        self._built = built
        self._asked = asked
        self._given = given
        self._waves = asked.context.waves
        self._later = Later(self, len(built.steps))
        self._root: dict[str, Any] = {}
        self._places: Places | None = None

    async def all(self, event: Any, *, serial: bool) -> None:
        self._root = self._built.root.shape((event,), self._later)[0]
        if serial:
            await self._one_after_another()
        elif self._later.faulty and any(self._ends(node) for node in self._built.root.nodes if self._root[node.key]):
            return  # a field that the caller may not see leaves no answer: nothing is called for it
        elif (work := self._below(self._built.root.steps)) is not None:
            await work

    async def _one_after_another(self) -> None:
        """Each to its end (GraphQL 6.3.1), until one of them leaves no answer: what comes after it is not done."""
        root = self._built.root
        for node in root.nodes:
            step = self._built.completion.step_of.get(id(node))
            if step is not None:
                self._waves.forget()  # any of them may change anything
                work = self._begin(step.number)
                if work is not None:
                    await work
            if self._later.faulty and self._ends(node):
                return

    def _ends(self, node: Node) -> bool:
        """Whether a field at the top leaves no answer."""
        return Ending(self._later.types).ends(self._built.root.type_name, node, self._root[node.key])

    def ended(self) -> Executed:
        del self._later.run  # no circle: what is over is freed at once
        if not self._later.faulty:
            return Executed(self._root, [])
        ending = Ending(self._later.types)
        root = self._built.root
        data = ending.root(root.type_name, root.nodes, self._root)
        return Executed(data, ending.errors)

    def info(self, type_name: str, node: Node, parent: dict[str, Any] | None = None) -> Info:
        if self._places is None or self._places.answer is not self._root:
            self._places = Places(self._root)
        return Info(self._asked, type_name, node, self._root if parent is None else parent, self._places)

    def introspected(self, node: Node) -> Any:
        asked = self._asked
        try:
            return introspected(asked.schema, asked.operation, asked.fragments, node, self._given)
        except GraphQLError as error:
            return failed(error, self._later)

    def _below(self, steps: Sequence[int]) -> Work | None:
        """Begin what these steps are owed. What has to be waited for, or None."""
        if len(steps) < 2:
            return self._begin(steps[0]) if steps else None
        begun = [work for step in steps if (work := self._begin(step)) is not None]
        if len(begun) < 2:
            return begun[0] if begun else None
        return _together(begun)

    def _begin(self, number: int) -> Work | None:
        objects, rows = self._later.take(number)
        if not objects:
            return None
        step = self._built.steps[number]
        try:
            coerced = step.inputs.coerced(self._asked.variables)
            arguments = step.wired(coerced)
        except Exception as error:  # noqa: BLE001 - whatever an argument does, it fails at its field
            self._put(step, objects, [failed(error, self._later)] * len(objects))
            return None
        if isinstance(step.executable, Fetching):
            return self._fetch(step, step.executable, objects, rows, arguments)
        coding = step.executable
        found = [self._called(step, coding, made, row, coerced) for made, row in zip(objects, rows, strict=True)]
        if not SETTLED.issuperset(map(type, found)) and any(map(inspect.isawaitable, found)):
            return self._waited(step, coding, objects, found, arguments)
        return self._computed(step, coding, objects, found, arguments)

    async def _fetch(
        self, step: Step, fetching: Fetching, objects: Objects, rows: list[Any], arguments: Mapping[str, Any]
    ) -> None:
        scope = self._asked.context.scope
        ask = None if step.direct is None else step.direct.ask(scope, rows, arguments)
        if step.direct is not None and ask is not None:
            tickets, brought = ask.tickets, await step.direct.brought(scope, ask, arguments)
        else:
            tickets, brought = await self._loaded(step, fetching, opened(rows), arguments)
        step.put(objects, tickets, self._values(step, brought))
        work = self._below(step.below) if step.below else None
        if work is not None:
            await work

    async def _loaded(
        self, step: Step, fetching: Fetching, rows: list[Any], arguments: Mapping[str, Any]
    ) -> tuple[Tickets, dict[Hashable, Any]]:
        """What the rows want, each by its ticket, through the loaders that all steps share."""
        try:
            tickets, wants = step.wants.of(self._waves, rows, arguments) if step.wants else everything(rows)
        except Exception:  # noqa: BLE001 - whatever a row does, it fails at its field: one by one
            tickets, wants = everything(rows)
        if step.wants and step.wants.alone:
            self._waves.dispatch(step.wants.connector)
        if None in wants.values():
            await self._one_by_one(fetching, tickets, wants, rows, arguments)
        await all_come([want for want in wants.values() if isinstance(want, Load)])
        return tickets, {ticket: _brought(fetching, want, arguments) for ticket, want in wants.items()}

    async def _one_by_one(
        self,
        fetching: Fetching,
        tickets: Tickets,
        wants: dict[Hashable, Want | None],
        rows: list[Any],
        arguments: Mapping[str, Any],
    ) -> None:
        """Put what is wanted the general way among the wants, once it has come."""
        at = At(self._waves, ())

        async def of(row: Any) -> Want:
            try:
                return Made(await fetching.value(at, row, arguments))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this field's
                return Made(error=error)

        missing = {ticket: row for ticket, row in zip(tickets, rows, strict=True) if wants[ticket] is None}
        works = [of(row) for row in missing.values()]
        came = [await works[0]] if len(works) == 1 else await asyncio.gather(*works)
        wants.update(zip(missing, came, strict=True))

    def _values(self, step: Step, brought: dict[Hashable, Any]) -> dict[Hashable, Any]:
        """What was brought, as the answer has it; shaped once, however many parents want it."""
        if step.part is None:
            return {ticket: step.value(value, self._later) for ticket, value in brought.items()}
        kinds = set(map(type, brought.values()))
        shape = step.shape(kinds.pop()) if len(kinds) == 1 else None
        if shape is None:
            return self._mixed(step, brought)
        return dict(zip(brought, shape(list(brought.values()), self._later), strict=True))

    def _mixed(self, step: Step, brought: dict[Hashable, Any]) -> dict[Hashable, Any]:
        """The same of several kinds of values: each kind together, where it can be."""
        found: dict[Hashable, Any] = {}
        for kind in dict.fromkeys(map(type, brought.values())):
            these = {ticket: value for ticket, value in brought.items() if type(value) is kind}
            shape = step.shape(kind)
            if shape is None:
                found |= {ticket: step.value(value, self._later) for ticket, value in these.items()}
            else:
                found |= zip(these, shape(list(these.values()), self._later), strict=True)
        return found

    def _called(self, step: Step, coding: Coding, made: dict[str, Any], row: Any, coerced: dict[str, Any]) -> Any:
        try:
            told = self.info(step.type_name, step.node, made) if coding.informed else self._asked
            return coding.call(row, told, coerced)
        except BffError as error:
            return error

    async def _waited(
        self, step: Step, coding: Coding, objects: Objects, found: list[Any], arguments: Mapping[str, Any]
    ) -> None:
        context = self._asked.context
        shown = partial(coding.shown, context)
        self._waves.wake()
        waited = {
            at: relayed(timed(value, context, BELOW), shown)
            for at, value in enumerate(found)
            if inspect.isawaitable(value)
        }
        came = await asyncio.gather(*waited.values(), return_exceptions=True)
        for at, value in zip(waited, came, strict=True):
            found[at] = value
        work = self._computed(step, coding, objects, found, arguments)
        if work is not None:
            await work

    def _computed(
        self, step: Step, coding: Coding, objects: Objects, found: list[Any], arguments: Mapping[str, Any]
    ) -> Work | None:
        self._put(step, objects, [self._value(step, coding, value, arguments) for value in found])
        return self._below(step.below) if step.below else None

    def _value(self, step: Step, coding: Coding, value: Any, arguments: Mapping[str, Any]) -> Any:
        if isinstance(value, Exception):
            return failed(value, self._later)
        try:
            return step.value(coding.bounded(value, arguments), self._later)
        except BffError as error:
            return failed(error, self._later)

    def _put(self, step: Step, objects: Objects, values: Iterable[Any]) -> None:
        key = step.node.key
        for made, value in zip(objects, values, strict=True):
            made[key] = value


def _brought(fetching: Fetching, want: Want | None, arguments: Mapping[str, Any]) -> Any:
    """What a load brought, as its field has it, or the exception that says why not."""
    if want is None:
        return None
    if want.error is not None or isinstance(want, Made):
        return want.error or want.value
    try:
        return fetching.made(arranged(fetching.field, want.value, arguments))
    except Exception as error:  # noqa: BLE001 - whatever a value does, it fails at its field
        return error


async def _together(begun: list[Work]) -> None:
    await asyncio.gather(*begun)
