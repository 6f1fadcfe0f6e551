"""W3C Trace Context: the trace that a request belongs to, continued or begun. Pure; randomness is passed in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bff.upstreams import Headers

Entropy = Callable[[int], str]  # so many random bytes, in lower-case hexadecimal

_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_SAMPLED = 1
MEMBERS = 32  # of a tracestate


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request stands in a trace. Identifiers are lower-case hexadecimal."""

    trace_id: str  # 32 digits
    span_id: str  # 16 digits: ours, the parent of what the upstream does
    parent_id: str | None  # the client's span; None when the trace begins here
    sampled: bool
    state: str  # tracestate, as it came

    @property
    def headers(self) -> Headers:
        """What goes to the upstream."""
        parent = ("traceparent", f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}")
        return (parent, ("tracestate", self.state)) if self.state else (parent,)


def new_trace(entropy: Entropy = secrets.token_hex) -> Trace:
    return Trace(entropy(16), entropy(8), None, sampled=False, state="")


def continued(headers: Headers, entropy: Entropy = secrets.token_hex) -> Trace:
    """The trace that a client's headers (lower case) name; a new one if they name none, or none that is valid."""
    parents = [value.strip() for name, value in headers if name == "traceparent"]
    parent = _parsed(parents[0]) if len(parents) == 1 else None
    if parent is None:
        return new_trace(entropy)
    sampled = bool(int(parent["flags"], 16) & _SAMPLED)
    return Trace(parent["trace"], entropy(8), parent["span"], sampled, _state(headers))


def _parsed(value: str) -> re.Match[str] | None:
    """Of a version that is not known yet, what version 00 would read (W3C 4.3: at least 55 characters)."""
    found = _TRACEPARENT.match(value)
    if found is None or found["version"] == "ff" or not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    rest = value[found.end() :]
    return found if not rest or (found["version"] != "00" and rest.startswith("-")) else None


def _state(headers: Headers) -> str:
    members = [
        member.strip()
        for name, value in headers
        if name == "tracestate"
        for member in value.split(",")
        if member.strip()
    ]
    return ",".join(members) if len(members) <= MEMBERS else ""
