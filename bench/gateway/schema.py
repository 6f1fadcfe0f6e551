"""The graph of the benchmark, as an adopter writes one: posts and users, travel, long lists.

`salt` changes no answer: a number in it that no two operations share makes them unequal, and their first calls too.
"""

# mypy: disable-error-code=empty-body

from __future__ import annotations

import strawberry

from bff import connect, field, upstream

blog = upstream("blog")
airports = upstream("airports")
cities = upstream("cities")
countries = upstream("countries")
rates = upstream("rates")

all_posts = blog.get("/posts{?salt}", many=True)
users_by_ids = blog.get("/users{?id*}", key="id")
user_by_id = blog.get("/users/{id}")
rows_counted = blog.get("/rows/{count}", many=True)
all_airports = airports.get("/airports{?salt}", many=True)
cities_by_ids = cities.get("/cities{?id*}", key="id")
countries_by_codes = countries.get("/countries{?code*}", key="code")
rates_by_codes = rates.get("/rates{?code*}", key="code")


@strawberry.type
class User:
    id: int
    name: str
    username: str
    email: str
    phone: str | None
    website: str | None


@strawberry.type
class Post:
    id: int
    user_id: int = field(path="userId")
    title: str
    body: str
    user: User | None = connect(users_by_ids, id="userId")
    author: User | None = connect(user_by_id, id="userId")


@strawberry.type
class Money:
    code: str
    rate: float


@strawberry.type
class Country:
    code: str
    name: str
    money: Money | None = connect(rates_by_codes, code="currency")


@strawberry.type
class City:
    id: strawberry.Private[int]
    name: str
    country: Country | None = connect(countries_by_codes, code="countryCode")


@strawberry.type
class Airport:
    iata: str
    name: str
    city: City | None = connect(cities_by_ids, id="cityId")


@strawberry.type
class Row:
    id: int
    name: str
    score: int


@strawberry.type
class Query:
    @connect(all_posts, assumed_size=100)
    def posts(self, salt: int | None = None) -> list[Post]:
        """A hundred posts of ten users."""

    @connect(all_airports, assumed_size=20)
    def airports(self, salt: int | None = None) -> list[Airport]:
        """Twenty airports."""

    @connect(rows_counted, assumed_size=50_000)
    def rows(self, count: int) -> list[Row]:
        """As many rows as asked for, of those that the service has."""

    @strawberry.field
    def greet(self, salt: int | None = None) -> str:
        """What needs no service."""
        del salt
        return "Hello World!"


schema = strawberry.Schema(query=Query)
