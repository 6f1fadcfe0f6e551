"""A place on the way of a trip, as clients write it."""

import strawberry


@strawberry.input
class StopInput:
    """A place on the way."""

    iata: strawberry.ID = strawberry.field(description="IATA code of an airport.")
    note: str | None = strawberry.UNSET
