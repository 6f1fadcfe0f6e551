"""One fact of each kind, for tests to vary."""

from __future__ import annotations

from bff.telemetry import Exchange, OperationFact, Passage

OPERATION = OperationFact(
    trace_id="c0ffee",
    client="web",
    tier="partner",
    name="Lisbon",
    kind="query",
    status=200,
    code=None,
    errors=0,
    price=12,
    planned_calls=3,
    upstream_calls=2,
    seconds=0.01234,
    trace="0af7651916cd43dd8448eb211c80319c",
)
EXCHANGE = Exchange(
    upstream="cities",
    label="GET /cities{?id*}",
    method="GET",
    status=200,
    error=None,
    started=1.0,
    waited=0.001,
    seconds=0.0151,
    request_bytes=0,
    response_bytes=431,
)
PASSAGE = Passage(
    trace_id="c0ffee",
    route="/files/{path...}",
    method="GET",
    client="192.0.2.1",
    caller="web",
    status=200,
    code=None,
    spent=1,
    seconds=0.02,
    exchange=EXCHANGE,
)
