"""An event comes to what graphql-core makes of it, whatever came: by the general way, and by generated functions."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from graphql import execute as execute_by_core

from bff.errors import UpstreamUnreachable
from bff.execute import Program, execute
from tests.execute.behaviour import Behaviour, services
from tests.execute.oracle import Outcome, Question, World, _outcome, disagreement, world
from tests.subscriptions.world import make_schema
from tests.world import post_row, user_row

DOCUMENTS = (
    "subscription { posted { id name likes strict } }",
    "subscription { it: posted { ...P author { name } } } fragment P on Post { __typename likes nick: name }",
    "subscription { posted { name author { name friends { name } } authorName } }",
    "subscription { user(ids: []) { name born balance stop greeting later boom } }",
    "subscription { user(ids: []) { ... on Named { name } maybeFriends { id posts { name } } } }",
    "subscription { people { id name born } }",
    "subscription { tick }",
    "subscription { count }",
)
GOOD = post_row(1) | user_row(1)
EVENTS: tuple[Any, ...] = (
    GOOD,
    {**GOOD, "name": None},
    {**GOOD, "stats": {"likes": "many"}, "born": "yesterday", "stop": "quarter"},
    {**GOOD, "author_id": None, "friend_ids": None},
    {},
    None,
    7,
    "seven",
    [user_row(1), user_row(2)],
    [user_row(1), None],
    [user_row(1), user_row(2), user_row(3)],
    [],
    UpstreamUnreachable("users"),
)


@cache
def small() -> World:
    return world(make_schema(), {})


async def by_core(found: World, question: Question, event: Any) -> Outcome:
    document, calls = found.documents.get(question.query), Counter[str]()
    context = found.context(question, calls)
    try:
        result: Any = execute_by_core(found.graph.schema, document.node, root_value=event, context_value=context)
        return _outcome(await result if hasattr(result, "__await__") else result, context, calls)
    finally:
        await context.aclose()


async def by_program(found: World, question: Question, program: Program, event: Any) -> Outcome:
    document, calls = found.documents.get(question.query), Counter[str]()
    context = found.context(question, calls)
    try:
        return _outcome(await execute(program, found.asked(document, question, context), {}, event), context, calls)
    finally:
        await context.aclose()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event)[:40])
@pytest.mark.parametrize("query", DOCUMENTS, ids=lambda query: query[13:40])
async def test_an_event_comes_to_the_same(query: str, event: Any) -> None:
    question = Question(query)
    found = World(small().graph, services(small().graph, Behaviour(seed=1)))
    expected = await by_core(found, question, event)
    assert disagreement(expected, await by_program(found, question, found.general(question), event)) is None
    assert disagreement(expected, await by_program(found, question, found.generated(question), event)) is None
