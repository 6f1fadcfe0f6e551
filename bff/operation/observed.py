"""What an operation came to, as the record of it that is logged and counted. Pure."""

from __future__ import annotations

from bff.operation.asking import Answer, Asking, Landed, Prepared
from bff.operation.flight import Passenger
from bff.telemetry import OperationFact


def fact_of(
    asking: Asking, prepared: Prepared | None, answer: Answer, passenger: Passenger[Landed], seconds: float
) -> OperationFact:
    """`prepared` is None for what was refused before there was a plan."""
    plan = prepared.plan if prepared else None
    return OperationFact(
        trace_id=asking.trace_id,
        client=asking.caller.client,
        tier=asking.caller.tier,
        name=plan.name if plan else None,
        kind=plan.kind if plan else "",
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
