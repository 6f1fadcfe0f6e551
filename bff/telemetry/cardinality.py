"""Which words from outside may become labels: the first so many, for each series costs memory for as long as we live.

Knows no metric. Reserved words are in parentheses, which neither a GraphQL name nor a name of `bff.yaml` can hold.
"""

from __future__ import annotations

from collections import Counter

from bff.telemetry.printable import printable

OTHER = "(other)"
UNNAMED = "(unnamed)"


class Names:
    """The first `most` names, of which each owner has at most `each`, so that one who invents names hides only its own.

    A name longer than `longest` characters is never kept: it would be memory too.
    """

    def __init__(self, most: int, each: int, longest: int) -> None:
        self._most = most
        self._each = each
        self._longest = longest
        self._kept: dict[tuple[str, str], str] = {}
        self._by_owner: Counter[str] = Counter()

    def label(self, owner: str, name: str | None) -> str:
        """What to call `name` of `owner`: itself if it is kept, else `OTHER`; `UNNAMED` for none."""
        if not name:
            return UNNAMED
        return self._kept.get((owner, name)) or self._keep(owner, name)

    def _keep(self, owner: str, name: str) -> str:
        if len(name) > self._longest or len(self._kept) >= self._most or self._by_owner[owner] >= self._each:
            return OTHER
        kept = self._kept[owner, name] = printable(name)
        self._by_owner[owner] += 1
        return kept
