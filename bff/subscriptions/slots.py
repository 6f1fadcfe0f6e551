"""How many there may be of what lasts: so many in the process, so many for one client. Knows not what it counts."""

from __future__ import annotations

from collections import Counter

from bff.errors import TooManySubscriptions


class Slots:
    """Counts one kind: subscriptions, or connections."""

    __slots__ = ("_client", "_held", "_what", "most", "taken")

    def __init__(self, what: str, *, process: int, client: int) -> None:
        """`what` they are called in the words of a refusal: "subscriptions"."""
        self._what = what
        self.most = process
        self._client = client
        self._held: Counter[str] = Counter()
        self.taken = 0

    @property
    def full(self) -> bool:
        """Whether nobody can have one."""
        return self.taken >= self.most

    def take(self, client: str) -> None:
        """Raises TooManySubscriptions. To be given back, always, by `free`."""
        if self.full:
            raise TooManySubscriptions(f"There are as many {self._what} as one process may have. Try again later.")
        if self._held[client] >= self._client:
            raise TooManySubscriptions(f"This client has {self._client} {self._what}, as many as it may have.")
        self._held[client] += 1
        self.taken += 1

    def free(self, client: str) -> None:
        self.taken -= 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
