"""Calls on the airports service, and how far two airports are apart.

The service pages by a cursor of its own and takes a comma list of at most 50 codes.
"""

from math import asin, cos, radians, sin, sqrt

from bff import Cursor, upstream

airports = upstream("airports")

by_iatas = airports.get("/airports/batch{?iatas}", key={"iatas": "iata"}, max_batch=50)
in_cities = airports.get("/airports/in-cities{?city_id*}", key="city_id", many=True)
in_country = airports.get("/airports{?country,limit,cursor}", rows="items", paging=Cursor())
named = airports.get("/airports/search{?q,limit}", rows="items", many=True, typename="Airport")

EARTH_RADIUS_KM = 6_371.0088  # mean radius, IUGG

Degrees = tuple[float, float]  # north, east


def great_circle_km(one: Degrees, other: Degrees) -> float:
    """Kilometres along the surface from one place to the other, on a sphere: at most 0.6 % off (haversine formula)."""
    (north, east), (other_north, other_east) = map(radians, one), map(radians, other)
    up, across = (other_north - north) / 2, (other_east - east) / 2
    chord = sin(up) ** 2 + cos(north) * cos(other_north) * sin(across) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))
