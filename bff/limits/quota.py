"""The arithmetic of quotas: an account, the time, and an amount in; an account and a decision out. Pure.

Points and requests are each a leaky bucket of continuous drain, the other form of GCRA (ITU-T I.371 annex A). What runs
is *held*: a hold takes room and does not drain until it is settled. It is charged then, with what it really cost, so
nothing is ever paid back, and within any time t no more than `burst + t x rate` points are used.

All numbers are whole, so that this and quota.lua agree to the last point: times are milliseconds, and a debt counts
points x milliseconds of the window. A state is changed in place, and records are tuples: several are made for each
request, and a client may have hundreds of holds. Knows no clock, store, or client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

EXACT = 2**53  # above it, the doubles that Lua counts with have gaps
SECOND = 1_000  # milliseconds

Policy = Literal["points", "requests", "concurrent"]


@dataclass(frozen=True, slots=True)
class Tier:
    """What a client may spend: `points_per_window` on and on, `burst` at once. `window` in seconds. None: no limit."""

    points_per_window: int
    burst: int
    window: int = 60
    requests_per_second: int | None = None
    max_concurrent: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError: a limit below 1 grants nothing for ever, one too large cannot be counted exactly."""
        limits = (self.points_per_window, self.burst, self.window, self.requests_per_second, self.max_concurrent)
        if any(limit is not None and limit < 1 for limit in limits):
            raise ValueError("Every limit of a tier is at least 1.")
        if max(self.burst, self.points_per_window) * self.width >= EXACT:
            raise ValueError("A tier's burst, or its points a window, times its window in ms must be below 2^53.")

    @property
    def width(self) -> int:
        """The window in milliseconds: the debt of one point."""
        return self.window * SECOND

    def share(self, of: int) -> Tier:
        """The part of one among `of` that cannot ask each other. At least 1 of everything."""
        if of == 1:
            return self

        def part(limit: int) -> int:
            return max(1, limit // of)

        return Tier(
            points_per_window=part(self.points_per_window),
            burst=part(self.burst),
            window=self.window,
            requests_per_second=self.requests_per_second and part(self.requests_per_second),
            max_concurrent=self.max_concurrent and part(self.max_concurrent),
        )


class Account(NamedTuple):
    """What one client owes, at one moment, and what it has running."""

    at: int  # ms
    spent: int = 0  # points x width
    asked: int = 0  # requests x 1000
    held: int = 0  # points of what runs
    running: int = 0


class Hold(NamedTuple):
    """The points of one running operation. From `expires` (ms) on it counts as never made: its process has died."""

    points: int
    expires: int


class State:
    """An account as time goes on, with its holds by id; none of them expires before `soonest` (ms)."""

    __slots__ = ("asked", "at", "held", "holds", "running", "soonest", "spent")

    def __init__(self, account: Account) -> None:
        self.at, self.spent, self.asked, self.held, self.running = account
        self.holds: dict[str, Hold] = {}
        self.soonest = 0

    @property
    def account(self) -> Account:
        """What it is at this moment."""
        return Account(self.at, self.spent, self.asked, self.held, self.running)


class Standing(NamedTuple):
    """Where a client is with its tier: whole points and requests, seconds rounded up.

    `reset` is when the bucket is full again if all that runs costs what was reserved. `local`: the shared store was
    away, this is about the share of one process.
    """

    limit: int
    remaining: int
    reset: int
    requests_remaining: int | None = None
    concurrent_remaining: int | None = None
    local: bool = False

    @property
    def numbers(self) -> dict[str, int]:
        """For `extensions` and `ratelimit_headers`."""
        found = {"limit": self.limit, "remaining": self.remaining, "reset": self.reset}
        if self.requests_remaining is not None:
            found["requestsRemaining"] = self.requests_remaining
        if self.concurrent_remaining is not None:
            found["concurrentRemaining"] = self.concurrent_remaining
        return found


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which limit refuses, and the seconds until asking again makes sense: an estimate while operations are running."""

    policy: Policy
    wait: int


def refusal(account: Account, tier: Tier, points: int) -> Refusal | None:
    """Whether an operation of `points` must be refused now; of several reasons, the one that lasts.

    What is held counts as if it were charged now: how long it runs is not known.
    """
    over = account.spent + (account.held + points - tier.burst) * tier.width
    for_points = _up(over, tier.points_per_window)
    rate = tier.requests_per_second
    for_requests = _up(account.asked + (1 - rate) * SECOND, rate) if rate else 0
    full = tier.max_concurrent is not None and account.running >= tier.max_concurrent
    if for_points <= 0 and for_requests <= 0 and not full:
        return None
    policy: Policy = "points" if for_points > 0 else "concurrent" if full else "requests"
    return Refusal(policy, wait=_up(max(for_points, for_requests, SECOND if full else 0), SECOND))


def standing(account: Account | State, tier: Tier, *, local: bool = False) -> Standing:
    rate, most, width = tier.requests_per_second, tier.max_concurrent, tier.window * SECOND
    used = -(account.spent + account.held * width)  # negative: divided, it rounds up
    return Standing(
        tier.points_per_window,
        max(0, tier.burst + used // width),
        -(used // tier.points_per_window // SECOND),
        max(0, rate - _up(account.asked, SECOND)) if rate else None,
        max(0, most - account.running) if most else None,
        local,
    )


def reserve(state: State, now: int, tier: Tier, hold_id: str, hold: Hold) -> Refusal | None:
    """Hold the points, a request and a slot; or refuse, and take none of them."""
    _advance(state, now, tier)
    rate, most = tier.requests_per_second, tier.max_concurrent
    if (
        state.spent + (state.held + hold.points - tier.burst) * tier.window * SECOND > 0
        or (rate is not None and state.asked + (1 - rate) * SECOND > 0)
        or (most is not None and state.running >= most)
    ):
        return refusal(state.account, tier, hold.points)
    state.soonest = min(state.soonest, hold.expires) if state.holds else hold.expires
    state.holds[hold_id] = hold
    state.held += hold.points
    state.running += 1
    if rate is not None:
        state.asked += SECOND
    return None


def settle(state: State, now: int, tier: Tier, hold_id: str, actual: int) -> None:
    """Charge a hold with what it really cost, at most what it held. A hold that is gone changes nothing.

    Its own hold is looked at before those that expired are swept: who comes late, but not too late, still pays.
    """
    hold = state.holds.pop(hold_id, None)
    if hold is not None:
        state.held -= hold.points
        state.running -= 1
    _advance(state, now, tier)
    if hold is not None:
        state.spent += min(max(actual, 0), hold.points) * tier.window * SECOND


def idle(state: State, now: int, tier: Tier) -> bool:
    """Whether forgetting this account loses nothing: its buckets are full and nothing is running."""
    _advance(state, now, tier)
    return not (state.spent or state.asked or state.running)


def _advance(state: State, now: int, tier: Tier) -> None:
    """To `now`, without the holds that have expired. Holds do not drain, so it does not matter when this is done.

    A clock that went back drains nothing, and goes on from there.
    """
    if state.holds and now >= state.soonest:
        _sweep(state, now)
    elapsed = now - state.at
    state.at = now
    if elapsed > 0:
        state.spent = max(0, state.spent - elapsed * tier.points_per_window)
        state.asked = max(0, state.asked - elapsed * (tier.requests_per_second or 0))
    if tier.requests_per_second is None:
        state.asked = 0


def _sweep(state: State, now: int) -> None:
    """Drop the holds that have expired."""
    for hold_id in [hold_id for hold_id, hold in state.holds.items() if hold.expires <= now]:
        state.held -= state.holds.pop(hold_id).points
        state.running -= 1
    state.soonest = min((hold.expires for hold in state.holds.values()), default=0)


def _up(amount: int, unit: int) -> int:
    """Divided and rounded up."""
    return -(-amount // unit)
