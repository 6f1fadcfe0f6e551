"""A difference between two schemas, as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["breaking", "dangerous", "safe"]
SEVERITIES: tuple[Severity, ...] = ("breaking", "dangerous", "safe")  # the worst first


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Breaking: an operation that was answered is refused, or gets what it was promised not to get. Dangerous: every
    operation is still valid, and a client may be surprised. Safe: no client has to know.
    """

    severity: Severity
    kind: str  # a stable word for programs; graphql-core's where it has one: FIELD_REMOVED
    coordinate: str
    message: str  # what changed: "was removed"
    effect: str = ""  # what a client would see of it; "" for nothing
