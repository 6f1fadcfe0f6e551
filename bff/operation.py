"""The life of a GraphQL operation, in order. Knows no HTTP: an envelope and its caller in, an answer out.

envelope    bytes -> query text, variables, extensions          (bff.envelope)
caller      credentials -> client, tier, scopes                 (bff.auth)
document    query text -> parsed and validated, cached by text  (bff.document)
plan        document + operation + @skip/@include + scopes -> every call it can make; cached
price       Plan + variables -> points, worst-case calls, depth; refused here costs the services nothing
reserve     the price is held on the client's account, or the operation is refused  (bff.limits)
flight      equal queries at the same moment share one execution  (bff.flight)
waves       steps load for all their parents at once, generated functions shape rows  (bff.execute)
settle      the actual price is charged and the rest given back
answer      data and errors, everything internal masked
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from dataclasses import field as record
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from graphql import OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues

from bff import codec
from bff.auth import ANONYMOUS, Caller
from bff.document import Document, Documents, Refusal
from bff.envelope import Envelope
from bff.errors import (
    BadRequest,
    BffError,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    OperationAbandoned,
    OperationTimeout,
    QuotaExceeded,
    UpstreamTimeout,
)
from bff.execute import Asked, Executed, Program, execute
from bff.flight import Flight, Flights, Passenger
from bff.limits import Allowance, Price, check_shape, price
from bff.limits.actual import Spent, spent
from bff.limits.quota import Standing, Tier
from bff.limits.store import Ledger
from bff.mask import Masked, cause, refused, shown
from bff.plan.context import Context
from bff.plan.graph import Graph
from bff.plan.model import Plan
from bff.plan.scope import Scope
from bff.telemetry import Freshness, Observer, OperationFact
from bff.telemetry.trace import TRACE_HEADERS, Trace, new_trace
from bff.upstreams import NO_STORE, Headers, Upstream, claimed, forwarded, response_policy, response_vary

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Answer(NamedTuple):
    """What a client gets. Without `data` the operation never ran; `status` is for response formats that show one."""

    errors: list[dict[str, Any]]
    data: dict[str, Any] | None = None
    ran: bool = False
    status: int = 200
    allow: str | None = None
    retry_after: int | None = None  # seconds
    tier: Tier | None = None  # where a quota is kept
    standing: Mapping[str, float] = NOTHING  # the numbers of where the client is with it
    extensions: Mapping[str, Any] = NOTHING
    json: bytes = b""  # of `data`, where it was written already
    keeping: str = NO_STORE  # how long the answer may be used again, and by whom: Cache-Control
    differs_by: tuple[str, ...] = ()  # the request headers that another answer may come of: Vary

    @property
    def body(self) -> dict[str, Any]:
        """The answer, with errors first, where people look for them."""
        found: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        found |= {"data": self.data} if self.ran else {}
        return found | ({"extensions": dict(self.extensions)} if self.extensions else {})

    @property
    def text(self) -> bytes:
        """The same as JSON."""
        if not self.json:
            return codec.encode(self.body)
        if not self.errors and not self.extensions:
            return b'{"data":%b}' % self.json
        return codec.encode(self.body | {"data": codec.Raw(self.json)})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operations of a tier may have: each of them, and all together where a quota is kept."""

    allowed: Allowance
    quota: Tier | None = None
    introspection: bool = True
    share: bool = True  # equal queries at the same moment
    explain: bool = False  # whether plans may be seen  (bff.explain)


class Prepared(NamedTuple):
    """An operation that may run."""

    document: Document
    operation: OperationDefinitionNode
    program: Program
    price: Price
    variables: VariableValues

    @property
    def plan(self) -> Plan:
        return self.program.plan


class Landed(NamedTuple):
    """What an execution came to, for all who shared it."""

    executed: Executed
    used: Spent
    json: bytes  # of the data
    fresh: tuple[Freshness | None, ...]  # its parts


@dataclass(frozen=True, slots=True)
class Asking:
    """One request to run an operation. `safe`: it came by GET. `explain`: the caller asks what it cost."""

    envelope: Envelope
    caller: Caller
    incoming: Headers = ()
    safe: bool = False
    trace_id: str = ""
    explain: bool = False
    trace: Trace = record(default_factory=new_trace)
    waiting: Callable[[], None] = lambda: None  # told when there is something to wait for


