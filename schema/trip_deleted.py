"""A trip that is no more."""

import strawberry


@strawberry.type
class TripDeleted:
    """The trip was deleted."""

    id: strawberry.ID
