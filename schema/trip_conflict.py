"""A change that came too late."""

import strawberry

from bff import field
from schema.problem import Problem


@strawberry.type
class TripConflict(Problem):
    """Somebody changed the trip since the version that the update was made on."""

    current_version: int = field(description="The version to look at before trying again.")
