"""Explanations are for the tiers that have them, are not charged, and say what remains."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bff.auth import new_key
from tests.explain.conftest import NESTED, Explained, explained

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY, DIGEST = new_key()
SETTINGS = f"""
auth: {{anonymous: visitor}}
tiers:
  visitor: {{points_per_minute: 600}}
  partner: {{points_per_minute: 60, requests_per_second: 1000, explain: true}}
clients:
  web: {{tier: partner, keys: [{{sha256: "{DIGEST}"}}]}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Explained]:
    async with explained(SETTINGS) as found:
        yield found


@pytest.mark.parametrize("what", ["plan", "trace", "yes"])
@pytest.mark.parametrize("query", [NESTED, "{ nobody }", "{"])
async def test_without_it_every_request_for_one_gets_the_same_words(gateway: Explained, what: str, query: str) -> None:
    gateway.forget()
    answer = await gateway.ask(query, what)
    assert answer.status_code == 403
    assert answer.json() == {
        "errors": [{"message": "This is not open to this client.", "extensions": {"code": "FORBIDDEN"}}]
    }
    assert gateway.calls == 0


async def test_a_plan_costs_nothing_and_tells_what_remains(gateway: Explained) -> None:
    for _ in range(3):
        answer = await gateway.plan(NESTED, x_api_key=KEY)
        quota = answer.json()["extensions"]["plan"]["quota"]
        assert quota["limit"] == quota["remaining"] == 60
        assert answer.headers["ratelimit"]


async def test_what_is_more_than_remains_is_warned_of(gateway: Explained) -> None:
    answer = await gateway.plan("{ posts(limit: 58) { name } }", x_api_key=KEY)
    assert answer.json()["extensions"]["plan"]["warnings"] == []
    ran = await gateway.served.ask("{ posts(limit: 20) { name } }", x_api_key=KEY)
    assert ran.json()["data"]
    plan = (await gateway.plan("{ posts(limit: 58) { name } }", x_api_key=KEY)).json()["extensions"]["plan"]
    assert [warning["kind"] for warning in plan["warnings"]] == ["OVER_QUOTA"]


async def test_explanations_are_off_unless_they_are_turned_on() -> None:
    async with explained("") as found:
        assert (await found.plan(NESTED)).status_code == 403
