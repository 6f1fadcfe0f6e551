"""Answers to requests that ask for an explanation: `plan` runs nothing, `trace` runs the operation and tells how.

For callers whose tier may see plans. To all others it says one thing, whatever they sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bff.asking import Answer, Asking, Landed
from bff.document import Refusal
from bff.errors import BadRequest, BffError, Forbidden, QuotaExceeded
from bff.explain.explanation import Explanation, explain
from bff.explain.query_plan import query_plan
from bff.explain.shapes import Ran, as_json, ran_as_json
from bff.flight import Passenger
from bff.limits.actual import spent
from bff.mask import refused
from bff.operation import MARGIN, Operations
from bff.upstreams import NO_STORE


class Explanations:
    """Explains the operations of a gateway."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def answer(self, asking: Asking, wanted: str) -> Answer:
        """`wanted` is the value of the request's header. A plan is not charged, but counts as a request."""
        rules = self._operations.rules[asking.caller.tier]
        try:
            if not rules.explain:
                raise Forbidden("This is not open to this client.")
            if wanted == "trace":
                return await self._traced(asking)
            if wanted != "plan":
                raise BadRequest("The header 'bff-explain' must be plan or trace.")
            return await self._planned(asking)
        except QuotaExceeded as refusal:
            return Answer(**refused(refusal), tier=rules.quota, standing=refusal.numbers)
        except (Refusal, BffError) as refusal:
            return Answer(**refused(refusal, rules.audience))

    async def _planned(self, asking: Asking) -> Answer:
        quota = self._operations.rules[asking.caller.tier].quota
        standing = await self._standing(asking)
        found = self._explained(asking)
        extensions = {"plan": as_json(found, standing), "queryPlan": query_plan(found.kind, found.fields)}
        return Answer([], ran=True, extensions=extensions, tier=quota, standing=standing)

    async def _traced(self, asking: Asking) -> Answer:
        passenger = Passenger[Landed]()
        loop = asyncio.get_running_loop()
        started = loop.time()
        answer = await self._operations.run(asking, passenger)
        seconds = loop.time() - started
        if not answer.ran or passenger.flight is None:
            return answer
        found = self._explained(asking)
        exchanges = passenger.flight.exchanges
        used = spent(found.plan, found.price, answer.data, exchanges, self._operations.graph.weights)
        ran = Ran(started, seconds, used, exchanges, passenger.followed)
        told = {
            "plan": as_json(found, answer.standing),
            "queryPlan": query_plan(found.kind, found.fields),
            "trace": ran_as_json(ran, found.fetches),
        }
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
