"""With whom a source may be shared: those of whom its service is told the same, and nobody else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bff import poll, upstream
from bff.events.opening import Opening, opening
from bff.plan.scope import Scope
from bff.telemetry import Silent
from bff.upstreams import Upstream, UpstreamSettings, Wire, build, claimed, forwarded

from .kit import ROOM

flights = upstream("flights")
SOURCES = (flights.events("/x{?a}"), poll(flights.get("/x{?a}"), every=5))

NAMES = ("authorization", "x-tenant", "cookie", "connection", "traceparent")
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "a", "b", "x-tenant"])), max_size=4).map(
    tuple
)
CLAIMS = st.dictionaries(st.sampled_from(["sub", "email", "groups"]), st.sampled_from(["a", "b", ["a", "b"], None, 1]))
CALLERS = st.tuples(HEADERS, CLAIMS, st.sampled_from([None, "1", 1, ["1"]]), st.sampled_from(SOURCES))
TOLD = st.lists(st.sampled_from([("x-user", "sub"), ("x-user", "groups")]), max_size=1)
POLICIES = st.tuples(st.frozensets(st.sampled_from(["authorization", "x-tenant", "cookie", "traceparent"])), TOLD)


def service(forward: frozenset[str], claims: list[tuple[str, str]]) -> Upstream:
    settings = UpstreamSettings(**ROOM, forward=forward, claims=tuple(claims), headers=(("x-key", "k"),))
    return build("flights", settings, Wire("flights", "http://flights", connect_timeout=1), Silent())


def opened(on: Upstream, caller: Any) -> Opening:
    headers, claims, value, source = caller
    scope = Scope({"flights": on}, 0.0, headers, claims=claims, trace=(("traceparent", str(headers)),))
    return opening(source, {"a": value}, scope)


def told(on: Upstream, caller: Any) -> Any:
    """All that the service learns of a caller, and what it is asked."""
    headers, claims, value, source = caller
    listed = forwarded(headers, on.settings.forward - {"traceparent"})
    return listed, claimed(claims, on.settings.claims), type(value), str(value), source


@given(CALLERS, CALLERS, POLICIES)
def test_two_share_a_source_if_and_only_if_the_service_is_told_the_same(one: Any, other: Any, policies: Any) -> None:
    on = service(*policies)
    assert (opened(on, one).equal == opened(on, other).equal) == (told(on, one) == told(on, other))


@given(CALLERS, POLICIES)
def test_what_is_shared_holds_nothing_else_of_the_caller_and_calls_as_the_caller_would(
    caller: Any, policies: Any
) -> None:
    on = service(*policies)
    found = opened(on, caller)
    assert {name for name, _ in found.incoming} <= on.settings.forward | {"connection"}
    assert set(found.claims) <= {claim for _, claim in on.settings.claims}
    assert found.scope().headers_for("flights") == found.headers
    assert found.headers == (*told(on, caller)[0], *told(on, caller)[1], ("x-key", "k"))
