"""The same parts as graphql-core's own incremental execution promises, over the same services."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from bff.document import Refusal
from bff.errors import BffError
from bff.execute import Program
from tests.execute.behaviour import Behaviour, services
from tests.execute.generated import chances, exactly, kinds, numbers, question
from tests.execute.oracle import World
from tests.incremental.parts import InPartsAuthor, in_parts, merged, merged_by_core, relative, travel

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object Executor")


@settings(exactly, max_examples=80)
@given(chance=chances, kind=kinds, seed=st.integers(0, 2**20))
def test_the_reference_graph_is_promised_alike(
    runner: asyncio.Runner, chance: random.Random, kind: str, seed: int
) -> None:
    runner.run(_alike(travel(), chance, kind, seed))


@settings(exactly, max_examples=120)
@given(number=numbers, chance=chances, kind=kinds, seed=st.integers(0, 2**20))
def test_generated_graphs_are_promised_alike(
    runner: asyncio.Runner, number: int, chance: random.Random, kind: str, seed: int
) -> None:
    runner.run(_alike(relative(number), chance, kind, seed))


async def _alike(of: World, chance: random.Random, kind: str, seed: int) -> None:
    """Without errors: where one ends a part, which of several is told is left open.

    A promise of what others have brought by then is not made, and when that is depends on who is how fast.
    """
    asked = question(InPartsAuthor(of.graph.schema, chance), kind, of.graph.scopes)
    note(f"{asked.query}\n{asked.variables}")
    of.senders = services(of.graph, Behaviour(seed=seed))
    try:
        plan = in_parts(of, asked)
    except (Refusal, BffError):
        assume(condition=False)
    _, found = await merged(of, asked, Program(of.graph, plan))
    assume(not found.errors and "__schema" not in asked.query and "__type(" not in asked.query)
    expected = await merged_by_core(of, asked)
    event(f"promises: {min(len(found.promised), 9)}")
    assert found.data == expected.data
    assert set(found.promised) <= set(expected.promised)
