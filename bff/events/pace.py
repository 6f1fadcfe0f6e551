"""How long to wait until a service is asked again. Pure: time and chance are passed in.

A stream that ended in order is opened again after a second, or as its service asks; one that failed waits longer each
time. A part of each wait is left to chance, so that those who lost a service together do not come back together.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

RETRY = 1.0  # seconds; also the least, whatever a service asks for
LONGEST = 60.0
LONGEST_ASKED = 600.0  # that a service may ask for
DOUBLINGS = 10
SPREAD = 0.1  # of the time between two polls, that is left to chance


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds; `chance` gives numbers from 0 to 1."""

    chance: Callable[[], float] = random.random
    least: float = RETRY

    def reopen(self, retry: float | None, failures: int) -> float:
        """Until a stream is opened again, after so many failures in a row; `retry` is what the service asked for."""
        asked = self.least if retry is None else min(max(self.least, retry), LONGEST_ASKED)
        wait = min(max(LONGEST, asked), asked * 2.0 ** min(failures, DOUBLINGS))
        return wait * (0.5 + self.chance() / 2)

    def poll(self, every: float, failures: int) -> float:
        """Until a call is made again."""
        wait = every * (1 + SPREAD * self.chance())
        return min(max(wait, LONGEST), wait * 2.0 ** min(failures, DOUBLINGS))


@dataclass(slots=True)
class Outage:
    """What is known of failures in a row."""

    patience: float  # seconds from the first one on, after which it is the end
    failures: int = 0
    since: float = 0.0

    def failed(self, now: float) -> bool:
        """Note a failure; whether there is patience left."""
        if not self.failures:
            self.since = now
        self.failures += 1
        return now - self.since < self.patience

    def over(self) -> None:
        """The service was heard of."""
        self.failures = 0
