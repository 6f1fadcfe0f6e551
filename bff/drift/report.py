"""What a live check found, as records and for programs. Holds no header, no key and no value that a service sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["MISSING", "NULL", "TYPE", "TOO_LONG", "SHAPE", "STATUS", "UNREACHABLE", "KEY", "GAPS", "CAP", "TOTAL"]


@dataclass(frozen=True, slots=True)
class Drift:
    """Where a service is no more what the graph says of it."""

    coordinate: str  # of the field whose clients see it
    kind: Kind
    message: str
    upstream: str
    call: str  # the connector's label

    def __str__(self) -> str:
        return f"{self.coordinate}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One connector that was called."""

    upstream: str
    call: str
    coordinates: tuple[str, ...]
    calls: int
    rows: int


@dataclass(frozen=True, slots=True)
class Batch:
    """How a service answers for many keys. `gaps` is what comes for a key that nothing has."""

    upstream: str
    call: str
    order: Literal["as asked", "its own", "by key", "unknown"]
    gaps: Literal["left out", "null", "empty", "refused", "unknown"]
    repeated: int  # rows that came once more for a key, where one is meant
    surplus: int  # rows that nobody asked for
    most: int  # keys that were asked for at once, at most


@dataclass(frozen=True, slots=True)
class Skipped:
    """One connector that was not called, and what would let it be."""

    upstream: str
    call: str
    coordinate: str
    reason: str
    sample: str  # what to give, such as "--sample airport.iata=…"; "" where nothing would help


@dataclass(frozen=True, slots=True)
class Report:
    drift: tuple[Drift, ...]
    checked: tuple[Checked, ...]
    batches: tuple[Batch, ...]
    skipped: tuple[Skipped, ...]

    def fails(self, *, strict: bool) -> bool:
        """What drifted fails; strictly, so does what was not looked at for want of a value."""
        return bool(self.drift or (strict and any(each.sample for each in self.skipped)))

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.checked)

    @property
    def summary(self) -> str:
        rows = sum(each.rows for each in self.checked)
        done = f"{len(self.checked)} connectors called, {self.calls} calls, {rows} rows"
        return f"live: {done}, {len(self.skipped)} not looked at, {len(self.drift)} drifted"


def as_json(report: Report) -> dict[str, Any]:
    return {
        "ok": not report.drift,
        "calls": report.calls,
        "drift": [asdict(each) for each in report.drift],
        "checked": [asdict(each) for each in report.checked],
        "batches": [asdict(each) for each in report.batches],
        "skipped": [asdict(each) for each in report.skipped],
    }
