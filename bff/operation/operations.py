"""What answers GraphQL operations: each is prepared, paid for, run, settled and observed. Knows no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from graphql import GraphQLError

from bff import codec
from bff.auth import Caller
from bff.document import Documents, Refusal
from bff.envelope import Envelope
from bff.errors import (
    BffError,
    Forbidden,
    InternalError,
    OperationAbandoned,
    QuotaExceeded,
)
from bff.execute import Asked, Executed, execute, execute_in_parts
from bff.incremental.outgoing import Outgoing
from bff.incremental.shapes import Spec
from bff.limits import Allowance, Price, check_shape, price
from bff.limits.actual import Spent, spent
from bff.limits.quota import Standing, Tier
from bff.limits.store import Ledger
from bff.mask import Masked, refused, shown
from bff.operation.asking import (
    EVERYBODY,
    NOTHING,
    Answer,
    Asking,
    Landed,
    Prepared,
    Rules,
    told_cost,
)
from bff.operation.flight import Flight, Flights, Passenger
from bff.operation.in_parts import first
from bff.operation.observed import fact_of
from bff.operation.runnable import runnable
from bff.operation.sharing import company, differs_by, freshness, heard, keeping, late
from bff.plan.context import Context
from bff.plan.graph import Graph
from bff.plan.model import Plan
from bff.plan.scope import Scope
from bff.telemetry import Observer
from bff.upstreams import NO_STORE, Upstream

Known = tuple[Prepared, str, frozenset[str], bool]  # of an envelope: by tier, scopes, and whether it may come in parts


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """What answers GraphQL operations: a graph, its upstreams, and what one operation may have."""

    graph: Graph
    documents: Documents  # those of who may see the whole schema
    upstreams: Mapping[str, Upstream]
    rules: Mapping[str, Rules]  # by tier
    ledger: Ledger
    max_page: int
    timeout: float
    observer: Observer
    running: set[asyncio.Future[Answer]] = record(default_factory=set)  # whoever waits for them
    flights: Flights[Landed] = record(default_factory=lambda: Flights(late))

    def __post_init__(self) -> None:
        """Who asks after a write, whoever made it, does not get what began before it."""
        for upstream in self.upstreams.values():
            upstream.watchers.append(self.flights.part)

    def prepare(self, envelope: Envelope, caller: Caller = EVERYBODY, *, in_parts: bool = False) -> Prepared:
        """Everything that is decided before a service is called, but the quota. Raises Refusal or BffError.

        `in_parts`: the client takes what is deferred later, if anything is.
        """
        known: Known | None = envelope.prepared
        if known and known[1:] == (caller.tier, caller.scopes, in_parts):
            return known[0]
        rules = self.rules[caller.tier]
        document = rules.documents.get(envelope.query)
        operation = document.operation(envelope.operation_name)
        variables = document.variables(operation, envelope.variables)
        lacking = self.graph.scopes - caller.scopes if self.graph.scopes else self.graph.scopes
        program = document.program(operation, variables.coerced, lacking, in_parts=in_parts and document.in_parts)
        cost = price(program.plan, variables.coerced, self.max_page)
        check(program.plan, cost, rules.allowed)
        prepared = Prepared(document, operation, program, program.plan, cost, variables)
        if not program.has_code:  # which may change what it is given
            envelope.prepared = prepared, caller.tier, caller.scopes, in_parts
        return prepared

    async def run(self, asking: Asking, passenger: Passenger[Landed] | None = None) -> Answer:
        """Answer one operation. Cancelled, a query ends as soon as its loads are told, a mutation when it is done.

        `passenger` is new, and for those who want to know of the flight.
        """
        started = asyncio.get_running_loop().time()
        prepared, passenger = None, passenger or Passenger()
        try:
            prepared = self.prepare(asking.envelope, asking.caller, in_parts=asking.parts != "")
            runnable(prepared, safe=asking.safe)
            if asking.parts and prepared.plan.in_parts:
                answer = await self._in_parts(prepared, asking, asking.parts, passenger, started)
            else:
                answer = await self._to_the_end(prepared, asking, passenger, started)
        except QuotaExceeded as refusal:
            quota = self.rules[asking.caller.tier].quota
            answer = Answer(**refused(refusal), tier=quota, standing=refusal.numbers)
        except (Refusal, BffError) as refusal:
            answer = Answer(**refused(refusal, self.rules[asking.caller.tier].audience))
        except Exception as error:  # noqa: BLE001 - whatever broke, the operation is answered, counted and logged
            self.observer.failure(asking.trace_id, "operation", error)
            answer = Answer(**refused(InternalError(asking.trace_id)))
        except asyncio.CancelledError:
            self._observed(asking, prepared, ABANDONED, passenger, started)
            raise
        if answer.deferred is None:
            self._observed(asking, prepared, ABANDONED if passenger.gone else answer, passenger, started)
        return answer

    async def finished(self) -> None:
        """Until everything that runs is done and settled, also what nobody waits for; no longer than it may take."""
        if self.running:
            await asyncio.wait(self.running, timeout=self.timeout + MARGIN)

    async def _to_the_end(
        self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float
    ) -> Answer:
        """What was reserved is always settled: where who waits may be cancelled, a task of its own sees to it.

        Between reserving and settling what is `still` there is no moment to leave in.
        """
        leave = None if prepared.plan.kind == "mutation" else passenger.leave
        work = self._paid(prepared, asking, passenger, started)
        try:
            if prepared.program.still or asking.waiting(leave):
                return await work
            return await asyncio.shield(self._begun(work))
        except asyncio.CancelledError:
            passenger.leave()
            raise

    def _begun(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """Who waits for it may be cancelled, and it is not."""
        task = asyncio.get_running_loop().create_task(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task

    async def _in_parts(
        self, prepared: Prepared, asking: Asking, spec: Spec, passenger: Passenger[Landed], started: float
    ) -> Answer:
        asking.waiting(None)
        outgoing = Outgoing(spec, self._shown(asking))
        prepared = prepared._replace(outgoing=outgoing)
        making = self._begun(self._paid(prepared, asking, passenger, started))

        def over(making: asyncio.Future[Answer]) -> None:
            answer = self._told(making, outgoing, asking)
            outgoing.end()
            self._observed(asking, prepared, answer, passenger, started)

        return await first(making, outgoing, leave=passenger.leave, over=over)

    def _told(self, making: asyncio.Future[Answer], outgoing: Outgoing, asking: Asking) -> Answer:
        """What came of an answer in parts, once all of them are out."""
        if making.cancelled():  # by force, such as of a server that waits no longer
            return ABANDONED
        error = making.exception()
        if error is not None:
            self.observer.failure(asking.trace_id, "operation", error)
            return Answer(**refused(InternalError(asking.trace_id)))
        return ABANDONED if outgoing.left else Answer(outgoing.errors)

    def _observed(
        self, asking: Asking, prepared: Prepared | None, answer: Answer, passenger: Passenger[Landed], started: float
    ) -> None:
        seconds = asyncio.get_running_loop().time() - started
        self.observer.operation(fact_of(asking, prepared, answer, passenger, seconds))

    async def _paid(self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float) -> Answer:
        """Reserve, run, settle. Who shares an execution pays as if it were alone."""
        caller, cost = asking.caller, prepared.price
        quota = self.rules[caller.tier].quota
        if quota is None:
            landed = await self._flown(prepared, asking, passenger, started)
            return self.answer(prepared, landed, asking)
        ledger = self.ledger if asking.ledger is None else asking.ledger
        ttl = self.timeout + MARGIN + asking.patience
        reservation = await ledger.reserve(caller.client, quota, max(1, cost.points), ttl=ttl)
        used = Spent(1, 0)
        if prepared.outgoing is not None:
            prepared.outgoing.reservation = reservation
        failed: list[BaseException] = []  # no name is left to hold what is raised, and with it all frames
        try:
            landed = await self._flown(prepared, asking, passenger, started)
            used = landed.used
        except BaseException as error:  # noqa: BLE001 - it is settled whatever happened, and only then raised
            failed.append(error)
            if isinstance(error, asyncio.CancelledError):  # by force, such as of a server that waits no longer
                used = spent(prepared.plan, cost, None, passenger.exchanges, self.graph.weights)
        standing = await ledger.settle(reservation, used.points)
        if failed:
            raise failed.pop()
        return self.answer(prepared, landed, asking, reservation.tier, standing)

    def _flown(
        self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float
    ) -> Awaitable[Landed]:
        def begin() -> Flight[Landed]:
            context = self.context(prepared, asking, started)
            lasting = prepared.plan.kind == "mutation"
            return Flight(context, self.executed(prepared, asking.envelope, context), lasting=lasting)

        shares = self.rules[asking.caller.tier].share and prepared.outgoing is None
        key = company(self.upstreams, prepared, asking) if shares else None
        return self.flights.fly(passenger, key, begin, started + self.timeout + asking.patience)

    def context(self, prepared: Prepared, asking: Asking, started: float) -> Context:
        """What an execution has that begins at `started`, on the event loop's clock."""
        scope = Scope(
            upstreams=self.upstreams,
            deadline=started + self.timeout + asking.patience,
            incoming=heard(self.upstreams, prepared, asking),
            scopes=asking.caller.scopes,
            claims=asking.caller.claims,
            trace=asking.trace.headers,
            max_calls=self.rules[asking.caller.tier].allowed.calls,
            client=asking.caller.client,
        )
        return Context(scope, asking.trace_id, self.observer)

    async def executed(self, prepared: Prepared, envelope: Envelope, context: Context, event: Any = None) -> Landed:
        """Run it to its end: once, or for one `event` of a subscription."""
        document, outgoing = prepared.document, prepared.outgoing
        asked = Asked(document.schema, prepared.operation, document.fragments, prepared.variables, context)
        failed: list[BaseException] = []  # no name is left to hold what is raised, and with it all frames
        try:
            if outgoing is None:
                executed = await execute(prepared.program, asked, envelope.variables, event)
            else:
                executed = await execute_in_parts(prepared.program, asked, envelope.variables, outgoing.send)
        except BaseException as error:  # noqa: BLE001 - what still runs is ended whatever happened
            failed.append(error)
        context.abandon()
        if context.scope.runs:
            await context.scope.ended()
        if failed:
            raise failed.pop()
        used = spent(prepared.plan, prepared.price, executed.data, context.scope.exchanges, self.graph.weights)
        fresh = freshness(context.scope.exchanges)
        if outgoing is not None and outgoing.in_parts:  # it has been told already
            return Landed(Executed(executed.data, []), used, b"", fresh)
        return Landed(executed, used, codec.encode(executed.data), fresh)

    def answer(
        self,
        prepared: Prepared,
        landed: Landed,
        asking: Asking,
        tier: Tier | None = None,
        standing: Standing | None = None,
    ) -> Answer:
        """What the client gets of an execution, and is told of what it cost."""
        kept = keeping(prepared, landed, asking, asyncio.get_running_loop().time()) if landed.fresh else NO_STORE
        return Answer(
            self._errors(landed, asking),
            landed.executed.data,
            ran=True,
            tier=tier,
            standing=standing.numbers if standing else NOTHING,
            extensions=told_cost(prepared.price, landed.used, standing) if standing and asking.explain else NOTHING,
            json=landed.json,
            keeping=kept,
            differs_by=() if kept == NO_STORE else differs_by(self.upstreams, prepared),
        )

    def _errors(self, landed: Landed, asking: Asking) -> list[dict[str, Any]]:
        if not landed.executed.errors:
            return []
        told = self._shown(asking)
        return [told(error) for error in landed.executed.errors]

    def _shown(self, asking: Asking) -> Callable[[GraphQLError], dict[str, Any]]:
        """What this client sees of an error."""
        masked = Masked(asking.trace_id, self.observer, self.rules[asking.caller.tier].audience)
        return lambda error: shown(error, masked)


MARGIN = 5.0  # seconds after an operation's deadline that its reservation lasts, and that a close waits for it
ABANDONED = Answer(**refused(OperationAbandoned()))


def check(plan: Plan, cost: Price, allowed: Allowance) -> None:
    """Raises what a valid operation is refused for, before anything is called."""
    if plan.denied and all(node.field.kind == "denied" for node in plan.roots):
        raise Forbidden(f"This needs the scope {' and '.join(plan.denied)}.", plan.denied)
    check_shape(plan, cost, allowed)
