"""What can be asked for."""

# ruff: noqa: A002 - arguments have the names that clients write

from decimal import Decimal

import strawberry

import resolvers
from bff import Connection, argument, connect, requires
from schema.continent import Continent
from schema.links import Airport, City, Country
from schema.place import Place
from schema.trip import Trip


@strawberry.type
class Query:
    """Airports, cities and countries of the world, and the caller's trips."""

    @connect(resolvers.airports.by_iatas, iatas=argument("iata"))
    def airport(self, iata: strawberry.ID) -> Airport | None:
        """The airport with this IATA code, upper case."""

    @connect(resolvers.airports.by_iatas)
    def airports(self, iatas: list[strawberry.ID]) -> list[Airport | None] | None:
        """Airports by IATA code, in the order asked for; null where there is none."""

    @connect(resolvers.cities.by_id)
    def city(self, id: strawberry.ID) -> City | None:
        """The city with this GeoNames id."""

    @connect(resolvers.cities.in_country)
    def cities(
        self, country: strawberry.ID | None = None, first: int = 20, after: str | None = None
    ) -> Connection[City] | None:
        """Cities of a country, or of the world; most people first."""

    @connect(resolvers.countries.by_code)
    def country(self, code: strawberry.ID) -> Country | None:
        """The country with this ISO 3166-1 alpha-2 code, upper case."""

    @connect(resolvers.countries.on_continent, assumed_size=250)
    def countries(self, continent: Continent | None = None) -> list[Country] | None:
        """Countries of a continent, or of the world; by code."""

    @connect(
        resolvers.countries.named,
        resolvers.cities.named,
        resolvers.airports.named,
        q=argument("text"),
        limit=argument("first"),
        slicing_arguments=["first"],
    )
    def search(self, text: str, first: int = 10) -> list[Place] | None:
        """Places by the beginning of a word of their name, or by their code: countries, cities and airports in turn."""

    @connect(resolvers.rates.of_currencies, symbols=argument("currency"), path="rate")
    def rate(self, base: str, currency: str) -> Decimal | None:
        """What one unit of `base` is worth in `currency`, by the European Central Bank; null if it publishes none."""

    @requires("trips:read")
    @connect(resolvers.trips.mine)
    def trips(self, first: int = 20, after: str | None = None) -> Connection[Trip] | None:
        """The caller's trips, the first to start first."""

    @requires("trips:read")
    @connect(resolvers.trips.by_id)
    def trip(self, id: strawberry.ID) -> Trip | None:
        """One of the caller's trips."""
