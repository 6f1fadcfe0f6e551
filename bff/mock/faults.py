"""Faults on demand: what goes wrong with which service, how often. Parsed from text, decided by dice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bff.config.units import parse_duration


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one service. Shares are from 0 to 1."""

    status: int | None = None  # that calls are answered with
    rate: float = 1.0  # the share of calls that are; of no meaning without a status
    latency: float = 0.0  # seconds, of every call
    gaps: float = 0.0  # the share of keys for which there is nothing


NO_FAULT = Fault()


def parse_fault(text: str) -> tuple[str, Fault]:
    """`cities:status=503,rate=0.1,latency=200ms,gaps=0.2` as the service and its fault. Raises ValueError."""
    name, colon, settings = text.partition(":")
    if not name or not colon:
        raise ValueError("is SERVICE:NAME=VALUE,…, such as cities:status=503,rate=0.1")
    found: dict[str, Any] = {}
    for pair in settings.split(","):
        setting, _, value = pair.strip().partition("=")
        if setting not in READERS:
            raise ValueError(f"{setting!r} is no fault; there are {', '.join(READERS)}")
        found[setting] = READERS[setting](value)
    return name, Fault(**found)


def written(fault: Fault) -> str:
    """A fault as `parse_fault` reads it, without the service."""
    status = f"status={fault.status}," if fault.status else ""
    return f"{status}rate={fault.rate},latency={fault.latency * 1000:.0f}ms,gaps={fault.gaps}"


def _status(text: str) -> int:
    if not text.isdecimal() or not 400 <= int(text) <= 599:
        raise ValueError("a status is a number from 400 to 599")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("a share is a number from 0 to 1")
    return share


def _latency(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise ValueError("a latency is a duration with a unit, such as 200ms") from None


READERS = {"status": _status, "rate": _share, "latency": _latency, "gaps": _share}
