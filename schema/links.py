"""The types that link to each other in both directions, so that each can stand in a file of its own.

Python imports know no circles; Strawberry looks these names up when the whole schema is there.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.airport import Airport
    from schema.city import City
    from schema.country import Country
else:
    Airport = Annotated["Airport", strawberry.lazy("schema.airport")]
    City = Annotated["City", strawberry.lazy("schema.city")]
    Country = Annotated["Country", strawberry.lazy("schema.country")]

__all__ = ["Airport", "City", "Country"]
