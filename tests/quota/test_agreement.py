"""Two that must decide alike: the arithmetic here, and its copy inside the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bff.limits.quota import Account, Hold, State, Tier, reserve, settle
from bff.limits.shared import Question
from bff.limits.valkey import Valkey

from .kit import Clock
from .server import Server

small = st.builds(
    Tier,
    points_per_window=st.integers(1, 60),
    burst=st.integers(1, 60),
    window=st.integers(1, 3),
    requests_per_second=st.none() | st.integers(1, 5),
    max_concurrent=st.none() | st.integers(1, 4),
)
large = st.builds(
    Tier,
    points_per_window=st.integers(10**6, 10**8),
    burst=st.integers(10**6, 10**8),
    window=st.integers(60, 86_400),
    requests_per_second=st.none() | st.integers(1, 10**6),
)


@dataclass(frozen=True)
class Step:
    """A question, and the ms since the one before it."""

    pause: int
    question: Question


KEPT = [7, 333, 1_000, 100_000]  # ms; the pauses meet some of them exactly
PAUSES = [0, 0, 0, 1, 7, 333, 1_000, 60_000, 10**9, -1, -500]


@st.composite
def schedules(draw: st.DrawFn) -> list[Step]:
    """A tier changes while it is used, clocks go back, settlements repeat, come late, or ask for too much."""
    first, second = draw(st.tuples(small, small) | st.tuples(large, large))
    tiers = [first, replace(second, window=first.window)]  # another window is another account
    steps, reserved = list[Step](), list[Question]()
    for index in range(draw(st.integers(1, 25))):
        tier = draw(st.sampled_from(tiers))
        if reserved and draw(st.sampled_from([True, False])):
            before = draw(st.sampled_from(reserved))
            question = replace(before, verb="settle", tier=tier, amount=draw(st.integers(-1, before.points + 1)))
        else:
            points, kept = draw(st.integers(0, 2) | st.integers(0, tier.burst)), draw(st.sampled_from(KEPT))
            points = min(points, tier.burst)
            question = Question("reserve", str(index), "web", tier, points, kept)
            reserved.append(question)
        steps.append(Step(draw(st.sampled_from(PAUSES)), question))
    return steps


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


@pytest.fixture(scope="module")
def ticking() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def valkey(one_server: Server, runner: asyncio.Runner, ticking: Clock) -> Iterator[Valkey]:
    found = Valkey(one_server.url, clock=ticking)
    yield found
    runner.run(found.aclose())


def test_the_script_and_the_arithmetic_decide_alike_whatever_happens(one_server, runner, valkey, ticking):
    @given(schedules())
    @settings(max_examples=150, deadline=None)
    def agree(steps):
        one_server.command("FLUSHALL")
        runner.run(compare(valkey, ticking, steps))

    agree()


async def compare(valkey: Valkey, clock: Clock, steps: list[Step]) -> None:
    state = State(Account(clock.now))
    for step in steps:
        clock.now += step.pause
        asked, refused = step.question, None
        [verdict] = await valkey.exchange([asked])
        if asked.verb == "reserve":
            hold = Hold(asked.points, clock.now + asked.amount)
            refused = reserve(state, clock.now, asked.tier, asked.id, hold)
        else:
            settle(state, clock.now, asked.tier, asked.id, asked.amount)
        assert verdict.account == state.account
        assert verdict.granted == (asked.verb == "reserve" and refused is None)


@pytest.mark.parametrize("client", ["web", "", "{}", "}{", "a:b|c d\n\0é", "x" * 2_000])
async def test_any_client_has_an_account_of_its_own_on_one_node_of_a_cluster(server, client):
    valkey, tier = Valkey(server.url), Tier(points_per_window=10, burst=10)
    await valkey.exchange([Question("reserve", "1", client, tier, 1, 60_000)])
    [verdict] = await valkey.exchange([Question("settle", "1", client, tier, 1, 1)])
    assert verdict.account.spent > 0
    _, first, second, *_ = valkey._call(Question("settle", "1", client, tier, 1, 1))
    assert hash_tag(first) == hash_tag(second) != ""
    await valkey.aclose()


def hash_tag(key: str) -> str:
    """What a cluster hashes of a key: between the first { and the first } after it."""
    return key.partition("{")[2].partition("}")[0]


async def test_keys_that_are_of_no_use_any_more_are_gone_or_go_by_themselves(server, clock):
    valkey, tier = Valkey(server.url, clock=clock), Tier(points_per_window=10, burst=10)
    await valkey.exchange([Question("reserve", "1", "web", tier, 1, 60_000)])
    for key in ("account", "holds"):
        assert 60 <= int(server.command("TTL", f"bff:{{quota:web:60}}:{key}")[1:]) <= 70
    await valkey.exchange([Question("settle", "1", "web", tier, 1, 0)])
    assert server.command("DBSIZE") == ":0\r\n"
    await valkey.aclose()
