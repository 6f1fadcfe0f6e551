"""What changes a trip."""

import datetime

import strawberry

from schema.money_input import MoneyInput
from schema.stop_input import StopInput
from schema.trip_status import TripStatus


@strawberry.input
class UpdateTripInput:
    """What changes a trip: fields that are not given stay as they are."""

    version: int | None = strawberry.field(
        default=strawberry.UNSET, description="Change only this version; else it is a TripConflict."
    )
    title: str | None = strawberry.UNSET
    starts_on: datetime.date | None = strawberry.UNSET
    ends_on: datetime.date | None = strawberry.UNSET
    status: TripStatus | None = strawberry.UNSET
    stops: list[StopInput] | None = strawberry.field(default=strawberry.UNSET, description="Instead of all stops.")
    budget: MoneyInput | None = strawberry.field(default=strawberry.UNSET, description="null takes it away.")
