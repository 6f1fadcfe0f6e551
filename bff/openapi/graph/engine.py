"""Which words connectors and fields understand, found by asking them, so that an import never writes what would not run.

What is written for a word that is missing is the next best thing, and a note of the report says so.
"""

from __future__ import annotations

import inspect

import bff.connectors
from bff.connectors import Upstream, connect, field


def _parameters(call: object) -> frozenset[str]:
    return frozenset(inspect.signature(call).parameters) if callable(call) else frozenset()


CONNECTOR = _parameters(Upstream._declare) | _parameters(Upstream.get)  # noqa: SLF001 - what its public methods take
FIELD = _parameters(field)
CONNECT = _parameters(connect)
WORDS = frozenset(bff.connectors.__all__)

NAMES = "names" in CONNECTOR  # parameters that are called what no template variable may be called
JOINS = "joins" in CONNECTOR  # lists joined by a space or a bar
EMPTY = "empty" in CONNECTOR  # what an answer without a body is
MEDIA = "media" in CONNECTOR  # bodies that are not JSON
ACCEPT = "accept" in CONNECTOR  # answers that are not JSON
COOKIES = "cookies" in CONNECTOR
NAME = "name" in FIELD and "name" in CONNECT  # fields whose name camel-casing does not make
DEFAULT = "default" in FIELD  # defaults of inputs beside their path
ENTRIES = "entries" in FIELD  # maps
UNIONS = "one_of" in WORDS
PAGES = "Page" in WORDS
AFTER = "After" in WORDS
