"""Which city an airport belongs to. Pure; knows no HTTP and no data package."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

from backends.gazetteer import City
from backends.names import fold

# Airports are named after cities that they stand far from, but not arbitrarily far: there are thirty Springfields.
SAME_NAME_KM = 150.0
NEARBY_KM = 50.0

_EARTH_KM = 6371.0
_DEGREE_KM = 111.1  # of latitude, rounded down so that the box is never too small


class CityMatcher:
    """Cities by country, once by name and once by latitude."""

    def __init__(self, cities: Iterable[City]) -> None:
        self._named: dict[tuple[str, str], list[City]] = defaultdict(list)
        self._by_latitude: dict[str, list[City]] = defaultdict(list)
        for city in sorted(cities, key=lambda city: city.lat):
            self._named[city.country, fold(city.name)].append(city)
            self._by_latitude[city.country].append(city)
        self._latitudes = {country: [city.lat for city in some] for country, some in self._by_latitude.items()}

    def match(self, name: str, country: str, lat: float, lon: float) -> int | None:
        """The id of the city of that name in that country, else of the nearest within 50 km, else None.

        Within 50 km a city that is also known by that name goes first: "New York" is "New York City" to GeoNames.
        """
        same_name = self._named.get((country, fold(name)), [])
        if found := _nearest(same_name, lat, lon, SAME_NAME_KM):
            return found
        around = self._around(country, lat, lon)
        also_known = [city for city in around if name in city.aliases]
        return _nearest(also_known, lat, lon, NEARBY_KM) or _nearest(around, lat, lon, NEARBY_KM)

    def _around(self, country: str, lat: float, lon: float) -> list[City]:
        """The country's cities in a box that holds all within 50 km: cheaper than a distance to each."""
        reach = NEARBY_KM / _DEGREE_KM
        reach_lon = reach / max(cos(radians(abs(lat) + reach)), 0.01)
        latitudes = self._latitudes.get(country, [])
        low, high = bisect_left(latitudes, lat - reach), bisect_right(latitudes, lat + reach)
        band = self._by_latitude.get(country, [])[low:high]
        return [city for city in band if abs((city.lon - lon + 180) % 360 - 180) <= reach_lon]


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance between two points in degrees (haversine)."""
    phi1, phi2 = radians(lat1), radians(lat2)
    chord = sin((phi2 - phi1) / 2) ** 2 + cos(phi1) * cos(phi2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))


def _nearest(cities: list[City], lat: float, lon: float, within_km: float) -> int | None:
    near = ((distance_km(lat, lon, city.lat, city.lon), city.id) for city in cities)
    distance, city_id = min(near, default=(within_km + 1, 0))
    return city_id if distance <= within_km else None
