"""What makes a trip."""

import datetime

import strawberry

from schema.money_input import MoneyInput
from schema.stop_input import StopInput


@strawberry.input
class CreateTripInput:
    """What makes a trip."""

    title: str = strawberry.field(description="1 to 200 characters.")
    starts_on: datetime.date
    ends_on: datetime.date = strawberry.field(description="Not before `startsOn`.")
    stops: list[StopInput] | None = strawberry.field(default=strawberry.UNSET, description="At most 50.")
    budget: MoneyInput | None = strawberry.UNSET
