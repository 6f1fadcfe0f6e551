"""An input that cannot be a trip."""

import strawberry

from bff import field
from schema.mistake import Mistake
from schema.problem import Problem


@strawberry.type
class TripInvalid(Problem):
    """The input cannot be a trip."""

    mistakes: list[Mistake] = field(path="errors", assumed_size=150)
