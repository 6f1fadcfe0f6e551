"""Airports: every airport that has an IATA code, from `airportsdata`.

Its habits: pages by opaque cursor; batches by comma list, bare arrays, at most 50; rows in its own order, never the
caller's; snake_case. Airports know the id of their city in the service `cities`, and nothing else about it.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections import defaultdict
from typing import Annotated

import airportsdata
from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from backends import gazetteer
from backends.api import Api, comma_list
from backends.city_match import CityMatcher
from backends.names import NameIndex
from backends.problems import ProblemError, answers

MOST_IN_A_BATCH = 50

Code = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most rows to answer with.")]


class Geo(BaseModel):
    """Where an airport is, WGS 84."""

    model_config = ConfigDict(frozen=True)

    lat: float = Field(description="Degrees north.")
    lon: float = Field(description="Degrees east.")
    elevation_ft: int = Field(description="Feet above sea level.")


class Airport(BaseModel):
    """One airport."""

    model_config = ConfigDict(frozen=True)

    iata: str = Field(description="IATA code, the key: LIS.")
    icao: str | None = Field(description="ICAO code: LPPT.")
    name: str
    city: str | None = Field(description="Name of the city that it serves, as airportsdata has it.")
    subdivision: str | None = Field(description="State, province or district.")
    country_code: str = Field(description="ISO 3166-1 alpha-2 code.")
    city_id: int | None = Field(description="Id of its city in the service cities; null when none is near.")
    geo: Geo
    tz: str = Field(description="IANA time zone.")


class Page(BaseModel):
    """Some airports, and where to go on."""

    items: list[Airport]
    next: str | None = Field(description="Send it as `cursor` for the rows that follow; null on the last page.")


class Found(BaseModel):
    """What a search found, best first."""

    items: list[Airport]


class Airports:
    """All rows, in the order of their IATA codes."""

    def __init__(self) -> None:
        matcher = CityMatcher(gazetteer.cities())
        raw = airportsdata.load("IATA")
        self.by_iata = {iata: _airport(raw[iata], matcher) for iata in sorted(raw)}
        self.by_city: dict[int, list[Airport]] = defaultdict(list)
        self._by_country: dict[str, list[str]] = defaultdict(list)
        for airport in self.by_iata.values():
            self._by_country[airport.country_code].append(airport.iata)
            if airport.city_id is not None:
                self.by_city[airport.city_id].append(airport)
        self._all = list(self.by_iata)
        rows = self.by_iata.values()
        self._index = NameIndex((row, (row.iata, row.icao or "", row.name, row.city or "")) for row in rows)

    def page(self, country: str | None, limit: int, after: str) -> Page:
        """The `limit` rows whose codes follow `after`."""
        codes = self._by_country.get(country, []) if country else self._all
        start = bisect_right(codes, after)
        chosen = codes[start : start + limit]
        more = start + limit < len(codes)
        return Page(items=[self.by_iata[code] for code in chosen], next=to_cursor(chosen[-1]) if more else None)

    def search(self, q: str, limit: int) -> list[Airport]:
        """Airports by the beginning of any word of code, name or city; the one that has this very code goes first."""
        named = self.by_iata.get(q.strip().upper())
        others = [row for row in self._index.search(q, limit) if row is not named]
        return ([named, *others] if named else others)[:limit]


def to_cursor(iata: str) -> str:
    return base64.urlsafe_b64encode(f"after:{iata}".encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> str:
    """The code that a cursor stands after. A cursor that we did not make is a 400."""
    try:
        word, _, iata = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        word, iata = "", ""
    if word != "after":
        raise ProblemError(400, "The cursor is not one of ours.")
    return iata


def from_comma_list(iatas: str) -> set[str]:
    """The codes of a comma list. More than the service likes is a 400."""
    codes = {code for code in iatas.split(",") if code}
    if not codes:
        raise ProblemError(400, "iatas names no airport.")
    if len(codes) > MOST_IN_A_BATCH:
        raise ProblemError(400, f"iatas names {len(codes)} airports, at most {MOST_IN_A_BATCH} are allowed.")
    return codes


def create_app() -> Api:
    """The service, its data loaded."""
    airports = Airports()
    app = Api("Airports", "Every airport with an IATA code.")

    @app.get("/airports", tags=["airports"], responses=answers(400, 422))
    async def list_airports(
        country: Annotated[Code | None, Query(description="ISO 3166-1 alpha-2 code.")] = None,
        limit: Limit = 20,
        cursor: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
    ) -> Page:
        """Airports of a country, or of the world, a page at a time, by IATA code."""
        return airports.page(country, limit, from_cursor(cursor) if cursor else "")

    @app.get(
        "/airports/batch",
        tags=["airports"],
        responses=answers(400, 422),
        openapi_extra=comma_list("iatas", "IATA codes: LIS,OPO.", required=True, most=MOST_IN_A_BATCH),
    )
    async def get_airports(iatas: Annotated[str, Query(include_in_schema=False)]) -> list[Airport]:
        """Airports by IATA code, in the order of their codes. What does not exist is left out."""
        return [airports.by_iata[code] for code in sorted(from_comma_list(iatas)) if code in airports.by_iata]

    @app.get("/airports/in-cities", tags=["airports"], responses=answers(422))
    async def list_airports_in_cities(
        city_id: Annotated[list[int], Query(min_length=1, max_length=100, description="Ids of cities.")],
    ) -> list[Airport]:
        """All airports of all these cities."""
        return [airport for city in sorted(set(city_id)) for airport in airports.by_city.get(city, [])]

    @app.get("/airports/search", tags=["airports"], responses=answers(422))
    async def search_airports(
        q: Annotated[str, Query(min_length=1, max_length=100, description="Beginning of a code or of any word.")],
        limit: Limit = 10,
    ) -> Found:
        """Airports by code, name or city."""
        return Found(items=airports.search(q, limit))

    @app.get("/airports/{iata}", tags=["airports"], responses=answers(404))
    async def get_airport(iata: Annotated[str, Path(description="IATA code, upper case.")]) -> Airport:
        """One airport."""
        if iata not in airports.by_iata:
            raise ProblemError(404, f"There is no airport {iata}.")
        return airports.by_iata[iata]

    return app


def _airport(raw: airportsdata.Airport, matcher: CityMatcher) -> Airport:
    return Airport(
        iata=raw["iata"],
        icao=raw["icao"] or None,
        name=raw["name"],
        city=raw["city"] or None,
        subdivision=raw["subd"] or None,
        country_code=raw["country"],
        city_id=matcher.match(raw["city"], raw["country"], raw["lat"], raw["lon"]),
        geo=Geo(lat=raw["lat"], lon=raw["lon"], elevation_ft=round(raw["elevation"])),
        tz=raw["tz"],
    )
