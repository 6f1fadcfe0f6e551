"""The arithmetic alone, at times that the tests choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bff.limits.quota import Account, Hold, Refusal, Standing, State, Tier, idle, reserve, settle, standing

NEVER = 10**15
EXPLORER = Tier(points_per_window=600, burst=600)


def granted(tier: Tier, arrivals: Iterable[int]) -> int:
    """How many requests of one point, at these milliseconds, are let through; each is over at once."""
    state, found = State(Account(0)), 0
    for at in arrivals:
        refused = reserve(state, at, tier, "one", Hold(1, NEVER))
        if not refused:
            found += 1
            settle(state, at, tier, "one", 1)
    return found


AWS = Tier(points_per_window=10_000, burst=5_000, window=1)


def evenly(count: int, start: int = 0, end: int = 1_000) -> list[int]:
    return [start + index * (end - start) // count for index in range(count)]


@pytest.mark.parametrize(
    ("arrivals", "through"),
    [
        pytest.param(evenly(10_000), 10_000, id="10,000 evenly in a second"),
        pytest.param([0] * 10_000, 5_000, id="10,000 in the first millisecond"),
        pytest.param([0] * 5_000 + evenly(5_000, 1), 10_000, id="5,000 at once, 5,000 evenly"),
        pytest.param([0] * 5_000 + [100] * 5_000, 6_000, id="5,000 at once, 5,000 100 ms later"),
        pytest.param([0] * 5_000 + [100] * 1_000 + evenly(4_000, 101), 10_000, id="5,000, 1,000, and 4,000 evenly"),
    ],
)
def test_the_published_examples_of_aws_come_out_as_published(arrivals, through):
    assert granted(AWS, arrivals) == through


def test_a_second_query_that_comes_while_the_first_runs_waits_for_what_is_missing():
    """Shopify's worked example: bucket 1,000, 50 points a second, 412 requested and 12 used."""
    tier = Tier(points_per_window=50, burst=1_000, window=1)
    state = State(Account(0))
    refused = reserve(state, 0, tier, "first", Hold(412, NEVER))
    assert (refused, standing(state.account, tier).remaining) == (None, 588)
    refused = reserve(state, 0, tier, "second", Hold(600, NEVER))
    assert refused == Refusal("points", wait=1)  # 0.24 s
    settle(state, 0, tier, "first", 12)
    assert standing(state.account, tier).remaining == 988
    assert reserve(state, 0, tier, "second", Hold(600, NEVER)) is None


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param(Account(0), Standing(600, 600, 0), id="full"),
        pytest.param(Account(0, spent=50 * 60_000), Standing(600, 550, 5), id="50 spent: 10 a second come back"),
        pytest.param(Account(0, spent=1), Standing(600, 599, 1), id="a part of a point is not there yet"),
        pytest.param(Account(0, held=50), Standing(600, 550, 5), id="what is held counts as spent"),
        pytest.param(Account(0, spent=900 * 60_000), Standing(600, 0, 90), id="a tier that became smaller"),
    ],
)
def test_a_standing_says_whole_points_and_the_seconds_until_all_are_back(account, expected):
    assert standing(account, EXPLORER) == expected


FULL = Tier(points_per_window=60, burst=10, requests_per_second=2, max_concurrent=2)


@pytest.mark.parametrize(
    ("account", "points", "refusal"),
    [
        pytest.param(Account(0), 10, None, id="nothing owed"),
        pytest.param(Account(0, spent=5 * 60_000), 10, Refusal("points", 5), id="points: one comes back a second"),
        pytest.param(Account(0, asked=2_000), 1, Refusal("requests", 1), id="requests: half a second, rounded up"),
        pytest.param(Account(0, asked=1_000), 1, None, id="room for one more request"),
        pytest.param(Account(0, running=2, held=2), 1, Refusal("concurrent", 1), id="slots"),
        pytest.param(Account(0, running=2, held=8), 5, Refusal("points", 3), id="slots and points: what lasts longer"),
        pytest.param(Account(0, running=2, asked=2_000), 1, Refusal("concurrent", 1), id="slots and requests"),
    ],
)
def test_each_limit_refuses_with_its_name_and_its_wait(account, points, refusal):
    state = State(account)
    refused = reserve(state, 0, FULL, "new", Hold(points, NEVER))
    assert refused == refusal
    if refused:
        assert (state.account, state.holds) == (account, {}), "all or nothing"


def test_a_reservation_that_nobody_settles_comes_back_when_it_expires():
    state = State(Account(0))
    reserve(state, 0, EXPLORER, "lost", Hold(600, expires=15_000))
    assert reserve(state, 14_999, EXPLORER, "new", Hold(1, NEVER)) == Refusal("points", 1)
    refused = reserve(state, 15_000, EXPLORER, "new", Hold(600, NEVER))
    assert refused is None
    assert state.account.running == 1


def test_a_settlement_pays_once():
    state = State(Account(0))
    reserve(state, 0, EXPLORER, "one", Hold(100, NEVER))
    settle(state, 0, EXPLORER, "one", 40)
    once = state.account
    settle(state, 0, EXPLORER, "one", 100)
    assert state.account == once
    assert standing(once, EXPLORER).remaining == 560


