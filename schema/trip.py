"""Trips."""

import datetime

import strawberry

from bff import field
from schema.money import Money
from schema.stop import Stop
from schema.trip_status import TripStatus


@strawberry.type
class Trip:
    """A journey of the caller. Nobody else sees it."""

    id: strawberry.ID
    title: str
    starts_on: datetime.date
    ends_on: datetime.date
    status: TripStatus
    stops: list[Stop] = field(assumed_size=50, description="In the order of travel.")
    budget: Money | None
    version: int = field(
        description="Grows by one with every change; send it with an update to notice others' changes."
    )

    @strawberry.field
    def nights(self) -> int:
        """How many nights it lasts."""
        return (self.ends_on - self.starts_on).days
