"""Whatever a client asks: an answer, no mistake of ours in it, and no more calls than were planned."""

import asyncio
import re
from collections.abc import Mapping

import httpx
from graphql import StringValueNode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from tests.reference.travel import ROOT, travel_over

SCHEMA = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
SCALARS = {
    "Date": st.dates().map(lambda day: StringValueNode(value=day.isoformat())),
    "Decimal": st.decimals(0, 1000, places=2).map(lambda number: StringValueNode(value=str(number))),
}
TEXT = r'"(?:[^"\\]|\\.)*"'

# Random codes find nothing, so nothing below them would be asked: every other one becomes one that exists.
KNOWN = {
    rf"\biata: {TEXT}": 'iata: "LIS"',
    r"\biatas: \[[^]]*\]": 'iatas: ["LIS", "XXX", "OPO"]',
    rf"\bcode: {TEXT}": 'code: "PT"',
    rf"\bcountry: {TEXT}": 'country: "PT"',
    rf"\bid: {TEXT}": 'id: "2267057"',
    rf"\btext: {TEXT}": 'text: "por"',
    rf"\bbase: {TEXT}": 'base: "USD"',
    rf"\bafter: {TEXT}": "after: null",
    r"\bfirst: -?\d+": "first: 3",
    r"\byear: -?\d+": "year: 2026",
}

# These say that a service answered what its connector does not know, or that code failed: ours, not the client's.
OURS = {"INTERNAL", "NULL_VALUE", "UPSTREAM_MALFORMED", "LIST_TOO_LONG"}


def _known(query: str) -> str:
    for pattern, text in KNOWN.items():
        query = re.sub(pattern, text, query)
    return query


operations = st.tuples(from_schema(SCHEMA, custom_scalars=SCALARS), st.booleans()).map(
    lambda drawn: _known(drawn[0]) if drawn[1] else drawn[0]
)


@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(operations, min_size=3, max_size=3))
def test_any_operation_is_answered_within_its_plan(controls: Mapping[str, httpx.Client], asked: list[str]) -> None:
    async def ask_all() -> None:
        async with travel_over(controls) as travel:
            for query in asked:
                answer = await travel.ask(query, "random")
                assert answer.status in {200, 400}, answer.text
                assert not OURS & {code for _, code, _ in answer.errors}, (query, answer.text)
            assert not travel.failures.seen

    asyncio.run(ask_all())
