"""What a client without introspection learns of the schema from its mistakes: nothing that it did not send."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bff import config
from bff.auth import Caller
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.operation import Answer, Asking
from bff.upstreams import Reply, Request
from schema import schema
from tests.execute.behaviour import Behaviour, services
from tests.execute.documents import Author
from tests.explain.corrupt import NAME, corrupted, corrupted_variables

ROOT = Path(__file__).parents[2]
MUCH = "points_per_minute: 1000000000, max_price: 1000000000, max_upstream_calls: 1000000"
TIERS = f"""
limits: {{max_depth: 50, max_aliases: 1000, max_root_fields: 100}}
tiers:
  closed: {{{MUCH}, introspection: false, error_sources: false}}
  suggested: {{{MUCH}, introspection: false, suggestions: true}}
  plain: {{{MUCH}, suggestions: false}}
  open: {{{MUCH}, explain: true}}
auth: {{anonymous: closed}}
"""
OURS = {
    "code",
    "cursor",
    "date",
    "first",
    "input",
    "message",
    "name",
    "path",
    "skip",
    "status",
    "text",
}  # words of our sentences too


class Behaving:
    """A service that behaves as is drawn, in a gateway that stays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.now: dict[str, Any] = {}

    async def send(self, request: Request) -> Reply:
        reply: Reply = await self.now[self.name].send(request)
        return reply

    async def aclose(self) -> None:
        """Holds nothing."""


class Bench:
    """A gateway over the reference graph."""

    def __init__(self) -> None:
        upstreams = ("airports", "cities", "countries", "holidays", "rates", "trips")
        text = "upstreams:\n" + "".join(f"  {name}: {{url: 'http://{name}'}}\n" for name in upstreams)
        self._wires = {name: Behaving(name) for name in upstreams}
        settings = config.parse(text + TIERS, {})
        self.gateway: Gateway = open_gateway(settings, ROOT, schema=schema, wires=self._wires)

    def behave(self, behaviour: Behaviour) -> None:
        for wire in self._wires.values():
            wire.now = dict(services(self.gateway.graph, behaviour))

    async def ask(self, query: str, variables: dict[str, Any] | None = None, tier: str = "closed") -> Answer:
        caller = Caller("anonymous", tier, scopes=self.gateway.graph.scopes)
        return await self.gateway.operations.run(Asking(Envelope(query, variables=variables or {}), caller))


def names() -> set[str]:
    """All that the schema has names for, as far as no sentence of ours has them too."""
    found: set[str] = set()
    for type_ in schema._schema.type_map.values():
        fields: dict[str, Any] = getattr(type_, "fields", {}) if not type_.name.startswith("__") else {}
        found |= {type_.name, *fields, *getattr(type_, "values", {})}
        found |= {argument for field in fields.values() for argument in getattr(field, "args", {})}
    return found - OURS


def told(answer: Answer) -> set[str]:
    """Every word that an answer's errors have, but for where they are: those are the client's own."""
    texts = [f"{error['message']} {json.dumps(error['extensions'])}" for error in answer.errors]
    return set(NAME.findall(" ".join(texts)))


def sent(text: str, variables: dict[str, Any]) -> set[str]:
    return set(NAME.findall(f"{text} {json.dumps(variables)}"))


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def bench(runner: asyncio.Runner) -> Iterator[Bench]:
    found = runner.run(_made())
    yield found
    runner.run(found.gateway.aclose())


async def _made() -> Bench:
    return Bench()


