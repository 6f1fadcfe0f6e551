"""Answers to requests that ask for an explanation: `plan` runs nothing, `trace` runs the operation and tells how.

For callers whose tier may see plans. To all others it says one thing, whatever they sent. Each is noted as operations
are; what only asked for a plan as a kind of its own, since nothing ran.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bff.document import Refusal
from bff.errors import BadRequest, BffError, Forbidden, QuotaExceeded
from bff.explain.explanation import Explanation, explain
from bff.explain.query_plan import query_plan
from bff.explain.shapes import Ran, as_json, ran_as_json
from bff.limits.actual import spent
from bff.mask import refused
from bff.operation import MARGIN, Answer, Asking, Landed, Operations, Passenger, Rules
from bff.telemetry import EXPLAINED, OperationFact
from bff.upstreams import NO_STORE


class Explanations:
    """Explains the operations of a gateway."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def answer(self, asking: Asking, wanted: str) -> Answer:
        """`wanted` is the value of the request's header. A plan is not charged, but counts as a request."""
        rules = self._operations.rules[asking.caller.tier]
        if wanted == "trace" and rules.explain:
            return await self._traced(asking)
        clock = asyncio.get_running_loop().time
        started, found = clock(), None
        try:
            _allow(rules, wanted)
            standing = await self._standing(asking)
            found = self._explained(asking)
            answer = Answer([], ran=True, extensions=_told(found, standing), tier=rules.quota, standing=standing)
        except QuotaExceeded as refusal:
            answer = Answer(**refused(refusal), tier=rules.quota, standing=refusal.numbers)
        except (Refusal, BffError) as refusal:
            answer = Answer(**refused(refusal, rules.audience))
        self._observe(asking, answer, found, clock() - started)
        return answer

    async def _traced(self, asking: Asking) -> Answer:
        passenger: Passenger[Landed] = Passenger()
        loop = asyncio.get_running_loop()
        started = loop.time()
        answer = await self._operations.run(replace(asking, parts=""), passenger)
        seconds = loop.time() - started
        if not answer.ran or passenger.flight is None:
            return answer
        found = self._explained(asking)
        exchanges = passenger.flight.exchanges
        used = spent(found.plan, found.price, answer.data, exchanges, self._operations.graph.weights)
        ran = Ran(started, seconds, used, exchanges, passenger.followed)
        told = _told(found, answer.standing) | {"trace": ran_as_json(ran, found.fetches)}
        return answer._replace(extensions={**answer.extensions, **told}, keeping=NO_STORE, differs_by=())

    def _explained(self, asking: Asking) -> Explanation:
        operations, caller = self._operations, asking.caller
        rules = operations.rules[caller.tier]
        lacking = operations.graph.scopes - caller.scopes
        return explain(rules.documents, rules.allowed, operations.max_page, asking.envelope, lacking)

    async def _standing(self, asking: Asking) -> Mapping[str, float]:
        """Where the client is with its budget: asked by a reservation of nothing, so it is limited like any request."""
        quota = self._operations.rules[asking.caller.tier].quota
        if quota is None:
            return {}
        ledger = self._operations.ledger
        reservation = await ledger.reserve(asking.caller.client, quota, 0, ttl=MARGIN)
        return (await ledger.settle(reservation, 0)).numbers

    def _observe(self, asking: Asking, answer: Answer, found: Explanation | None, seconds: float) -> None:
        self._operations.observer.operation(
            OperationFact(
                trace_id=asking.trace_id,
                client=asking.caller.client,
                tier=asking.caller.tier,
                name=found.name if found else None,
                kind=EXPLAINED,
                status=answer.status,
                code=answer.errors[0]["extensions"]["code"] if answer.errors else None,
                errors=len(answer.errors),
                price=found.price.points if found else 0,
                planned_calls=found.price.calls if found else 0,
                upstream_calls=0,
                seconds=seconds,
                trace=asking.trace.trace_id,
            )
        )


def _allow(rules: Rules, wanted: str) -> None:
    if not rules.explain:
        raise Forbidden("This is not open to this client.")
    if wanted != "plan":
        raise BadRequest("The header 'bff-explain' must be plan or trace.")


def _told(found: Explanation, standing: Mapping[str, float]) -> dict[str, Any]:
    return {"plan": as_json(found, standing), "queryPlan": query_plan(found.kind, found.fields)}
