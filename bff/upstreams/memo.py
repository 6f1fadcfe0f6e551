"""What has been made of one answer's bytes, kept beside them. Knows no JSON, and not where the bytes are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

MOST = 4  # readings of one answer; who keeps more has no stable key


class Memo:
    """Readings of one answer by how they were made. Whoever gets one shares it with others and must not change it."""

    __slots__ = ("_kept", "room", "size")

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}
        self.size = 0  # bytes, as estimated by who kept them
        self.room: Callable[[int], bool] | None = None  # asked for bytes more, of who keeps the answer itself

    def get(self, key: Hashable, absent: object = None) -> Any:
        return self._kept.get(key, absent)

    def keep(self, key: Hashable, value: object, size: int) -> None:
        """Keep a reading if there is room for it; `size` is what it takes in memory, in bytes."""
        if key in self._kept or len(self._kept) >= MOST or not (self.room is None or self.room(size)):
            return
        self._kept[key] = value
        self.size += size
