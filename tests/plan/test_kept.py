"""Plans that are kept, and what they take."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from bff.document import Document, DocumentLimits, Refusal
from bff.document.reading import Reading
from bff.errors import OperationTooComplex
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


async def test_no_document_has_all_other_plans_forgotten() -> None:
    """A fragment in many places has as many steps as places: 1,600 tokens, and more than is kept of all plans."""
    many = " ".join(f"a{at}: posts(limit: 1) {{ ...F }}" for at in range(90))
    query = f"{{ {many} }} fragment F on Post {{ {' '.join(f'b{at}: name' for at in range(500))} }}"
    async with opened(make_schema(), SERVICES) as bench:
        reading = Reading(bench.gateway.graph, LIMITS)
        small = reading.document("{ user(id: 1) { name } }")
        program = small.program(small.operation(None), {})
        large = reading.document(query)
        with pytest.raises(Refusal) as refusal:
            large.program(large.operation(None), {})
        assert isinstance(refusal.value.kind, OperationTooComplex)
        assert small.program(small.operation(None), {}) is program
