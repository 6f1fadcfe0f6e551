"""W3C Trace Context: the trace that a request belongs to, continued or begun. Pure; randomness is passed in.

Levels 1 and 2. Records no span and decides no sampling: what a client decided is handed on, and a trace that begins
here is not sampled. A header that is not valid counts as none, as the standard asks (4.3).
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable
from typing import Final

Headers = tuple[tuple[str, str], ...]
Entropy = Callable[[int], str]  # so many random bytes, in lower-case hexadecimal

TRACEPARENT: Final = "traceparent"
TRACE_HEADERS = frozenset({TRACEPARENT, "tracestate"})
MOST_MEMBERS = 32  # of a tracestate (3.3.1.1)
MOST_STATE = 512  # characters that anybody has to hand on (3.3.1.5); it goes out with every call
LONG_MEMBER = 128  # characters; these go first when something has to

SAMPLED: Final = 1  # the flags that are known (Level 2, 3.2.2.5)
RANDOM: Final = 2

_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_MEMBER = re.compile(r"[a-z0-9][a-z0-9_*/@-]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]")


class Trace:
    """Where a request stands in a trace. Identifiers are lower-case hexadecimal."""

    __slots__ = ("flags", "parent_id", "span_id", "state", "trace_id")

    def __init__(self, trace_id: str, span_id: str, parent_id: str | None, flags: int, state: str) -> None:
        self.trace_id = trace_id  # 32 digits
        self.span_id = span_id  # 16 digits: ours, the parent of what the upstreams do
        self.parent_id = parent_id  # the client's span; None when the trace begins here
        self.flags = flags  # SAMPLED and RANDOM, no other
        self.state = state  # tracestate; "" for none

    @property
    def sampled(self) -> bool:
        return bool(self.flags & SAMPLED)

    @property
    def headers(self) -> Headers:
        """What goes to an upstream."""
        parent = (TRACEPARENT, f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}")
        return (parent, ("tracestate", self.state)) if self.state else (parent,)


_random: Final = random.Random(secrets.randbits(256))  # noqa: S311 - identifiers; they are no secrets, but every call needs one


def digits(size: int) -> str:
    """So many random bytes, in hexadecimal: unlike those of any other process."""
    return _random.getrandbits(8 * size).to_bytes(size).hex()


def new_trace(entropy: Entropy = digits) -> Trace:
    both = entropy(24)
    return Trace(both[:32], both[32:], None, RANDOM, "")


def continued(headers: Headers, entropy: Entropy = digits) -> Trace:
    """The trace that a client's headers (lower-case names) tell; a new one if they tell none, or none that is valid."""
    parents = [value for name, value in headers if name == TRACEPARENT]
    parent = _parsed(parents[0].strip(" \t")) if len(parents) == 1 else None
    if parent is None:
        return new_trace(entropy)
    flags = int(parent["flags"], 16) & (SAMPLED | RANDOM)
    return Trace(parent["trace"], entropy(8), parent["span"], flags, _state(headers))


def _parsed(value: str) -> re.Match[str] | None:
    """Of a version that is not known yet, what version 00 would read (3.2.4)."""
    found = _TRACEPARENT.match(value)
    if found is None or found["version"] == "ff" or not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    rest = value[found.end() :]
    return found if not rest or (found["version"] != "00" and rest.startswith("-")) else None


def _state(headers: Headers) -> str:
    """One that breaks the rules is dropped as a whole, and the trace goes on without it."""
    lines = [value for name, value in headers if name == "tracestate"]
    members = [member.strip(" \t") for member in ",".join(lines).split(",")]
    members = [member for member in members if member]
    if len(members) > MOST_MEMBERS or not all(map(_MEMBER.fullmatch, members)):
        return ""
    return _cut(members)


def _cut(members: list[str]) -> str:
    """Whole members go: first the long ones, then from the end (3.3.1.5)."""
    while len(state := ",".join(members)) > MOST_STATE:
        long = [member for member in members if len(member) > LONG_MEMBER]
        members.remove(long[-1] if long else members[-1])
    return state
