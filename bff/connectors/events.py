"""What a subscription's events come from, as adopters declare it: a stream, a socket, a polled call, a topic.

Frozen facts, as connectors are; runs nothing, knows no schema and no caller.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from bff.connectors.connector import Body, Connector
from bff.connectors.path import JsonPath

EVENT_STREAM = "text/event-stream"
LEAST_EVERY = 1.0  # seconds between two polls: what changes faster has a stream

_TOPIC = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*\Z")


class Streaming(TypedDict, total=False):
    """Options of `events` and `socket`; those of connectors mean the same here.

    names, joins, rows, headers, cookies, error, typename, weight    as `Upstream` explains them: `rows` is where the
                row stands in an event, and `error` what says that it is a failure; `weight` is of one event
    only        names of the events that count, where not all do; of messages of a socket, see `rows` and `error`
    until       the text, or the name of an event, that says that nothing more will come: "[DONE]"
    state       each event says all that there is to know: whoever comes late begins with the newest, and whoever is
                slow gets the newest alone
    shared      whether subscribers to whom everything is equal have one stream together; say False where the service
                begins every stream with something that the late ones need
    body        of a socket: the message that is sent once it stands, as connectors' bodies are
    """

    names: Mapping[str, str]
    joins: Mapping[str, str]
    rows: JsonPath
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    error: JsonPath
    typename: str
    weight: float
    only: str | tuple[str, ...]
    until: str
    state: bool
    shared: bool
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """Events that a connector brings."""

    connector: Connector  # what opens a stream, or is polled

    @property
    def label(self) -> str:
        """What telemetry and plans call it."""
        return self.connector.label

    @property
    def upstream(self) -> str:
        return self.connector.upstream

    @property
    def variables(self) -> tuple[str, ...]:
        """Every name that a field must bind."""
        return self.connector.variables

    @property
    def weight(self) -> float:
        """Points of one event: what opens a stream says that of its events, what is polled of its calls."""
        return self.connector.weight


@dataclass(frozen=True, slots=True, eq=False)
class Stream(Called):
    """An upstream's events. Made by `upstream("name").events(…)` and `.socket(…)`, which explain the arguments."""

    socket: bool = False  # a WebSocket (RFC 6455); else server-sent events
    only: frozenset[str] = frozenset()  # names of events; none: all
    until: str | None = None
    state: bool = False
    shared: bool = True

    def __repr__(self) -> str:
        return f"<{self.upstream}: {'socket' if self.socket else 'events'} {self.connector.template.text}>"


@dataclass(frozen=True, slots=True, eq=False)
class Poll(Called):
    """A call that is made again and again. Made by `poll(…)`, which explains the arguments."""

    every: float  # seconds
    each: JsonPath | None = None

    @property
    def state(self) -> bool:
        """Whether each event says all that there is to know."""
        return self.each is None

    def __repr__(self) -> str:
        return f"<poll every {self.every:g}s of {self.connector!r}>"


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """Events that are published in the gateway. Made by `published(…)`, which explains the arguments."""

    topic: str
    where: Mapping[str, JsonPath] = field(default_factory=dict)
    claims: Mapping[str, JsonPath] = field(default_factory=dict)
    rows: JsonPath = ""
    typename: str | None = None
    weight: float = 1

    @property
    def label(self) -> str:
        return f"topic {self.topic}"

    @property
    def upstream(self) -> None:
        """No service is asked."""
        return

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(self.where)

    @property
    def state(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self.label}>"


EventSource = Stream | Poll | Published


def poll(connector: Connector, *, every: float, each: JsonPath | None = None) -> Poll:
    """Events by asking again: the first value at once, then one whenever the answer has changed.

    every   seconds from one call to the next, at least 1; a little is added by chance, and more while calls fail
    each    of a connector that brings many: where a row has what tells it from others ("id"). Then each row that is
            new or has changed is an event; without it the whole answer is one

    The calls are as any other: limits, the cache and what is forwarded hold, and subscribers to whom everything is
    equal have one between them. Raises ValueError, saying what would be right.
    """
    poll = Poll(connector, every, each)
    if not (math.isfinite(every) and every >= LEAST_EVERY):
        raise ValueError(f"{poll!r}: every={every!r} must be at least {LEAST_EVERY:g} second; faster than that, stream")
    if not connector.repeatable:
        raise ValueError(f"{poll!r}: a {connector.method} changes something; poll a GET, or a POST that is safe=True")
    if connector.paging:
        raise ValueError(f"{poll!r}: pages cannot be polled; declare the call with many=True and without paging=")
    if each is not None and not connector.many:
        raise ValueError(f"{poll!r}: each={each!r} speaks of many rows, and the call brings one; leave it out")
    return poll


def published(
    topic: str,
    *,
    where: str | Mapping[str, JsonPath] | None = None,
    claims: Mapping[str, JsonPath] | None = None,
    rows: JsonPath = "",
    typename: str | None = None,
    weight: float = 1,
) -> Published:
    """Events that a webhook of `bff.yaml` publishes on `topic`.

    where     {"customer": "data.customer_id"}: only events that have there what the variable is; "customer" where the
              two have one name. A variable that is null leaves nothing out, so arguments that must narrow are non-null
    claims    {"sub": "data.user"}: only events that have there what the caller's token claims; whoever lacks the claim
              is refused. What is private is told apart by this, never by an argument
    rows      where the row stands in an event: "data"
    typename  GraphQL type of the row, where the field's type is an interface or a union

    Raises ValueError, saying what would be right.
    """
    if not _TOPIC.match(topic):
        raise ValueError(f"{topic!r} is no topic: lower-case words with . _ or - between them, such as 'orders.paid'")
    if weight < 0:
        raise ValueError(f"topic {topic}: weight must not be negative")
    named = {where: where} if isinstance(where, str) else dict(where or {})
    for name, path in (*named.items(), *(claims or {}).items()):
        if not name or not path:
            raise ValueError(
                f'topic {topic}: {name!r} needs the path in an event: where={{"customer": "data.customer"}}'
            )
    return Published(topic, named, dict(claims or {}), rows, typename, weight)
