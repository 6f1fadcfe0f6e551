"""One mistake in an input."""

import strawberry
from strawberry.utils.str_converters import to_camel_case

from bff import field


@strawberry.type
class Mistake:
    """One mistake in an input."""

    message: str = field(description="What is wrong there, in English.")
    field: strawberry.Private[str]

    @strawberry.field
    def path(self) -> str:
        """Where in the input: endsOn, stops.0.iata."""
        return to_camel_case(self.field)
