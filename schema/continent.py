"""Continents."""

import enum

import strawberry


@strawberry.enum(description="A continent, as GeoNames divides the Earth.")
class Continent(enum.Enum):
    AFRICA = "AF"
    ANTARCTICA = "AN"
    ASIA = "AS"
    EUROPE = "EU"
    NORTH_AMERICA = "NA"
    OCEANIA = "OC"
    SOUTH_AMERICA = "SA"
