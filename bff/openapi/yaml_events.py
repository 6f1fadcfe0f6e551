"""The events of YAML text, each with its place: from libyaml where there is much of it, else from ruamel.yaml.

ruamel knows YAML 1.2 and reads 1 MB a second, libyaml knows YAML 1.1 and reads thirty. Where the two differ in what a
text says, and not only in what a plain word means, which neither decides here, ruamel has the last word. Knows no
value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml import events as slow
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bff.openapi.wrong import Spot, Unreadable, spot_at

LARGE = 256 * 1024  # characters; below, nobody notices the difference

Alias = (slow.AliasEvent, yaml.AliasEvent)
MappingEnd = (slow.MappingEndEvent, yaml.MappingEndEvent)
MappingStart = (slow.MappingStartEvent, yaml.MappingStartEvent)
Node = (slow.NodeEvent, yaml.NodeEvent)
Scalar = (slow.ScalarEvent, yaml.ScalarEvent)
SequenceEnd = (slow.SequenceEndEvent, yaml.SequenceEndEvent)

_BREAKS = re.compile("[\\x85\\u2028\\u2029]")  # lines end there in YAML 1.1, and do not in 1.2


class NotSure(Exception):
    """libyaml stopped: ruamel, which may know better, says why."""


def events(text: str, *, quick: bool) -> Iterator[Any]:
    """The events. Raises Unreadable, or with `quick` NotSure."""
    return _quick(text) if quick else _exact(text)


def may_be_quick(text: str) -> bool:
    """Whether a text is long enough to be worth it, and means the same in both versions of YAML."""
    return len(text) > LARGE and not _BREAKS.search(text)


def is_plain(event: Any) -> bool:
    """Whether a scalar stands there without quotes."""
    return not event.style


def _quick(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise NotSure from error


def _exact(text: str) -> Iterator[Any]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except YAMLError as error:
        raise _syntax(error, text) from None


def _syntax(error: YAMLError, text: str) -> Unreadable:
    """Where the parser stopped, in its own words."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        at = spot_at(text, getattr(error, "position", 0))
        return Unreadable("is not YAML: a character that YAML does not allow", at)
    mark = error.problem_mark
    lines = text.splitlines()
    tabbed = mark.line < len(lines) and "\t" in lines[mark.line]
    hint = "indent with spaces, not with tabs" if tabbed else ""
    return Unreadable(f"is not YAML: {error.problem}", (mark.line + 1, mark.column + 1), hint)


def spot(event: Any) -> Spot:
    """Line and column of an event, counted from 1."""
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
