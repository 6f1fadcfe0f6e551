"""Parts put together again are the plain answer, for any document and whatever services do.

Where an error ends a deferred part, the part is missing and the plain answer has null further up: GraphQL leaves an
error in the part that it happened in. So answers without errors are compared whole, and of others what both have.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from bff.document import Refusal
from bff.errors import BffError
from bff.execute import Program
from bff.limits import price
from tests.execute.behaviour import Behaviour, services
from tests.execute.generated import behaviours, chances, exactly, kinds, numbers, question, scopes
from tests.execute.oracle import Outcome, Question, World, propagated
from tests.incremental.parts import InPartsAuthor, generated, in_parts, merged, relative, travel

MAX_PAGE = 100

over = behaviours(rounds=3, wrong=(0, 0, 0, 3, 20), broken=(0, 0, 0, 10))


@settings(exactly, max_examples=150)
@given(chance=chances, kind=kinds, trusted=st.booleans(), over=over)
def test_parts_make_the_plain_answer_over_the_reference_graph(
    runner: asyncio.Runner, chance: random.Random, kind: str, trusted: bool, over: list[Behaviour]
) -> None:
    graph = travel().graph
    asked = question(InPartsAuthor(graph.schema, chance), kind, graph.scopes if trusted else ())
    runner.run(_alike(travel(), asked, over))


@settings(exactly, max_examples=250)
@given(number=numbers, chance=chances, kind=kinds, scopes=scopes, over=over)
def test_parts_make_the_plain_answer_over_generated_graphs(
    runner: asyncio.Runner,
    number: int,
    chance: random.Random,
    kind: str,
    scopes: tuple[str, ...],
    over: list[Behaviour],
) -> None:
    asked = question(InPartsAuthor(relative(number).graph.schema, chance), kind, scopes)
    runner.run(_alike(relative(number), asked, over))


async def _alike(of: World, question: Question, over: list[Behaviour]) -> None:
    note(f"{question.query}\n{question.variables}")
    try:
        plan = in_parts(of, question)
        whole = of.generated(question)
    except (Refusal, BffError) as refusal:
        event(f"refused: {str(refusal)[:60]}")
        assume(condition=False)
    event(f"in parts: {plan.in_parts}")
    most = price(plan, of.coerced(question), MAX_PAGE).calls
    second = generated(of, plan)
    for behaviour in over:
        note(repr(behaviour))
        of.senders = services(of.graph, behaviour)
        expected = await of.by_program(question, whole)
        for program in (Program(of.graph, plan), second):
            found, taken = await merged(of, question, program)
            event(f"parts: {min(len(taken.parts), 5)}")
            assert found.calls.total() <= most, f"{found.calls} were made, the plan knew of {most}"
            _agree(expected, found)


def _agree(expected: Outcome, found: Outcome) -> None:
    if propagated(expected) or _broke_off(found):
        event("propagated")
        _overlap(json.loads(expected.text), found.data)
        return
    assert found.data == json.loads(expected.text)
    assert _told(found) == _told(expected)


def _broke_off(found: Outcome) -> bool:
    """Whether an error ended a list of which some items had come: whole, it would have been null."""
    return any(isinstance(_at(found.data, error.get("path", ())), list) for error in found.errors)


def _at(data: Any, path: list[Any]) -> Any:
    for step in path:
        inside = (isinstance(data, dict) and step in data) or (isinstance(data, list) and step < len(data))
        data = data[step] if inside else None
    return data


def _told(outcome: Outcome) -> list[str]:
    return sorted(f"{error.get('path')} {error['message']}" for error in outcome.errors)


def _overlap(expected: Any, found: Any) -> None:
    """Where both have a value, it is the same; where null was propagated, either has more."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected.keys() & found.keys():
            _overlap(expected[key], found[key])
    elif isinstance(expected, list) and isinstance(found, list):
        for one, other in zip(expected, found, strict=False):
            _overlap(one, other)
    elif expected is not None and found is not None:
        assert expected == found
