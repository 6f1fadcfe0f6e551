"""Documents by their text: the most recently used ones and no more.

A text that was refused is remembered too, so that a flood of one bad query costs a lookup. With the documents their
plans are forgotten (`bff.plan.kept`).
"""

from __future__ import annotations

from collections import OrderedDict

from graphql import GraphQLError

from bff.document.document import Document
from bff.document.limits import DocumentLimits
from bff.document.reading import Reading
from bff.document.refusal import Refusal, refusal
from bff.errors import BffError, OperationTooComplex
from bff.plan.graph import Graph

Why = tuple[BffError, tuple[GraphQLError, ...]]

MAX_TEXT = 1_000_000  # characters of all documents that are kept: parsed, each takes up to 150 bytes of memory


class Documents:
    """Documents by their text, least recently used ones forgotten first."""

    __slots__ = ("_entries", "_most", "_reading", "_size")

    def __init__(self, graph: Graph, limits: DocumentLimits, most: int) -> None:
        self._reading = Reading(graph, limits)
        self._most = most
        self._entries: OrderedDict[str, Document | Why] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, text: str) -> Document:
        """The document of this text. Raises Refusal."""
        entry = self._entries.get(text)
        if entry is None:
            entry = self._attempt(text)
            self._remember(text, entry)
        else:
            self._entries.move_to_end(text)
        if isinstance(entry, Document):
            return entry
        raise Refusal(*entry)  # a new one each time: a raised exception holds the frames it went through

    def _remember(self, text: str, entry: Document | Why) -> None:
        self._entries[text] = entry
        self._size += len(text)
        while len(self._entries) > self._most or self._size > MAX_TEXT:
            forgotten, _ = self._entries.popitem(last=False)
            self._size -= len(forgotten)

    def _attempt(self, text: str) -> Document | Why:
        try:
            return self._reading.document(text)
        except Refusal as refused:
            return (refused.kind, refused.errors)
        except RecursionError:
            deep = refusal(OperationTooComplex("The document is nested too deeply."))
            return (deep.kind, deep.errors)
