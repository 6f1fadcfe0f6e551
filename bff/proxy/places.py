"""How many WebSockets a route has open: in all, and by whom. Knows no socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bff.errors import TooManyAtOnce, UpstreamOverloaded

SOON = 1  # seconds after which one may have closed


class Places:
    """Those of one route."""

    def __init__(self, upstream: str, *, most: int, each: int) -> None:
        """`most` in all, `each` for one holder."""
        self._upstream = upstream
        self._most = most
        self._each = each
        self._held: Counter[str] = Counter()
        self.taken = 0

    @contextmanager
    def taken_by(self, holder: str) -> Iterator[None]:
        """Hold one. Raises `UpstreamOverloaded` or `TooManyAtOnce`."""
        if self.taken >= self._most:
            raise UpstreamOverloaded(self._upstream, detail=f"{self._most} WebSockets are open")
        if self._held[holder] >= self._each:
            raise TooManyAtOnce(f"{self._each} WebSockets are open, as many as one client may have.", retry_after=SOON)
        self._held[holder] += 1
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
