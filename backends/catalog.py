"""Which services there are: their ports, and the fields that their rows are matched by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from backends.api import Api


@dataclass(frozen=True, slots=True)
class Entry:
    """One service."""

    name: str  # also its module in this package
    port: int
    keys: tuple[str, ...]  # row fields that callers match by; the first is the row's own key

    def create_app(self) -> Api:
        """The service's app. Its data is read here, so that a process pays only for what it runs."""
        app: Api = import_module(f"backends.{self.name}").create_app()
        return app


FIRST_PORT: Final = 4101

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "airports": ("iata", "city_id"),
    "cities": ("id", "country"),
    "countries": ("code",),
    "holidays": ("date",),
    "rates": ("currency",),
    "trips": ("id",),
}

CATALOG: Final[Mapping[str, Entry]] = {
    name: Entry(name, FIRST_PORT + place, keys) for place, (name, keys) in enumerate(_KEYS.items())
}
NAMES: Final = tuple(CATALOG)
