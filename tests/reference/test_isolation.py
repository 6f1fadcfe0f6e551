"""Users at the same moment: whatever is batched, shuffled, cancelled or broken, each sees their own trips only.

The titles of a user's trips hold a name that no other user has, so an answer shows whose rows are in it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.test_server import served
from tests.reference.travel import Travel, bearer, travel_over

CREATE = """mutation($title: String!) { createTrip(input: {title: $title, startsOn: "2026-01-01", endsOn: "2026-01-02",
  stops: [{iata: "LIS"}, {iata: "OPO"}]}) { ... on Trip { id title } } }"""

# OWN and OTHER stand for the ids of trips: one of whoever asks, one of somebody else.
QUERIES = (
    "{ trips { totalCount edges { node { title } } } }",
    "{ trips(first: 1) { edges { node { title stops { airport { city { name } } } } } pageInfo { endCursor } } }",
    '{ one: trip(id: "OWN") { title } two: trip(id: "OTHER") { title } trips { edges { node { title } } } }',
    '{ trip(id: "OWN") { title stops { airport { name city { country { name } } } } } airport(iata: "LIS") { name } }',
    '{ airports(iatas: ["LIS", "OPO"]) { iata city { name } } }',
    'mutation { updateTrip(id: "OWN", input: {status: BOOKED}) { __typename ... on Trip { title } } }',
    'mutation { updateTrip(id: "OTHER", input: {title: "mine"}) { __typename ... on Trip { title } } }',
    'mutation { deleteTrip(id: "OTHER") { __typename } }',
)
PUBLIC = {
    "data": {"airports": [{"iata": "LIS", "city": {"name": "Lisbon"}}, {"iata": "OPO", "city": {"name": "Porto"}}]}
}
EACH = 2  # trips of a user

Play = Callable[[list["Step"], Mapping[str, Any]], None]


@dataclass(frozen=True)
class Step:
    """One request: of whom, what, how many ms after the beginning, and how many ms later its sender hangs up."""

    user: int | None
    query: str
    after: int
    leaves: int | None


@dataclass(frozen=True)
class Users:
    """Some users with trips of their own, and the gateway as all of them reach it: by the same few connections."""

    names: list[str]
    trips: list[list[str]]  # ids, by user
    http: httpx.AsyncClient

    async def send(self, user: int | None, query: str, **variables: str) -> httpx.Response:
        body = {"query": query, "variables": variables}
        headers = {} if user is None else bearer(self.names[user])
        return await self.http.post("/graphql", json=body, headers=headers)

    async def play(self, step: Step) -> None:
        own = self.trips[step.user or 0][0]
        other = self.trips[((step.user or 0) + 1) % len(self.trips)][0]
        await asyncio.sleep(step.after / 1_000)
        try:
            async with asyncio.timeout(None if step.leaves is None else step.leaves / 1_000):
                answer = await self.send(step.user, step.query.replace("OWN", own).replace("OTHER", other))
        except TimeoutError:
            return
        assert self.named_in(answer.text) <= ({self.names[step.user]} if step.user is not None else set()), step
        if step.query.startswith("{ airports"):
            assert answer.json() == PUBLIC

    def named_in(self, text: str) -> set[str]:
        return {name for name in self.names if name in text}


async def _users(http: httpx.AsyncClient, count: int) -> Users:
    users = Users([f"user-{secrets.token_hex(6)}" for _ in range(count)], [[] for _ in range(count)], http)
    for number, name in enumerate(users.names):
        for at in range(EACH):
            made = (await users.send(number, CREATE, title=f"{name} {at}")).json()
            users.trips[number].append(made["data"]["createTrip"]["id"])
    return users


async def _still_theirs(users: Users) -> None:
    """Everybody has what was made for them, and nothing else."""
    for number, name in enumerate(users.names):
        found: dict[str, Any] = (await users.send(number, QUERIES[0])).json()["data"]["trips"]
        titles = sorted(edge["node"]["title"] for edge in found["edges"])
        assert titles == [f"{name} {at}" for at in range(EACH)]


async def _storm(travel: Travel, users: Users, steps: list[Step], levers: Mapping[str, Any]) -> None:
    travel.pull("trips", **levers)
    travel.pull("airports", latency_ms=levers["latency_ms"], shuffle=levers["shuffle"])
    await asyncio.gather(*(users.play(step) for step in steps))
    travel.reset()
    await _still_theirs(users)


STEPS = st.builds(
    Step,
    user=st.one_of(st.none(), st.integers(0, 2), st.integers(0, 1)),
    query=st.sampled_from(QUERIES),
    after=st.integers(0, 15),
    leaves=st.one_of(st.none(), st.none(), st.integers(0, 25)),
)
FAULTS = st.builds(
    lambda kind, times: {"body_kind": kind, "times": times},
    st.sampled_from(["json", "truncated", "short", "close"]),
    st.integers(1, 5),
)
LEVERS = st.fixed_dictionaries(
    {"latency_ms": st.sampled_from([0, 3, 12]), "shuffle": st.booleans(), "fail": st.one_of(st.none(), FAULTS)}
)


@asynccontextmanager
async def _front(controls: Mapping[str, httpx.Client]) -> AsyncIterator[tuple[Travel, httpx.AsyncClient]]:
    """The gateway on a socket, and fewer connections to it than there are requests at a moment."""
    few = httpx.Limits(max_connections=6)
    async with (
        travel_over(controls) as travel,
        served(travel) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, limits=few, timeout=20) as http,
    ):
        yield travel, http


@pytest.fixture(scope="module")
def stage(controls: Mapping[str, httpx.Client]) -> Iterator[Play]:
    """Plays one storm after another, all in one event loop: one gateway has seen them all."""
    with asyncio.Runner() as runner:
        front = _front(controls)
        travel, http = runner.run(front.__aenter__())

        async def play(steps: list[Step], levers: Mapping[str, Any]) -> None:
            await _storm(travel, await _users(http, 3), steps, levers)
            assert not travel.failures.seen

        try:
            yield lambda steps, levers: runner.run(play(steps, levers))
        finally:
            runner.run(front.__aexit__(None, None, None))


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=6, max_size=18), levers=LEVERS)
def test_users_at_the_same_moment_never_see_each_others_trips(
    stage: Play, steps: list[Step], levers: dict[str, Any]
) -> None:
    stage(steps, levers)


async def test_rows_show_whose_they_are(travel: Travel) -> None:
    """Without this, the storm above would prove nothing."""
    users = await _users(travel.http, 2)
    answer = (await users.send(0, QUERIES[0])).text
    assert users.named_in(answer) == {users.names[0]}
    assert users.named_in(answer + (await users.send(1, QUERIES[0])).text) == set(users.names)
