"""The life of a GraphQL operation, in order. Knows no HTTP: an envelope in, an answer out.

envelope    bytes -> query text, variables, extensions         (bff.envelope)
document    query text -> parsed and validated, cached by text  (bff.document)
plan        document + operation + @skip/@include -> Plan, cached
price       Plan + variables -> points, worst-case calls, depth; refused here costs the services nothing
waves       graphql-core runs the operation; connected fields load in waves  (bff.plan)
answer      data and errors, everything internal masked
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from graphql import ExecutionResult, OperationType, execute

from bff.document import Document, Documents, Refusal
from bff.envelope import Envelope
from bff.errors import BadRequest, BffError, InternalError, MethodNotAllowed
from bff.limits import Allowance, Price, check_shape, price
from bff.mask import Masked, refused, shown
from bff.plan.context import Context
from bff.plan.graph import Graph
from bff.plan.model import Plan
from bff.plan.scope import Scope
from bff.telemetry import Exchange, Observer, OperationFact
from bff.upstreams import Headers, Upstream


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets. Without `data` the operation never ran; `status` is for response formats that show one."""

    errors: list[dict[str, Any]]
    data: dict[str, Any] | None = None
    ran: bool = False
    status: int = 200
    allow: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        return found | ({"data": self.data} if self.ran else {})


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may run."""

    document: Document
    operation: Any
    plan: Plan
    price: Price
    variables: Any


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """What answers GraphQL operations: a graph, its upstreams, and what one operation may have."""

    graph: Graph
    documents: Documents
    upstreams: Mapping[str, Upstream]
    allowed: Allowance
    max_page: int
    timeout: float
    observer: Observer
    running: set[asyncio.Future[Answer]] = record(default_factory=set)  # whoever waits for them

    def prepare(self, envelope: Envelope) -> Prepared:
        """Everything that is decided before a service is called. Raises Refusal or BffError."""
        document = self.documents.get(envelope.query)
        operation = document.operation(envelope.operation_name)
        variables = document.variables(operation, envelope.variables)
        plan = document.plan(operation, variables.coerced)
        cost = price(plan, variables.coerced, self.max_page)
        check_shape(plan, cost, self.allowed)
        return Prepared(document, operation, plan, cost, variables)

    async def run(
        self, envelope: Envelope, incoming: Headers = (), *, safe: bool = False, trace_id: str = ""
    ) -> Answer:
        """Answer one operation. `safe` says that the request came by GET, which must not change anything.

        `trace_id` is what the operation is known by in logs and masked errors; a new one unless given.
        """
        loop = asyncio.get_running_loop()
        started, trace_id = loop.time(), trace_id or secrets.token_hex(8)
        prepared, exchanges = None, list[Exchange]()
        try:
            prepared = self.prepare(envelope)
            _runnable(prepared, safe=safe)
            context = Context(self._scope(started, incoming, exchanges), trace_id, self.observer)
            answer = await self._execute(prepared, envelope, context)
        except (Refusal, BffError) as refusal:
            answer = Answer(**refused(refusal))
        except Exception as error:  # noqa: BLE001 - whatever broke, the operation is answered, counted and logged
            self.observer.failure(trace_id, "operation", error)
            answer = Answer(**refused(InternalError(trace_id)))
        self._observe(trace_id, prepared, answer, exchanges, loop.time() - started)
        return answer

    def _scope(self, started: float, incoming: Headers, exchanges: list[Exchange]) -> Scope:
        return Scope(
            upstreams=self.upstreams,
            deadline=started + self.timeout,
            incoming=incoming,
            max_calls=self.allowed.calls,
            exchanges=exchanges,
        )

    async def _execute(self, prepared: Prepared, envelope: Envelope, context: Context) -> Answer:
        """Run to the end of the operation. graphql-core is never cancelled, it ends by itself:

        a query nobody waits for any more ends as soon as its loads are told so, a mutation when it is done.
        """
        task = asyncio.ensure_future(self._executed(prepared, envelope, context))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if prepared.plan.kind != "mutation":
                context.abandon()
            raise

    async def _executed(self, prepared: Prepared, envelope: Envelope, context: Context) -> Answer:
        try:
            result = execute(
                self.graph.schema,
                prepared.document.node,
                context_value=context,
                variable_values=dict(envelope.variables),
                operation_name=envelope.operation_name,
                hide_suggestions=True,
            )
            if inspect.isawaitable(result):
                result = await result
        finally:
            await context.aclose()
        return _answer(result, Masked(context.trace_id, self.observer))

    def _observe(
        self, trace_id: str, prepared: Prepared | None, answer: Answer, exchanges: list[Exchange], seconds: float
    ) -> None:
        first = answer.errors[0]["extensions"]["code"] if answer.errors else None
        self.observer.operation(
            OperationFact(
                trace_id=trace_id,
                name=prepared.plan.name if prepared else None,
                kind=prepared.plan.kind if prepared else "",
                status=answer.status,
                code=first,
                errors=len(answer.errors),
                price=prepared.price.points if prepared else 0,
                planned_calls=prepared.price.calls if prepared else 0,
                upstream_calls=len(exchanges),
                seconds=seconds,
            )
        )


def _runnable(prepared: Prepared, *, safe: bool) -> None:
    kind = prepared.operation.operation
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequest("Subscriptions are not served here.")
    if safe and kind is not OperationType.QUERY:
        raise MethodNotAllowed("GET may only run queries; send a mutation by POST.", allow="POST")


def _answer(result: ExecutionResult, masked: Masked) -> Answer:
    errors = [shown(error, masked) for error in result.errors or ()]
    return Answer(errors=errors, data=result.data, ran=True)