OPEN = "open"  # the tier of everybody, where no authentication is configured
EVERYBODY = Caller(ANONYMOUS, OPEN)


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """What answers GraphQL operations: a graph, its upstreams, and what one operation may have."""

    graph: Graph
    documents: Mapping[bool, Documents]  # with introspection, and without
    upstreams: Mapping[str, Upstream]
    rules: Mapping[str, Rules]  # by tier
    ledger: Ledger
    max_page: int
    timeout: float
    observer: Observer
    running: set[asyncio.Future[Answer]] = record(default_factory=set)  # whoever waits for them
    flights: Flights[Landed] = record(default_factory=lambda: Flights(_late))

    def prepare(self, envelope: Envelope, caller: Caller = EVERYBODY) -> Prepared:
        """Everything that is decided before a service is called, but the quota. Raises Refusal or BffError."""
        rules = self.rules[caller.tier]
        document = self.documents[rules.introspection].get(envelope.query)
        operation = document.operation(envelope.operation_name)
        variables = document.variables(operation, envelope.variables)
        lacking = self.graph.scopes - caller.scopes if self.graph.scopes else self.graph.scopes
        program = document.program(operation, variables.coerced, lacking)
        cost = price(program.plan, variables.coerced, self.max_page)
        check(program.plan, cost, rules.allowed)
        return Prepared(document, operation, program, cost, variables)

    async def run(self, asking: Asking, passenger: Passenger[Landed] | None = None) -> Answer:
        """Answer one operation. Cancelled, a query ends as soon as its loads are told, a mutation when it is done.

        `passenger` is new, and for those who want to know of the flight.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        prepared, passenger = None, passenger or Passenger[Landed]()
        try:
            prepared = self.prepare(asking.envelope, asking.caller)
            _runnable(prepared, safe=asking.safe)
            answer = await self._to_the_end(prepared, asking, passenger, started)
        except QuotaExceeded as refusal:
            quota = self.rules[asking.caller.tier].quota
            answer = Answer(**refused(refusal), tier=quota, standing=refusal.numbers)
        except (Refusal, BffError) as refusal:
            answer = Answer(**refused(refusal))
        except Exception as error:  # noqa: BLE001 - whatever broke, the operation is answered, counted and logged
            self.observer.failure(asking.trace_id, "operation", error)
            answer = Answer(**refused(InternalError(asking.trace_id)))
        except asyncio.CancelledError:
            abandoned = Answer(**refused(OperationAbandoned()))
            self._observe(asking, prepared, abandoned, passenger, loop.time() - started)
            raise
        self._observe(asking, prepared, answer, passenger, loop.time() - started)
        return answer

    async def finished(self) -> None:
        """Until everything that runs is done and settled, also what nobody waits for; no longer than it may take."""
        if self.running:
            await asyncio.wait(self.running, timeout=self.timeout + MARGIN)

    async def _to_the_end(
        self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float
    ) -> Answer:
        """What was reserved is always settled: a task of its own sees to it, whoever waits for it."""
        if prepared.program.still:  # between reserving and settling there is no moment to leave in
            return await self._paid(prepared, asking, passenger, started)
        asking.waiting()
        task = asyncio.ensure_future(self._paid(prepared, asking, passenger, started))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            passenger.leave()
            raise

    async def _paid(self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float) -> Answer:
        """Reserve, run, settle. Who shares an execution pays as if it were alone."""
        caller, cost = asking.caller, prepared.price
        quota = self.rules[caller.tier].quota
        if quota is None:
            landed = await self._flown(prepared, asking, passenger, started)
            errors, keeping = self._errors(landed, asking), self._keeping(prepared, landed, asking)
            return Answer(
                errors,
                landed.executed.data,
                ran=True,
                json=landed.json,
                keeping=keeping,
                differs_by=self._vary(keeping, prepared),
            )
        reservation = await self.ledger.reserve(caller.client, quota, max(1, cost.points), ttl=self.timeout + MARGIN)
        used = Spent(1, 0)
        try:
            landed = await self._flown(prepared, asking, passenger, started)
            used = landed.used
        finally:
            standing = await self.ledger.settle(reservation, used.points)
        keeping = NO_STORE if asking.explain else self._keeping(prepared, landed, asking)
        return Answer(
            self._errors(landed, asking),
            landed.executed.data,
            ran=True,
            keeping=keeping,
            differs_by=self._vary(keeping, prepared),
            tier=reservation.tier,
            standing=standing.numbers,
            extensions=_cost(cost, used, standing) if asking.explain else NOTHING,
            json=landed.json,
        )

    async def _flown(self, prepared: Prepared, asking: Asking, passenger: Passenger[Landed], started: float) -> Landed:
        def begin() -> Flight[Landed]:
            context = self._context(asking, started)
            lasting = prepared.plan.kind == "mutation"
            return Flight(context, self._executed(prepared, asking.envelope, context), lasting=lasting)

        return await self.flights.fly(passenger, self._shared_by(prepared, asking), begin)

    def _shared_by(self, prepared: Prepared, asking: Asking) -> Hashable:
        """Equal for requests that may share one execution, which is everything that can change its answer.

        That is the program, which knows document, operation and scopes, the tier, whose limits it runs under, the
        variables, and what goes to services of the caller. None: it shares with nobody.
        """
        if not (prepared.program.waits and self.rules[asking.caller.tier].share):
            return None
        variables = asking.envelope.variables
        try:
            given = codec.fingerprint(variables) if variables else b""
        except ValueError:  # half of a surrogate pair
            return None
        told = tuple([self._told(name, asking) for name in self._personal(prepared.program)])
        return prepared.program, asking.caller.tier, given, told

    def _told(self, name: str, asking: Asking) -> Hashable:
        settings = self.upstreams[name].settings
        listed = forwarded(asking.incoming, settings.forward - TRACE_HEADERS)
        return listed, claimed(asking.caller.claims, settings.claims)

    def _personal(self, program: Program) -> tuple[str, ...]:
        """The upstreams that learn something of the caller; of a plan with code, which may call any, all of them."""
        found: tuple[str, ...] | None = program.plan.kept.get(Flights)
        if found is None:
            names = self.upstreams if program.has_code else program.upstreams
            said = (name for name in sorted(names) if name in self.upstreams)
            settings = {name: self.upstreams[name].settings for name in said}
            found = tuple(name for name, each in settings.items() if each.forward or each.claims)
            program.plan.kept[Flights] = found
        return found

    def _context(self, asking: Asking, started: float) -> Context:
        scope = Scope(
            upstreams=self.upstreams,
            deadline=started + self.timeout,
            incoming=asking.incoming,
            scopes=asking.caller.scopes,
            claims=asking.caller.claims,
            trace=asking.trace.headers,
            max_calls=self.rules[asking.caller.tier].allowed.calls,
        )
        return Context(scope, asking.trace_id, self.observer)

    async def _executed(self, prepared: Prepared, envelope: Envelope, context: Context) -> Landed:
        document = prepared.document
        asked = Asked(self.graph.schema, prepared.operation, document.fragments, prepared.variables, context)
        try:
            executed = await execute(prepared.program, asked, envelope.variables)
        finally:
            await context.aclose()
        used = spent(prepared.plan, prepared.price, executed.data, context.scope.exchanges, self.graph.weights)
        fresh = tuple([exchange.fresh for exchange in context.scope.exchanges])
        return Landed(executed, used, codec.encode(executed.data), fresh)

    def _keeping(self, prepared: Prepared, landed: Landed, asking: Asking) -> str:
        """Cache-Control: what of its parts is least fresh decides. What code made of them, nobody knows."""
        if not landed.fresh or landed.executed.errors or prepared.plan.kind != "query" or prepared.program.has_code:
            return NO_STORE
        now = asyncio.get_running_loop().time()
        return response_policy(landed.fresh, now=now, identified=not asking.caller.anonymous)

    def _vary(self, keeping: str, prepared: Prepared) -> tuple[str, ...]:
        if keeping == NO_STORE:
            return ()
        return response_vary([self.upstreams[name].settings.forward for name in prepared.program.upstreams])

    def _errors(self, landed: Landed, asking: Asking) -> list[dict[str, Any]]:
        if not landed.executed.errors:
            return []
        masked = Masked(asking.trace_id, self.observer)
        return [shown(error, masked) for error in landed.executed.errors]

    def _observe(
        self,
        asking: Asking,
        prepared: Prepared | None,
        answer: Answer,
        passenger: Passenger[Landed],
        seconds: float,
    ) -> None:
        self.observer.operation(
            OperationFact(
                trace_id=asking.trace_id,
                client=asking.caller.client,
                tier=asking.caller.tier,
                name=prepared.plan.name if prepared else None,
                kind=prepared.plan.kind if prepared else "",
                status=answer.status,
                code=answer.errors[0]["extensions"]["code"] if answer.errors else None,
                errors=len(answer.errors),
                price=prepared.price.points if prepared else 0,
                planned_calls=prepared.price.calls if prepared else 0,
                upstream_calls=sum([exchange.made for exchange in passenger.exchanges]),
                shared=passenger.followed,
                seconds=seconds,
                trace=asking.trace.trace_id,
            )
        )


MARGIN = 5.0  # seconds after an operation's deadline that its reservation lasts, and that a close waits for it


def _cost(cost: Price, used: Spent, standing: Standing) -> dict[str, Any]:
    """What `extensions.cost` says: points, calls, what remains, and when the budget will be whole again."""
    return {
        "cost": {
            "requested": cost.points,
            "actual": used.points,
            "upstreamCalls": used.calls,
            "remaining": standing.remaining,
            "limit": standing.limit,
            "resetAt": (datetime.now(UTC) + timedelta(seconds=standing.reset)).isoformat(timespec="seconds"),
        }
    }


def check(plan: Plan, cost: Price, allowed: Allowance) -> None:
    """Raises what a valid operation is refused for, before anything is called."""
    if plan.denied and all(node.field.kind == "denied" for node in plan.roots):
        raise Forbidden(f"This needs the scope {' and '.join(plan.denied)}.", plan.denied)
    check_shape(plan, cost, allowed)


LATE = (OperationAbandoned, OperationTimeout, UpstreamTimeout)


def _late(landed: Landed) -> bool:
    """Whether something in it came too late: for who asked later there may be time."""
    return any(isinstance(cause(error), LATE) for error in landed.executed.errors)


def _runnable(prepared: Prepared, *, safe: bool) -> None:
    kind = prepared.operation.operation
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequest("Subscriptions are not served here.")
    if safe and kind is not OperationType.QUERY:
        raise MethodNotAllowed("GET may only run queries; send a mutation by POST.", allow="POST")
