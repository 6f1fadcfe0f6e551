"""Plans that are kept, and what they take."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from bff.document import Document, DocumentLimits
from bff.document.reading import Reading
from bff.limits import price
from bff.plan.kept import LEAST, STEP, Plans
from tests.kit import opened
from tests.world import SERVICES, make_schema

LIMITS = DocumentLimits(tokens=5_000, directives=50, introspection=True)
QUERIES = [
    "{{ user(id: {n}) {{ name }} }}",
    "{{ posts(limit: {n}) {{ name likes author {{ name id born balance }} }} }}",
    "{{ posts(limit: {n}) {{ " + " ".join(f"a{at}: likes" for at in range(300)) + " }} }}",
    "{{ posts(limit: {n}) {{ " + " ".join(f"a{at}: author {{{{ name }}}}" for at in range(200)) + " }} }}",
    "{{ " + " ".join(f"a{at}: user(id: {{n}}) {{{{ name id born balance stop }}}}" for at in range(40)) + " }}",
]


def made(reading: Reading, query: str, number: int) -> tuple[Document, int]:
    """A document that has run twice; with it, the steps that its plan counts for."""
    document = reading.document(query.format(n=number))
    program = document.program(document.operation(None), {})
    price(program.plan, {})
    program.begun()
    program.begun()
    return document, LEAST + program.steps


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
async def test_a_plan_takes_no_more_memory_than_it_counts_for(query: str) -> None:
    async with opened(make_schema(), SERVICES) as bench:
        reading = Reading(bench.gateway.graph, LIMITS)
        made(reading, query, 1)  # what is made once for all is made
        gc.collect()
        tracemalloc.start()
        try:
            kept = [made(reading, query, number) for number in range(2, 6)]
            gc.collect()
            taken = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert taken <= STEP * sum(steps for _, steps in kept)


class Plan:
    def __init__(self, steps: int) -> None:
        self.steps = steps


def test_the_least_recently_used_plans_go_first_when_there_are_too_many_steps() -> None:
    plans: Plans[Plan] = Plans(3 * (LEAST + 5))
    for name in "abc":
        plans.get(name, lambda: Plan(5))
    kept = plans.get("a", lambda: Plan(0))
    assert kept.steps == 5
    plans.get("d", lambda: Plan(5))
    assert len(plans) == 3
    assert plans.get("a", lambda: Plan(0)) is kept
    assert plans.get("b", lambda: Plan(1)).steps == 1  # it had gone
