"""Countries."""

import strawberry

import resolvers
from bff import Connection, connect, constant, field
from schema.continent import Continent
from schema.currency import Currency
from schema.holiday import Holiday
from schema.links import Airport, City
from schema.place import Place


@strawberry.type
class Country(Place):
    """A country or territory with an ISO code of its own."""

    id: strawberry.ID = field(path="code", description="Its ISO 3166-1 alpha-2 code.")
    code: strawberry.ID = field(description="ISO 3166-1 alpha-2 code: PT. XK is Kosovo.")
    official_name: str | None = field(path="officialName", description="Portuguese Republic.")
    population: int
    area_km2: int | None = field(path="areaKm2", description="Square kilometres.")
    continent: Continent
    currency: Currency | None
    languages: list[str] = field(description="ISO 639 codes, most spoken first.")

    capital: City | None = connect(resolvers.cities.capitals, country="code")
    neighbours: list["Country"] | None = connect(
        resolvers.countries.by_codes,
        code="neighbours",
        assumed_size=16,
        description="Countries that it shares a land border with, by code.",
    )
    largest_cities: list[City] | None = connect(
        resolvers.cities.largest,
        country="code",
        limit=constant(10),
        assumed_size=10,
        description="The ten cities with most people. Cheaper than `cities` for many countries at once.",
    )

    @connect(resolvers.cities.in_country, country="code")
    def cities(self, first: int = 20, after: str | None = None) -> Connection[City] | None:
        """Its cities, most people first."""

    @connect(resolvers.airports.in_country, country="code")
    def airports(self, first: int = 20, after: str | None = None) -> Connection[Airport] | None:
        """Its airports, by IATA code."""

    @connect(resolvers.holidays.in_year, country="code", assumed_size=50)
    def holidays(self, year: int) -> list[Holiday] | None:
        """Public holidays of a year from 1950 to 2100, by date; none where the source lacks the country."""