exactly = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@settings(exactly, max_examples=400)
@given(
    chance=st.randoms(use_true_random=False),
    kind=st.sampled_from(("query", "query", "mutation")),
    wrong=st.sampled_from((0, 20, 50)),
    whole=st.booleans(),
)
def test_no_error_names_what_was_not_sent(
    runner: asyncio.Runner, bench: Bench, chance: random.Random, kind: str, wrong: int, whole: bool
) -> None:
    author = Author(schema._schema, chance)
    text = author.document(kind)
    text = text if whole else corrupted(text, chance)
    variables = corrupted_variables(author.variables, chance)
    note(f"{text}\n{variables}")
    bench.behave(Behaviour(chance.randrange(1000), wrong=wrong, broken=wrong // 5, missing=wrong, absent=wrong // 5))
    answer = runner.run(bench.ask(text, variables))
    note(str(answer.errors))
    event(answer.errors[0]["extensions"]["code"] if answer.errors else "no error")
    assert not (told(answer) & names()) - sent(text, variables)
    assert not told(answer) & {"upstream", "httpStatus", "airports", "countries"}


WRONG = "{ airprot(iata: 7) { nmae } }"
UNKNOWN = "Cannot query field 'airprot' on type 'Query'."


@pytest.mark.parametrize(
    ("tier", "message"),
    [
        ("open", f"{UNKNOWN} Did you mean 'airport' or 'airports'?"),
        ("suggested", f"{UNKNOWN} Did you mean 'airport' or 'airports'?"),
        ("plain", UNKNOWN),
        ("closed", "There is no such field here."),
    ],
)
def test_a_name_that_does_not_exist_is_answered_as_the_tier_may_know(
    runner: asyncio.Runner, bench: Bench, tier: str, message: str
) -> None:
    [error] = runner.run(bench.ask(WRONG, tier=tier)).errors
    assert error["message"] == message
    assert error["locations"] == [{"line": 1, "column": 3}]


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ a: __type(name: "Query") { name } }',
        "{ ...F } fragment F on Query { ...G } fragment G on Query { all: __schema { __typename } }",
        '{ ... on Query { ... @include(if: true) { __type(name: "Trip") { fields { name } } } } }',
        "query A { __typename } query B { __schema { types { name } } }",
    ],
)
def test_the_schema_is_not_told_under_whatever_name(runner: asyncio.Runner, bench: Bench, query: str) -> None:
    for tier in ("closed", "suggested"):
        answer = runner.run(bench.ask(query, tier=tier))
        assert not answer.ran
        assert all(error["message"].startswith("GraphQL introspection has been disabled") for error in answer.errors)
    bench.behave(Behaviour())
    assert runner.run(bench.ask("{ a: __typename }")).body == {"data": {"a": "Query"}}


@pytest.mark.parametrize(
    ("query", "variables", "messages"),
    [
        ("{ airport { name } }", {}, ["A required argument is missing."]),
        ('{ airport(iata: "LIS") }', {}, ["Fields of this must be chosen, or it has none."]),
        ("{ ...F } fragment F on Strange { x }", {}, ["There is no such type."]),
        ("{ ...F }", {}, ["Unknown fragment 'F'."]),
        ("query ($a: ID!) { airport(iata: $a) { name } }", {}, ["Variable '$a' has a value that does not fit."]),
        (
            "query ($a: Int) { airport(iata: $a) { name } }",
            {},
            ["The variable is not of the type that is needed here."],
        ),
        ("{ cities(first: -1) { totalCount } }", {}, ["The size of a page must be between 0 and 100."]),
        (
            "mutation ($trip: CreateTripInput!) { createTrip(input: $trip) { __typename } }",
            {"trip": {"titel": 7, "budget": {}}},
            ["Variable '$trip' has a value that does not fit."],
        ),
    ],
)
def test_what_is_wrong_is_said_without_a_name_of_the_schema(
    runner: asyncio.Runner, bench: Bench, query: str, variables: dict[str, Any], messages: list[str]
) -> None:
    assert [error["message"] for error in runner.run(bench.ask(query, variables)).errors] == messages


def test_which_service_failed_is_told_to_tiers_that_may_know(runner: asyncio.Runner, bench: Bench) -> None:
    bench.behave(Behaviour(seed=3, broken=100))
    query = '{ airport(iata: "LIS") { name } }'
    [known] = runner.run(bench.ask(query, tier="open")).errors
    [unknown] = runner.run(bench.ask(query)).errors
    assert "airports" in known["message"]
    assert known["extensions"]["upstream"] == "airports"
    assert unknown["message"].lower().startswith("a service ")
    assert unknown["extensions"] == {"code": known["extensions"]["code"]}
    assert unknown["path"] == known["path"]
