"""What a trip looks like on the wire: the row, what makes one, what changes one. Knows no HTTP and no database."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Status = Literal["planned", "booked", "done"]


class Input(BaseModel):
    """A typing error in a field's name must not look like success."""

    model_config = ConfigDict(extra="forbid")


class NewStop(Input):
    """A place to go by."""

    iata: str = Field(pattern="^[A-Z]{3}$", description="IATA code of an airport; not checked to exist.")
    note: str | None = Field(default=None, max_length=500)


class Money(Input):
    """An amount."""

    amount: str = Field(pattern=r"^\d{1,12}(\.\d{1,4})?$", description="A decimal, exact: 123.45.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.")


Stops = Annotated[list[NewStop], Field(max_length=50)]


class NewTrip(Input):
    """What makes a trip."""

    title: Title
    starts_on: dt.date
    ends_on: dt.date = Field(description="Not before starts_on.")
    stops: Stops = []
    budget: Money | None = None


def _absent(stand_in: Any) -> Any:
    """A field that may be missing but not null. A default factory, unlike a default, is not in the document."""
    return Field(default_factory=lambda: stand_in)


class TripChange(Input):
    """What changes a trip: fields that are missing stay as they are."""

    title: Title = _absent("")
    starts_on: dt.date = _absent(dt.date.min)
    ends_on: dt.date = _absent(dt.date.min)
    stops: Stops = _absent([])
    budget: Money | None = None
    status: Status = _absent("planned")
    version: int | None = Field(default=None, description="The version that the change was made on; else any.")


class Stop(BaseModel):
    """A place on the way."""

    iata: str
    note: str | None


class Trip(BaseModel):
    """One trip. Its owner is who asks, always."""

    id: str
    title: str
    starts_on: dt.date
    ends_on: dt.date
    stops: list[Stop]
    budget: Money | None
    status: Status
    version: int = Field(description="Grows by one with every change.")
