"""Public holidays."""

import datetime

import strawberry

from bff import field


@strawberry.type
class Holiday:
    """A day on which a country does not work."""

    date: datetime.date
    name: str = field(description="In English where that is known. Several on one day are joined by '; '.")
    local_name: str = field(description="In the country's own main language.")
