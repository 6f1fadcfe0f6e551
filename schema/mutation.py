"""What can be changed: the caller's trips. What is refused is a result of its own type, not an error."""

# ruff: noqa: A002 - arguments have the names that clients write

from typing import Annotated

import strawberry

import resolvers
from bff import connect, field, requires
from schema.create_trip_input import CreateTripInput
from schema.trip import Trip
from schema.trip_conflict import TripConflict
from schema.trip_deleted import TripDeleted
from schema.trip_invalid import TripInvalid
from schema.trip_not_found import TripNotFound
from schema.update_trip_input import UpdateTripInput

CreateTripResult = Annotated[
    Trip | TripInvalid, strawberry.union("CreateTripResult", description="The trip, or why there is none.")
]
UpdateTripResult = Annotated[
    Trip | TripInvalid | TripConflict | TripNotFound,
    strawberry.union("UpdateTripResult", description="The trip as it is now, or why it was not changed."),
]
DeleteTripResult = Annotated[
    TripDeleted | TripNotFound,
    strawberry.union("DeleteTripResult", description="What was deleted, or that nothing was."),
]


@strawberry.type
class Mutation:
    """Changes to the caller's trips."""

    @requires("trips:write")
    @connect(resolvers.trips.create)
    def create_trip(self, input: CreateTripInput) -> CreateTripResult | None:
        """Plan a trip."""

    @requires("trips:write")
    @connect(resolvers.trips.update)
    def update_trip(self, id: strawberry.ID, input: UpdateTripInput) -> UpdateTripResult | None:
        """Change a trip."""

    @requires("trips:write")
    @field(uses=[resolvers.trips.delete])
    async def delete_trip(self, info: strawberry.Info, id: strawberry.ID) -> DeleteTripResult | None:
        """Delete a trip for good."""
        refused: TripNotFound | None = await info.context.load(resolvers.trips.delete, id=id)
        return refused or TripDeleted(id=id)
