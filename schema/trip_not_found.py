"""A trip that is not there."""

import strawberry

from schema.problem import Problem


@strawberry.type
class TripNotFound(Problem):
    """The caller has no such trip."""