def test_one_that_comes_after_it_expired_still_pays_if_nobody_has_swept_it_and_else_changes_nothing():
    unswept, swept = State(Account(0)), State(Account(0))
    for state in (unswept, swept):
        reserve(state, 0, EXPLORER, "late", Hold(100, expires=10))
    reserve(swept, 20, EXPLORER, "new", Hold(0, NEVER))
    for state, remaining in ((unswept, 500), (swept, 600)):
        settle(state, 20, EXPLORER, "late", 100)
        assert standing(state.account, EXPLORER).remaining == remaining


@pytest.mark.parametrize("actual", [-5, 101, 10**9])
def test_nobody_is_paid_for_calling_and_nobody_pays_more_than_was_reserved(actual):
    state = State(Account(0))
    reserve(state, 0, EXPLORER, "one", Hold(100, NEVER))
    settle(state, 0, EXPLORER, "one", actual)
    assert standing(state.account, EXPLORER).remaining == (600 if actual < 0 else 500)


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing():
    state = State(Account(10_000))
    reserve(state, 10_000, EXPLORER, "one", Hold(600, NEVER))
    settle(state, 10_000, EXPLORER, "one", 600)
    refused = reserve(state, 0, EXPLORER, "two", Hold(1, NEVER))
    assert refused == Refusal("points", 1)
    refused = reserve(state, 100, EXPLORER, "two", Hold(1, NEVER))
    assert refused is None, "it goes on from the new time"


@pytest.mark.parametrize("limit", ["points_per_window", "burst", "window", "requests_per_second", "max_concurrent"])
def test_a_tier_that_would_never_grant_anything_is_refused(limit):
    with pytest.raises(ValueError, match="at least 1"):
        Tier(**{"points_per_window": 1, "burst": 1, limit: 0})


def test_a_tier_that_could_not_be_counted_exactly_is_refused():
    with pytest.raises(ValueError, match="2\\^53"):
        Tier(points_per_window=10**9, burst=10**9, window=86_400)


def test_a_share_is_a_part_of_every_limit_and_never_nothing():
    tier = Tier(points_per_window=600, burst=100, requests_per_second=2, max_concurrent=None)
    assert tier.share(4) == Tier(points_per_window=150, burst=25, requests_per_second=1, max_concurrent=None)


@dataclass(frozen=True)
class Used:
    """What an operation cost, and when it was let in."""

    at: int
    points: int


tiers = st.builds(
    Tier,
    points_per_window=st.integers(1, 50),
    burst=st.integers(1, 50),
    window=st.integers(1, 3),
    requests_per_second=st.none() | st.integers(1, 5),
    max_concurrent=st.none() | st.integers(1, 4),
)
operations = st.tuples(
    st.integers(0, 400),  # ms since the one before
    st.integers(0, 50),  # price
    st.floats(0, 1),  # how much of it is used
    st.integers(0, 3),  # settled after so many more operations; one process in a while dies
)


def run(tier: Tier, schedule: list[tuple[int, int, float, int]]) -> Iterable[tuple[int, State, Used | None]]:
    """Every moment of a schedule: the time, the state, and what was let in."""
    state, now, running = State(Account(0)), 0, list[tuple[int, str, int]]()
    for index, (pause, price, part, stays) in enumerate(schedule):
        now += pause
        for _, name, actual in [each for each in running if each[0] <= index]:
            settle(state, now, tier, name, actual)
            yield now, state, None
        running = [each for each in running if each[0] > index]
        refused = reserve(state, now, tier, str(index), Hold(price, NEVER))
        actual = round(price * part)
        if not refused:
            running.append((index + 1 + stays, str(index), actual))
        yield now, state, None if refused else Used(now, actual)


@given(tiers, st.lists(operations, max_size=40))
@settings(max_examples=150, deadline=None)
def test_in_any_time_no_more_is_used_than_the_burst_and_what_comes_back_in_it(tier, schedule):
    used = [each for _, _, each in run(tier, schedule) if each]
    for first in range(len(used)):
        for last in range(first, len(used)):
            points = sum(each.points for each in used[first : last + 1])
            elapsed = used[last].at - used[first].at
            assert points * tier.width <= tier.burst * tier.width + elapsed * tier.points_per_window


@given(tiers, st.lists(operations, max_size=40))
@settings(max_examples=150, deadline=None)
def test_a_bucket_is_never_fuller_than_full_nor_emptier_than_empty(tier, schedule):
    for _, state, _ in run(tier, schedule):
        account = state.account
        assert account.spent >= 0
        assert account.spent + account.held * tier.width <= tier.burst * tier.width
        assert account.held == sum(hold.points for hold in state.holds.values())
        assert account.running == len(state.holds) <= (tier.max_concurrent or len(schedule))
        assert 0 <= standing(account, tier).remaining <= tier.burst


@given(tiers, st.lists(operations, min_size=1, max_size=20))
@settings(deadline=None)
def test_whoever_waits_as_long_as_it_was_told_is_let_in(tier, schedule):
    *_, (now, state, _) = run(tier, schedule)
    for name in list(state.holds):
        settle(state, now, tier, name, 50)
    refused = reserve(state, now, tier, "new", Hold(tier.burst, NEVER))
    if refused:
        assert reserve(state, now + refused.wait * 1_000, tier, "new", Hold(tier.burst, NEVER)) is None


@given(tiers, st.lists(operations, max_size=20))
def test_an_account_that_is_forgotten_when_it_is_idle_was_as_good_as_new(tier, schedule):
    for now, state, _ in run(tier, schedule):
        if idle(state, now, tier):
            assert standing(state.account, tier).remaining == tier.burst
