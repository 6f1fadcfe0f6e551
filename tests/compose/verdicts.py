"""What the samples prove, or do not. Pure: knows no container, no clock, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.compose.load import Sample
from tests.compose.stack import Carried, Death

EXACT = "the quota stayed exact"
STORE_THERE = "the store was never away"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim, whether it held, and the numbers."""

    claim: str
    held: bool
    numbers: str


def only_in_flight_failed(samples: Sequence[Sample], death: Death) -> Verdict:
    """Of all requests, none failed but some of those that were sent before the replica died and had no answer yet."""
    in_flight = [sample for sample in samples if sample.sent <= death.ended and sample.ended >= death.begun]
    failed = [sample for sample in samples if sample.outcome == "failed"]
    others = [sample for sample in failed if sample not in in_flight]
    return Verdict(
        f"nothing failed but what was in flight when {death.service} was killed",
        not others and bool(in_flight),
        f"{len(samples)} requests, {len(in_flight)} in flight at the kill, {len(failed)} failed"
        + "".join(f"\n  {sample.sent - death.ended:+.3f} s {sample.status} {sample.said}" for sample in others[:5]),
    )


def only_the_dead_failed(carried: Iterable[Carried], dead: str) -> Verdict:
    """HAProxy's own log says the same: no request ended badly on any other replica."""
    lines = list(carried)
    bad = [line for line in lines if line.end != "----" or line.status >= 500]
    others = Counter((line.server, line.status, line.end) for line in bad if line.server != dead)
    by_server = Counter(line.server for line in lines)
    moved = sum(line.retries.startswith("+") for line in lines)
    numbers = ", ".join(f"{count} by {server}" for server, count in sorted(by_server.items()))
    return Verdict(
        f"in HAProxy's log nothing ended badly but on {dead}",
        not others,
        f"{numbers}; {len(bad)} ended badly on {dead}, {moved} were moved before they were sent"
        + "".join(f"\n  {count} x {what}" for what, count in others.items()),
    )


def nothing_failed(samples: Sequence[Sample], status: int) -> Verdict:
    """While a replica was told to stop, and did."""
    failed = [sample for sample in samples if sample.outcome == "failed"]
    return Verdict(
        "nothing failed while the other replica was told to stop",
        not failed and status == 0 and bool(samples),
        f"{len(samples)} requests, {len(failed)} failed, exit status {status}"
        + "".join(f"\n  {sample.status} {sample.said}" for sample in failed[:5]),
    )


def spent_exactly(samples: Sequence[Sample], budget: int, price: int) -> Verdict:
    """Operations of one `price` in points were asked for until the `budget` was spent, and some more.

    What was answered is what the budget pays for, but for what was charged and then died with its gateway.
    """
    answered = [sample.points for sample in samples if sample.outcome == "answered"]
    lost = sum(sample.outcome == "failed" for sample in samples)
    refused = sum(sample.outcome == "refused" for sample in samples)
    return Verdict(
        EXACT,
        budget - lost * price <= sum(answered) <= budget and set(answered) == {price} and refused > 0,
        f"{sum(answered)} of {budget} points were granted, by {len(answered)} operations; {lost} died with their"
        f" gateway, {refused} were refused",
    )


def store_was_there(lines: Sequence[str]) -> Verdict:
    """`lines`: what gateways logged when they lost sight of the store. They count by themselves then, inexactly."""
    return Verdict(STORE_THERE, not lines, "".join(f"\n  {line}" for line in lines).strip())


def worth_another_try(verdicts: Sequence[Verdict]) -> bool:
    """A machine so busy that the store seemed away proves nothing about a quota that is exact while it is there."""
    failed = {verdict.claim for verdict in verdicts if not verdict.held}
    return STORE_THERE in failed and failed <= {STORE_THERE, EXACT}
