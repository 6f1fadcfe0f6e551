"""Airports."""

import strawberry

import resolvers
from bff import connect, field
from schema.coordinates import Coordinates
from schema.links import City, Country
from schema.place import Place


@strawberry.type
class Airport(Place):
    """A place where planes land."""

    id: strawberry.ID = field(path="iata", description="Its IATA code.")
    iata: strawberry.ID = field(description="Code on tickets and luggage, three characters: LIS.")
    icao: str | None = field(description="Code in flight plans, four characters: LPPT.")
    location: Coordinates = field(path="geo")
    elevation_feet: int = field(path="geo.elevation_ft", description="Above mean sea level.")
    timezone: str = field(path="tz", description="IANA time zone: Europe/Lisbon.")

    city: City | None = connect(
        resolvers.cities.by_ids, id="city_id", description="The city it serves; null where none is near."
    )
    country: Country | None = connect(resolvers.countries.by_codes, code="country_code")

    @strawberry.field
    def title(self) -> str:
        """Its name as a list shows it: Lisbon Portela Airport (LIS)."""
        return f"{self.name} ({self.iata})"

    @field(uses=[resolvers.airports.by_iatas])
    async def distance_to(self, info: strawberry.Info, iata: strawberry.ID) -> float | None:
        """Kilometres to another airport, as the crow flies; null if there is none of that code."""
        other = await info.context.load(resolvers.airports.by_iatas, iatas=iata)
        if other is None:
            return None
        here, there = self.location, other["geo"]
        return resolvers.airports.great_circle_km((here.latitude, here.longitude), (there["lat"], there["lon"]))
