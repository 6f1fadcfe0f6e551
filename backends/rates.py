"""Exchange rates of the European Central Bank, from the file that `currencyconverter` bundles.

Its habits: answers 200 with an error inside; one base and many symbols a call, by comma list; decimals are strings.
What a rate means: one unit of `base` is worth `rate` units of `currency`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Context, Decimal
from functools import lru_cache
from typing import Annotated, Literal

from currency_converter import CurrencyConverter, RateNotFoundError
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from backends.api import Api, comma_list
from backends.problems import answers

# The ECB states five to seven digits; a cross rate cannot be known better than that, one more keeps rounding out of it.
DIGITS = Context(prec=8)

# Rates stand for business days only. The longest gap so far is five days, over Easter.
LONGEST_GAP_DAYS = 7


class Rate(BaseModel):
    """The price of one unit of `base`."""

    model_config = ConfigDict(frozen=True)

    currency: str = Field(description="ISO 4217 code, the key.")
    base: str = Field(description="ISO 4217 code.")
    rate: str = Field(description="Units of `currency` for one unit of `base`: a decimal of at most 8 digits, exact.")


class Rates(BaseModel):
    """The rates of a day."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    success: Literal[True] = True
    base: str
    date: dt.date = Field(description="The business day of these rates: the one asked for, or the last before it.")
    rates: list[Rate]


class Failing(BaseModel):
    """Why there are no rates."""

    code: Literal["unknown_currency", "no_rates"]
    message: str


class Failure(BaseModel):
    """What this service says instead of 4xx."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    success: Literal[False] = False
    error: Failing


class Table:
    """What the ECB published, as units of each currency for one euro."""

    def __init__(self) -> None:
        self._converter = CurrencyConverter(decimal=True)
        self.last_day: dt.date = self._converter.bounds["USD"].last_date
        self.on = lru_cache(maxsize=512)(self._on)

    def day(self, asked: dt.date | None) -> dt.date | None:
        """The last business day up to the one asked for; None before 1999."""
        latest = min(asked or self.last_day, self.last_day)
        days = (latest - dt.timedelta(days=back) for back in range(LONGEST_GAP_DAYS))
        return next((day for day in days if self._for_one_euro("USD", day)), None)

    def _on(self, day: dt.date) -> dict[str, Decimal]:
        """All rates of a business day, by currency. Currencies that were not published that day are missing."""
        rates = {currency: self._for_one_euro(currency, day) for currency in sorted(self._converter.currencies)}
        return {currency: rate for currency, rate in rates.items() if rate is not None}

    def _for_one_euro(self, currency: str, day: dt.date) -> Decimal | None:
        try:
            return Decimal(self._converter.convert(1, "EUR", currency, day))
        except RateNotFoundError:
            return None


def create_app() -> Api:
    """The service, its data loaded."""
    table = Table()
    app = Api("Rates", "Reference rates of the European Central Bank. Look at `success`: the status is always 200.")

    @app.get(
        "/rates",
        tags=["rates"],
        responses=answers(422),
        openapi_extra=comma_list("symbols", "ISO 4217 codes: EUR,GBP. Absent: all.", required=False, most=50),
    )
    async def list_rates(
        base: Annotated[str, Query(max_length=10, description="ISO 4217 code.")] = "EUR",
        symbols: Annotated[str | None, Query(include_in_schema=False)] = None,
        date: Annotated[dt.date | None, Query(description="A day since 1999-01-04; absent: the latest.")] = None,
    ) -> Rates | Failure:
        """What one unit of `base` is worth in other currencies. Unknown symbols are left out."""
        return answer(table, base, symbols.split(",") if symbols else None, date)

    return app


def answer(table: Table, base: str, symbols: list[str] | None, asked: dt.date | None) -> Rates | Failure:
    """Rates of the last business day up to the one asked for, in the order of their codes."""
    day = table.day(asked)
    if day is None:
        return Failure(error=Failing(code="no_rates", message=f"There are no rates for {asked}."))
    per_euro = table.on(day)
    if base not in per_euro:
        return Failure(error=Failing(code="unknown_currency", message=f"There is no rate for {base!r} on {day}."))
    wanted = per_euro if symbols is None else sorted(per_euro.keys() & set(symbols))
    return Rates(base=base, date=day, rates=[_rate(base, currency, per_euro) for currency in wanted])


def _rate(base: str, currency: str, per_euro: dict[str, Decimal]) -> Rate:
    rate = Decimal(1) if base == currency else DIGITS.divide(per_euro[currency], per_euro[base])
    return Rate(currency=currency, base=base, rate=f"{rate:f}")
