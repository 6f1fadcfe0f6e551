"""Public holidays of 250 countries and territories, from `holidays`.

Its habits: by id only, one country and year a call; no batch, no list, no search.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Annotated

import holidays
from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from backends.api import Api
from backends.problems import ProblemError, answers

ENGLISH = "en_US"

Country = Annotated[str, Path(description="ISO 3166-1 alpha-2 code, upper case.")]
Year = Annotated[int, Path(ge=1950, le=2100)]


class Holiday(BaseModel):
    """One day. Several holidays on one day share a row, their names joined by "; "."""

    model_config = ConfigDict(frozen=True)

    date: dt.date
    name: str = Field(description="In English where the source knows it, else as local_name.")
    local_name: str = Field(description="In the country's own main language.")


class CalendarYear(BaseModel):
    """The public holidays of one country in one year, by date."""

    model_config = ConfigDict(frozen=True)

    country: str
    year: int
    holidays: list[Holiday]


def create_app() -> Api:
    """The service; a country's rules are loaded when it is first asked for."""
    supported = frozenset(code for code in holidays.list_supported_countries() if len(code) == 2)
    app = Api("Holidays", "Public holidays, one country and year at a time.")

    @app.get("/holidays/{country}/{year}", tags=["holidays"], responses=answers(404, 422))
    async def get_holidays(country: Country, year: Year) -> CalendarYear:
        """The public holidays of a country in a year."""
        if country not in supported:
            raise ProblemError(404, f"No holidays are known for {country}.")
        return calendar_year(country, year)

    return app


@lru_cache(maxsize=4096)
def calendar_year(country: str, year: int) -> CalendarYear:
    """Pure, and kept: the rules of a year do not change while we run."""
    english, local = _names(country, year, ENGLISH), _names(country, year, None)
    rows = [Holiday(date=date, name=english.get(date, name), local_name=name) for date, name in sorted(local.items())]
    return CalendarYear(country=country, year=year, holidays=rows)


def _names(country: str, year: int, language: str | None) -> dict[dt.date, str]:
    """Names by date in a language the country has, else in its own. Without a language the process's locale decides."""
    kind = getattr(holidays, country)
    language = language if language in kind.supported_languages else kind.default_language
    return {date: name for date, name in kind(years=year, language=language).items() if date.year == year}
