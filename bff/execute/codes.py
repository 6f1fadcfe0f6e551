"""The text of generated functions -> what Python makes of it, remembered: plans of one form come from many documents.

Clients write values into their queries and name their operations as they like, and nothing of that is in the text.
Least recently used ones are forgotten first. Knows no plan.
"""

from __future__ import annotations

from collections import OrderedDict
from types import CodeType

MOST_TEXT = 500_000  # characters of all texts together; with what is made of them, each takes up to 30 bytes


class Codes:
    """Texts that were asked for, and what they were compiled to."""

    __slots__ = ("_entries", "_size")

    def __init__(self) -> None:
        self._entries: OrderedDict[str, CodeType | None] = OrderedDict()
        self._size = 0

    def again(self, text: str) -> bool:
        """Whether this text has been asked for before."""
        known = text in self._entries
        if not known:
            self._remember(text)
        return known

    def get(self, text: str) -> CodeType:
        """The code of this text, compiled where it is not known: that takes a hundred times as long."""
        self.again(text)
        self._entries.move_to_end(text)
        code = self._entries[text]
        if code is None:
            code = self._entries[text] = compile(text, "<plan>", "exec")
        return code

    def _remember(self, text: str) -> None:
        """The last one is kept however long it is."""
        self._entries[text] = None
        self._size += len(text)
        while self._size > MOST_TEXT and len(self._entries) > 1:
            forgotten, _ = self._entries.popitem(last=False)
            self._size -= len(forgotten)
