"""The same operation by graphql-core and by the compiled executor, and where their answers may differ.

graphql-core visits every object and field; it is the oracle. Both run over the same graph, the same services and the
same caller, and what a client would read of either is compared: `data` byte by byte, errors as sets.

Where a null was propagated, GraphQL (6.4.4) leaves open which of several errors below is told: each executor must tell
at least one there, and nothing is said of which. Everything else is equal exactly.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

import strawberry
from graphql import execute as execute_by_core

from bff import codec
from bff.document import Document, DocumentLimits, Documents
from bff.execute import Asked, Program, execute
from bff.execute.program import EMIT_AT
from bff.mask import Masked, shown
from bff.plan.compile import compile_plan
from bff.plan.context import Context
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install
from bff.plan.model import Plan
from bff.plan.scope import Scope
from bff.telemetry import Silent
from bff.upstreams import Request, Sender, Upstream, UpstreamSettings

LIMITS = DocumentLimits(tokens=100_000, directives=1_000, introspection=True)
SETTINGS = UpstreamSettings(
    timeout=60,
    connect_timeout=60,
    max_in_flight=1_000,
    queue_size=1_000,
    queue_wait=60,
    max_response=10**9,
    max_decoded=10**9,
)


@dataclass(frozen=True)
class Outcome:
    """What a client reads, and the calls that were made for it."""

    data: Any
    errors: list[dict[str, Any]]
    calls: Counter[str]

    @property
    def text(self) -> str:
        return codec.encode(self.data).decode()


@dataclass
class Question:
    """One operation and who asks it."""

    query: str
    variables: Mapping[str, Any] = record(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    name: str | None = None
    timeout: float = 60.0


@dataclass
class World:
    """A graph and its services: `senders` by upstream."""

    graph: Graph
    senders: Mapping[str, Sender]
    documents: Documents = record(init=False)

    def __post_init__(self) -> None:
        install(self.graph)
        self.documents = Documents(self.graph, LIMITS, 1_000)

    def context(self, question: Question, calls: Counter[str]) -> Context:
        upstreams = {
            name: Upstream(name, counted, SETTINGS, _no_stream, counted)
            for name, counted in ((name, _Counted(sender, calls)) for name, sender in self.senders.items())
        }
        deadline = asyncio.get_running_loop().time() + question.timeout
        return Context(Scope(upstreams, deadline, scopes=question.scopes), "trace", Silent())

    def plan(self, question: Question) -> Plan:
        """Raises Refusal, and OperationTooComplex."""
        document = self.documents.get(question.query)
        operation = document.operation(question.name)
        variables = document.variables(operation, question.variables)
        switches = {name: bool(variables.coerced.get(name)) for name in document.switches}
        lacking = self.graph.scopes - question.scopes
        return compile_plan(self.graph, document.node, operation, switches, lacking=lacking)

    def coerced(self, question: Question) -> dict[str, Any]:
        document = self.documents.get(question.query)
        return document.variables(document.operation(question.name), question.variables).coerced

    def general(self, question: Question) -> Program:
        """The operation as it runs the first time; only the first time."""
        return Program(self.graph, self.plan(question))

    def generated(self, question: Question) -> Program:
        """The operation as it runs from the second time on: by the functions that were made for it."""
        program = self.general(question)
        for _ in range(EMIT_AT):
            program.begun()
        return program

    async def by_core(self, question: Question) -> Outcome:
        """What graphql-core answers."""
        document, calls = self.documents.get(question.query), Counter[str]()
        context = self.context(question, calls)
        context.waves.serial = document.operation(question.name).operation.value == "mutation"
        try:
            result: Any = execute_by_core(
                self.graph.schema,
                document.node,
                context_value=context,
                variable_values=dict(question.variables),
                operation_name=question.name,
                hide_suggestions=True,
            )
            if inspect.isawaitable(result):
                result = await result
            await _quiet(context.scope.deadline)
        finally:
            await context.aclose()
        return _outcome(result, context, calls)

    async def by_program(self, question: Question, program: Program) -> Outcome:
        """What the compiled executor answers, in the program's next run."""
        document, calls = self.documents.get(question.query), Counter[str]()
        context = self.context(question, calls)
        try:
            result = await execute(program, self.asked(document, question, context), question.variables)
        finally:
            await context.aclose()
        return _outcome(result, context, calls)

    def asked(self, document: Document, question: Question, context: Context) -> Asked:
        operation = document.operation(question.name)
        variables = document.variables(operation, question.variables)
        return Asked(self.graph.schema, operation, document.fragments, variables, context)


def world(schema: strawberry.Schema, senders: Mapping[str, Sender]) -> World:
    """A world over this schema."""
    return World(read_graph(schema), senders)


def disagreement(expected: Outcome, found: Outcome) -> str | None:
    """In what two answers to one question differ; None for answers that a client may take for each other."""
    if expected.text != found.text:
        return f"data: {expected.text}\n  not {found.text}"
    for null in {*_nulls(expected), *_nulls(found)}:
        one, other = _nulls(expected).get(null, set()), _nulls(found).get(null, set())
        propagated = any(not own for own, _ in (*one, *other))
        if propagated and one and other:
            continue
        if one != other:
            return f"errors at {null}: {sorted(one)}\n  not {sorted(other)}"
    return None


def propagated(outcome: Outcome) -> bool:
    """Whether a null in the data stands for an error below it."""
    return any(not own for told in _nulls(outcome).values() for own, _ in told)


def _nulls(outcome: Outcome) -> dict[tuple[str | int, ...], set[tuple[bool, str]]]:
    """Errors by the null in the data that they stand for, with whether they happened at this null itself."""
    found: dict[tuple[str | int, ...], set[tuple[bool, str]]] = {}
    for error in outcome.errors:
        path = tuple(error.get("path", ()))
        null = _null_above(outcome.data, path)
        found.setdefault(null, set()).add((null == path, codec.fingerprint(error).decode()))
    return found


def _null_above(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    for length, step in enumerate(path):
        if data is None:
            return path[:length]
        data = data[step]
    assert data is None, f"an error at {path}, where there is a value"
    return path


def _outcome(result: Any, context: Context, calls: Counter[str]) -> Outcome:
    masked = Masked(context.trace_id, context.observer)
    return Outcome(result.data, [shown(error, masked) for error in result.errors or ()], calls)


def _no_stream(_head: float, _idle: float) -> Sender:
    raise NotImplementedError("operations read answers whole")


async def _quiet(deadline: float) -> None:
    """Until nothing runs any more: graphql-core answers a null as soon as it knows it, and leaves the rest to end."""
    clock = asyncio.get_running_loop().time
    while len(asyncio.all_tasks()) > 1 and clock() < deadline:  # noqa: ASYNC110 - there is no event for that
        await asyncio.sleep(0)


class _Counted:
    """A sender that notes what it is asked."""

    def __init__(self, inner: Sender, calls: Counter[str]) -> None:
        self._inner = inner
        self._calls = calls

    async def send(self, request: Request) -> Any:
        self._calls[request.label] += 1
        await asyncio.sleep(0)
        return await self._inner.send(request)

    async def aclose(self) -> None:
        """The inner one belongs to the world."""
