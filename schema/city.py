"""Cities."""

import strawberry

import resolvers
from bff import connect, field
from schema.coordinates import Coordinates
from schema.links import Airport, Country
from schema.place import Place


@strawberry.type
class City(Place):
    """A city of 15,000 people or more, or a capital."""

    id: strawberry.ID = field(description="Its GeoNames id.")
    population: int
    location: Coordinates
    timezone: str = field(description="IANA time zone: Europe/Lisbon.")

    country: Country | None = connect(resolvers.countries.by_codes, code="country")
    airports: list[Airport] | None = connect(
        resolvers.airports.in_cities, city_id="id", assumed_size=15, description="All airports that serve it."
    )
