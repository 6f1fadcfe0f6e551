"""What should never happen, when it does; and the id by which the client and the log speak of the same request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from strawberry.scalars import JSON

from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "hunter2"


@strawberry.type
class Query:
    @strawberry.field
    def odd(self) -> JSON:
        return object()  # type: ignore[return-value]  # no JSON can hold it


class Broken(dict[str, Any]):
    """A table that cannot be read."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(f"the password is {SECRET}")


@pytest.fixture
def broken(served: Served) -> Iterator[Served]:
    operations = served.bench.gateway.operations
    before = operations.rules
    object.__setattr__(operations, "rules", Broken())  # it is frozen, and nothing real breaks
    yield served
    object.__setattr__(operations, "rules", before)


@pytest.mark.usefixtures("broken")
async def test_an_exception_of_the_gateway_itself_is_500_with_a_trace_id_and_logged(served: Served) -> None:
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        answer = await served.ask("{ total }", accept=accept)
        assert answer.status_code == 500
        trace_id = answer.headers["x-request-id"]
        extensions = {"code": "INTERNAL", "traceId": trace_id}
        assert answer.json() == {"errors": [{"message": "Internal error.", "extensions": extensions}]}
        (logged, place, error) = served.bench.listener.failures[-1]
        assert (logged, place) == (trace_id, "operation")
        assert SECRET in str(error)
        fact = served.bench.listener.operations[-1]
        assert (fact.trace_id, fact.status, fact.code) == (trace_id, 500, "INTERNAL")


async def test_a_value_that_no_json_can_hold_is_an_error_at_its_field_and_not_told() -> None:
    async with serving(schema=strawberry.Schema(Query)) as served:
        answer = await served.ask("{ odd __typename }", accept="application/json")
        assert answer.status_code == 200
        (error,) = answer.json()["errors"]
        assert error["path"] == ["odd"]
        assert "object at" not in answer.text


@pytest.mark.parametrize("request_id", ["a", "7f9c-Retry_2.b", "x" * 128])
async def test_a_client_that_names_its_request_gets_the_name_back_and_finds_it_in_the_log(
    served: Served, request_id: str
) -> None:
    answer = await served.ask("{ user(id: 1) { boom } }", x_request_id=request_id)
    assert answer.headers["x-request-id"] == request_id
    assert answer.json()["errors"][0]["extensions"]["traceId"] == request_id
    assert served.bench.listener.operations[-1].trace_id == request_id
    assert served.bench.listener.failures[-1][0] == request_id


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "a/b", "a\tb", '{"a":1}', "a, b"])
async def test_a_name_that_does_not_belong_into_a_log_is_replaced(served: Served, request_id: str) -> None:
    wire = await served.wire()
    await wire.send("GET /graphql?query={total} HTTP/1.1", f"x-request-id: {request_id}")
    answer = await wire.answer()
    assert len(answer.headers["x-request-id"]) == 16
    assert served.bench.listener.operations[-1].trace_id == answer.headers["x-request-id"]


async def test_every_answer_has_an_id_of_its_own(served: Served) -> None:
    answers = [
        await served.ask("{ total }"),
        await served.ask("{ nope }"),
        await served.post(b"{"),
        await served.client.put("/graphql"),
        await served.client.options("/graphql"),
        await served.client.get("/graphql", headers={"accept": "text/html"}),
        await served.client.get("/graphql", headers={"accept": "image/png"}),
    ]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


async def test_a_masked_error_tells_nothing(served: Served) -> None:
    answer = await served.ask("{ user(id: 1) { boom } }")
    assert SECRET not in json.dumps(answer.json())
    assert SECRET not in str(answer.headers)
