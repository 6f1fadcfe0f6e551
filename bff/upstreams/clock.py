"""The clock that deadlines and durations are read from. Knows no calendar."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]  # seconds, monotonic
