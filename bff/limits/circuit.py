"""When a store that failed is asked again. Pure: the time is passed in, in seconds. Knows no store."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Circuit:
    """Closed, everybody asks. Open, nobody does until `until`; then one may try, and the others wait for what it finds.

    Each failure doubles the pause, from `shortest` to `longest`.
    """

    shortest: float = 1.0
    longest: float = 10.0
    pause: float = 0.0  # 0: closed
    until: float = 0.0

    @property
    def closed(self) -> bool:
        return not self.pause

    def permits(self, now: float) -> bool:
        return self.closed or now >= self.until

    def tried(self, now: float) -> Circuit:
        """Somebody asks. Were it never heard of again, another may try after the same pause."""
        return self if self.closed else replace(self, until=now + self.pause)

    def failed(self, now: float) -> Circuit:
        pause = min(max(self.pause * 2, self.shortest), self.longest)
        return replace(self, pause=pause, until=now + pause)

    def worked(self) -> Circuit:
        return replace(self, pause=0.0, until=0.0)
