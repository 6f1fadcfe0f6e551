"""One executor, exact: what graphql-core answers, for any document and whatever services do.

Each document runs over several behaviours of its services: by graphql-core, by the compiled executor the general way
(a plan's first run), and by the functions generated for it (from its second run on). `tests.execute.oracle` says what
is compared, and what the specification leaves open.

Upstream calls: as many as by graphql-core, connector by connector, within the plan's price. With two exceptions.
Where a null was propagated, graphql-core may have given up that region before its calls were made, while a compiled
plan ends its faults once everything has come. And a batch is cut in two where its parents arrive at different moments:
graphql-core is given some turns of the event loop more to see them together (`bff.plan.waves.SETTLE_TURNS`).
"""

from __future__ import annotations

import asyncio
import random
from functools import cache

import pytest
from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from bff.document import Refusal
from bff.errors import BffError
from bff.limits import price
from schema import schema
from tests.execute import family
from tests.execute.behaviour import Behaviour, services
from tests.execute.documents import Author
from tests.execute.generated import behaviours, chances, exactly, kinds, numbers, question, scopes
from tests.execute.oracle import Outcome, Question, World, disagreement, propagated, world

MAX_PAGE = 100

# What graphql-core began below a null and has not ended when its operation is over.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object Executor")

over = behaviours(rounds=4, wrong=(0, 0, 3, 20), broken=(0, 0, 10))


@cache
def travel() -> World:
    return world(schema, {})


@cache
def relative(number: int) -> World:
    return World(family.graph(number), {})


@settings(exactly, max_examples=400)
@given(chance=chances, kind=kinds, trusted=st.booleans(), over=over)
def test_both_answer_alike_over_the_reference_graph(
    runner: asyncio.Runner, chance: random.Random, kind: str, trusted: bool, over: list[Behaviour]
) -> None:
    graph = travel().graph
    asked = question(Author(graph.schema, chance), kind, graph.scopes if trusted else ())
    runner.run(_alike(travel(), asked, over))


@settings(exactly, max_examples=500)
@given(number=numbers, chance=chances, kind=kinds, scopes=scopes, over=over)
def test_both_answer_alike_over_generated_graphs(
    runner: asyncio.Runner,
    number: int,
    chance: random.Random,
    kind: str,
    scopes: tuple[str, ...],
    over: list[Behaviour],
) -> None:
    asked = question(Author(relative(number).graph.schema, chance), kind, scopes)
    runner.run(_alike(relative(number), asked, over))


async def _alike(of: World, question: Question, over: list[Behaviour]) -> None:
    note(f"{question.query}\n{question.variables}")
    try:
        plan = of.plan(question)
    except (Refusal, BffError) as refusal:
        event(f"refused: {str(refusal)[:40]}")
        assume(condition=False)
    most = price(plan, of.coerced(question), MAX_PAGE).calls
    programs = {"general": of.general, "generated": of.generated}
    generated = of.generated(question)
    for behaviour in over:
        note(repr(behaviour))
        of.senders = services(of.graph, behaviour)
        expected = await of.by_core(question)
        event("errors" if expected.errors else "no error")
        for way, make in programs.items():
            found = await of.by_program(question, generated if way == "generated" else make(question))
            assert not (difference := disagreement(expected, found)), f"{way}: {difference}"
            _no_more_calls(of, expected, found, most)


def _no_more_calls(of: World, expected: Outcome, found: Outcome, most: int) -> None:
    assert found.calls.total() <= most, f"{found.calls} were made, the plan knew of {most}"
    if not propagated(expected):
        batched = {each.label for each in of.graph.connectors if each.batched}
        for label in found.calls | expected.calls:
            more = found.calls[label] - expected.calls[label]
            assert more <= 1 if label in batched else more == 0, f"{expected.calls} not {found.calls}"
