"""What can be watched."""

# ruff: noqa: A002 - arguments have the names that clients write

from decimal import Decimal

import strawberry

import resolvers
from bff import argument, requires, subscribe
from schema.trip import Trip


@strawberry.type
class Subscription:
    """Rates as they are published, and the caller's trips as they change."""

    @subscribe(resolvers.rates.changes, symbols=argument("currency"), path="rate")
    def rate(self, base: str, currency: str) -> Decimal | None:
        """What one unit of `base` is worth in `currency`: now, and whenever another rate is published."""

    @requires("trips:read")
    @subscribe(resolvers.trips.changes)
    def trip(self, id: strawberry.ID) -> Trip | None:
        """One of the caller's trips: as it is, and whenever it is another; null once it is gone."""

    @requires("trips:read")
    @subscribe(resolvers.trips.written)
    def trip_written(self) -> Trip | None:
        """Each of the caller's trips that is made or changed, through whatever door."""
