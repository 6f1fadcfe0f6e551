"""How far a trip has come."""

import enum

import strawberry


@strawberry.enum(description="How far a trip has come.")
class TripStatus(enum.Enum):
    PLANNED = "planned"
    BOOKED = "booked"
    DONE = "done"
