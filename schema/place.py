"""What a search can find."""

import strawberry

from bff import field


@strawberry.interface
class Place:
    """Somewhere on Earth that has a name: an airport, a city or a country."""

    id: strawberry.ID = field(description="Unique among places of its type: an IATA code, a GeoNames id, an ISO code.")
    name: str
