"""A point on Earth."""

import strawberry

from bff import field


@strawberry.type
class Coordinates:
    """A point on Earth, WGS 84."""

    latitude: float = field(path="lat", description="Degrees; north is positive.")
    longitude: float = field(path="lon", description="Degrees; east is positive.")
