"""Trace context, continued or begun."""

from __future__ import annotations

import pytest

from bff.proxy.trace import continued

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def entropy(size: int) -> str:
    return "ab" * size


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-ff", "01"),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", "01"),
    ],
)
def test_a_valid_trace_goes_on_with_our_span_as_the_parent(value: str, flags: str) -> None:
    trace = continued((("traceparent", value), ("tracestate", "a=1 , b=2"), ("tracestate", "c=3")), entropy)
    assert trace.parent_id == SPAN
    assert trace.headers == (("traceparent", f"00-{TRACE}-{'ab' * 8}-{flags}"), ("tracestate", "a=1,b=2,c=3"))


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["x"],
        [f"00-{TRACE}-{SPAN}-01"] * 2,
        [f"00-{TRACE.upper()}-{SPAN}-01"],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE}-{SPAN}-01-more"],
        [f"cc-{TRACE}-{SPAN}-01.more"],
        [f"00-{TRACE}-{SPAN}-1"],
    ],
)
def test_anything_else_begins_a_trace_and_drops_its_state(values: list[str]) -> None:
    headers = (*(("traceparent", value) for value in values), ("tracestate", "a=1"))
    trace = continued(headers, entropy)
    assert trace.parent_id is None
    assert trace.headers == (("traceparent", f"00-{'ab' * 16}-{'ab' * 8}-00"),)


def test_a_state_with_too_many_members_is_dropped() -> None:
    state = ",".join(f"k{number}=v" for number in range(33))
    assert continued((("traceparent", f"00-{TRACE}-{SPAN}-01"), ("tracestate", state)), entropy).state == ""
