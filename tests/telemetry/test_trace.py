"""Trace context, continued or begun, and handed to every call of an operation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import strawberry

from bff.config import parse
from bff.gateway import open_gateway
from bff.plan.scope import Scope
from bff.telemetry.trace import MOST_STATE, continued, new_trace
from tests.http.conftest import serving
from tests.kit import Bench

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def entropy(size: int) -> str:
    return "ab" * size


def state_of(*lines: str) -> str:
    return continued((("traceparent", PARENT), *(("tracestate", line) for line in lines)), entropy).state


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-02", "02"),
        (f"00-{TRACE}-{SPAN}-03", "03"),
        (f"00-{TRACE}-{SPAN}-fd", "01"),
        (f" \t00-{TRACE}-{SPAN}-01 ", "01"),
        (f"cc-{TRACE}-{SPAN}-01", "01"),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", "01"),
    ],
)
def test_a_valid_trace_goes_on_with_our_span_as_the_parent_and_the_flags_that_are_known(value: str, flags: str) -> None:
    trace = continued((("traceparent", value),), entropy)
    assert trace.parent_id == SPAN
    assert trace.headers == (("traceparent", f"00-{TRACE}-{'ab' * 8}-{flags}"),)
    assert trace.sampled is flags.endswith(("1", "3"))


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["x"],
        [PARENT, PARENT],
        [f"{PARENT}, {PARENT}"],
        [PARENT.upper()],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"0-{TRACE}-{SPAN}-01"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE[1:]}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-1"],
        [f"00-{TRACE}-{SPAN}-01-more"],
        [f"cc-{TRACE}-{SPAN}-01.more"],
        [f"00_{TRACE}_{SPAN}_01"],
    ],
)
def test_anything_else_begins_a_trace_that_is_not_sampled_and_drops_its_state(values: list[str]) -> None:
    headers = (*(("traceparent", value) for value in values), ("tracestate", "a=1"))
    trace = continued(headers, entropy)
    assert trace.parent_id is None
    assert not trace.sampled
    assert trace.headers == (("traceparent", f"00-{'ab' * 16}-{'ab' * 8}-02"),)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ((), ""),
        (("",), ""),
        (("a=1",), "a=1"),
        (("a=1 ,\tb=2", "c=3"), "a=1,b=2,c=3"),
        (("a=1,,b=2,",), "a=1,b=2"),
        (("0tenant@vendor=x y",), "0tenant@vendor=x y"),
        (("a=b=c",), ""),
        (("A=1",), ""),
        (("a",), ""),
        (("a=",), ""),
        (("a=\x7f",), ""),
        (("a=1,b=é",), ""),
        ((f"{'k' * 257}=1",), ""),
        ((",".join(f"k{number}=v" for number in range(33)),), ""),
    ],
)
def test_a_state_is_handed_on_as_a_list_and_dropped_as_a_whole_when_it_breaks_the_rules(
    lines: tuple[str, ...], state: str
) -> None:
    assert state_of(*lines) == state


def test_of_a_state_that_is_too_long_whole_members_go_first_the_long_ones_then_the_last() -> None:
    long, short = f"long={'x' * 200}", [f"k{number}={'v' * 30}" for number in range(20)]
    kept = state_of(",".join([short[0], long, *short[1:]]))
    assert len(kept) <= MOST_STATE
    assert kept.split(",") == short[: len(kept.split(","))]


def test_each_trace_that_begins_has_ids_of_its_own() -> None:
    assert len({new_trace().headers for _ in range(100)}) == 100


def parents(bench: Bench, name: str) -> list[str]:
    return [request.headers["traceparent"] for request in bench.services[name].calls]


QUERY = "{ user(id: 1) { posts { name author { name } } } total }"


async def test_every_call_of_an_operation_continues_its_trace_from_one_span_and_the_log_knows_it() -> None:
    async with serving() as served:
        answer = await served.ask(QUERY, traceparent=PARENT, tracestate="vendor=1", x_request_id="mine")
        sent = parents(served.bench, "users") + parents(served.bench, "posts")
        (fact,) = served.bench.listener.operations
        states = {call.headers["tracestate"] for each in served.bench.services.values() for call in each.calls}
    assert "errors" not in answer.json()
    assert len(sent) == 4
    assert re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-01", sent[0])
    assert set(sent) == {sent[0]} != {PARENT}
    assert states == {"vendor=1"}
    assert (fact.trace, fact.trace_id, answer.headers["x-request-id"]) == (TRACE, "mine", "mine")


async def test_operations_without_a_trace_begin_one_each() -> None:
    async with serving() as served:
        for _ in range(2):
            await served.ask("{ user(id: 1) { name } }", traceparent="nonsense", tracestate="vendor=1")
        first, second = parents(served.bench, "users")
        traces = [fact.trace for fact in served.bench.listener.operations]
        assert not any("tracestate" in call.headers for call in served.bench.services["users"].calls)
    assert [first[3:35], second[3:35]] == traces
    assert first != second


@strawberry.type
class Query:
    one: int = 1


async def test_a_trace_is_ours_to_hand_on_even_where_it_is_on_the_list_of_what_is_forwarded() -> None:
    settings = (
        "upstreams: {users: {url: 'http://users', forward: [traceparent, tracestate, x-one], headers: {x-own: a}}}"
    )
    gateway = open_gateway(parse(settings, {}), Path("/"), schema=strawberry.Schema(Query))
    incoming = (("traceparent", PARENT), ("tracestate", "a=1"), ("x-one", "1"))
    scope = Scope(gateway.upstreams, deadline=0, incoming=incoming, trace=new_trace(entropy).headers)
    assert scope.headers_for("users") == (
        ("x-one", "1"),
        ("traceparent", f"00-{'ab' * 16}-{'ab' * 8}-02"),
        ("x-own", "a"),
    )
    await gateway.aclose()
