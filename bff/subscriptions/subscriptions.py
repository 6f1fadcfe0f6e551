"""Where subscriptions begin: as any operation does, and then one event after the other. Knows no transport."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as record
from typing import Protocol

from graphql import GraphQLError, OperationType

from bff.document import Refusal
from bff.errors import BadRequest, BffError, GatewayStopping, InternalError, QuotaExceeded
from bff.events import Streams
from bff.execute import Asked
from bff.mask import refused
from bff.operation import MARGIN, Answer, Asking, Operations, Prepared
from bff.plan.resolve import in_own_words
from bff.subscriptions.event import Executions, Turns
from bff.subscriptions.opening import Rows, known, lasting, opened
from bff.subscriptions.slots import Slots
from bff.subscriptions.subscription import Around, Subscription
from bff.telemetry import OperationFact
from bff.telemetry.subscriptions import SubscriptionFact, SubscriptionObserver, Transport


class Lasting(Protocol):
    """What goes on until it is told to end: a subscription, or a connection that may have several."""

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Subscriptions:
    """What answers operations that may go on. Those that do not are answered as they always are."""

    operations: Operations
    streams: Streams
    slots: Slots
    observers: Iterable[SubscriptionObserver] = ()
    live: set[Subscription] = record(default_factory=set)
    connections: set[Lasting] = record(default_factory=set)
    stopping: asyncio.Event = record(default_factory=asyncio.Event)
    _turns: Turns = record(default_factory=Turns)

    async def run(self, asking: Asking, transport: Transport) -> Answer:
        """Answer one operation; of a subscription that begins, `events` is all there is."""
        if not self._goes_on(asking):
            return await self.operations.run(asking)
        started = asyncio.get_running_loop().time()
        rules = self.operations.rules[asking.caller.tier]
        try:
            prepared = self.operations.prepare(asking.envelope, asking.caller)
            return Answer([], events=await self._begun(prepared, asking, transport))
        except Exception as error:  # noqa: BLE001 - whatever broke, the operation is answered, counted and logged
            answer = self._refused(asking, error if isinstance(error, Refusal) else self._shown(asking, error))
        seconds = asyncio.get_running_loop().time() - started
        self.operations.observer.operation(_fact(asking, answer, seconds))
        return answer._replace(tier=rules.quota if answer.standing else None)

    def stop(self) -> None:
        """End them all with GatewayStopping. None begins any more, and connections end when nothing is under way."""
        self.stopping.set()
        for each in (*self.live, *self.connections):
            each.stop()

    def _goes_on(self, asking: Asking) -> bool:
        """False for what cannot run too: it is refused where operations are."""
        documents = self.operations.rules[asking.caller.tier].documents
        try:
            document = documents.get(asking.envelope.query)
            operation = document.operation(asking.envelope.operation_name)
        except Refusal:
            return False
        return operation.operation is OperationType.SUBSCRIPTION

    async def _begun(self, prepared: Prepared, asking: Asking, transport: Transport) -> Subscription:
        if self.stopping.is_set():
            raise GatewayStopping
        if not prepared.plan.roots:
            raise BadRequest("The subscription asks for nothing.")
        client = asking.caller.client
        self.slots.take(client)
        try:
            await self._charge(asking)
            rows = await self._opened(prepared, asking)
        except BaseException:
            self.slots.free(client)
            raise
        executions = Executions(self.operations, prepared, asking, self._turns)
        subscription = Subscription(rows, executions, asking.caller.expires, self._around(prepared, asking, transport))
        self.live.add(subscription)
        return subscription

    async def _charge(self, asking: Asking) -> None:
        """To begin costs what the cheapest operation does. Raises QuotaExceeded."""
        quota = self.operations.rules[asking.caller.tier].quota
        if quota is not None:
            ledger = self.operations.ledger
            await ledger.settle(await ledger.reserve(asking.caller.client, quota, 1, ttl=MARGIN), 1)

    async def _opened(self, prepared: Prepared, asking: Asking) -> Rows:
        operations, document = self.operations, prepared.document
        context = operations.context(prepared, asking, asyncio.get_running_loop().time())
        lasting(context.scope)
        asked = Asked(operations.graph.schema, prepared.operation, document.fragments, prepared.variables, context)
        return await opened(self.streams, prepared.plan.roots[0], asked)

    def _around(self, prepared: Prepared, asking: Asking, transport: Transport) -> Around:
        caller = asking.caller

        def over(subscription: Subscription) -> None:
            self.live.discard(subscription)
            self.slots.free(caller.client)

        return Around(
            fact=SubscriptionFact(asking.trace_id, caller.client, caller.tier, prepared.plan.name, transport),
            observers=self.observers,
            shown=lambda error: self._shown(asking, error),
            refused=lambda error: self._refused(asking, error),
            over=over,
        )

    def _refused(self, asking: Asking, refusal: Refusal | BffError) -> Answer:
        rules = self.operations.rules[asking.caller.tier]
        answer = Answer(**refused(refusal, rules.audience))
        if isinstance(refusal, QuotaExceeded):
            return answer._replace(tier=rules.quota, standing=refusal.numbers)
        return answer

    def _shown(self, asking: Asking, error: Exception) -> BffError:
        """What a client is told of what ended its subscription."""
        if (ours := known(error)) is not None:
            return ours
        if isinstance(error, GraphQLError):
            return in_own_words(error)
        self.operations.observer.failure(asking.trace_id, "subscription", error)
        return InternalError(asking.trace_id)


def _fact(asking: Asking, answer: Answer, seconds: float) -> OperationFact:
    return OperationFact(
        trace_id=asking.trace_id,
        client=asking.caller.client,
        tier=asking.caller.tier,
        name=None,
        kind="subscription",
        status=answer.status,
        code=answer.errors[0]["extensions"]["code"],
        errors=len(answer.errors),
        price=0,
        planned_calls=0,
        upstream_calls=0,
        seconds=seconds,
        trace=asking.trace.trace_id,
    )
