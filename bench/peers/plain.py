"""The same graph as a competent team writes it today: Strawberry, aiodataloader, one httpx client, FastAPI.

Strawberry's parser and validation caches are off, as they are unless somebody turns them on. One process of uvicorn.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import strawberry
import uvicorn
from aiodataloader import DataLoader
from fastapi import FastAPI
from strawberry.fastapi import BaseContext, GraphQLRouter

Row = dict[str, Any]
client: httpx.AsyncClient


async def get(path: str, params: Any = None) -> Any:
    answer = await client.get(path, params=params)
    answer.raise_for_status()
    return answer.json()


def batched(path: str, name: str) -> Callable[[list[Any]], Coroutine[Any, Any, list[Row | None]]]:
    async def load(keys: list[Any]) -> list[Row | None]:
        rows = {row[name]: row for row in await get(path, [(name, key) for key in keys])}
        return [rows.get(key) for key in keys]

    return load


async def users_one_by_one(keys: list[int]) -> list[Row]:
    return [await get(f"/users/{key}") for key in keys]


class Loaders(BaseContext):
    """For one request."""

    def __init__(self) -> None:
        super().__init__()
        self.users = DataLoader(batched("/users", "id"))
        self.authors = DataLoader(users_one_by_one, batch=False)  # one call each, at the same time
        self.cities = DataLoader(batched("/cities", "id"))
        self.countries = DataLoader(batched("/countries", "code"))
        self.rates = DataLoader(batched("/rates", "code"))


async def loaders() -> Loaders:
    return Loaders()


Info = strawberry.Info[Loaders, None]


@strawberry.type
class User:
    id: int
    name: str
    username: str
    email: str
    phone: str | None
    website: str | None

    @classmethod
    def of(cls, row: Row) -> User:
        return cls(**{name: row[name] for name in ("id", "name", "username", "email", "phone", "website")})


@strawberry.type
class Post:
    id: int
    user_id: int
    title: str
    body: str

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        row = await info.context.users.load(self.user_id)
        return User.of(row) if row else None

    @strawberry.field
    async def author(self, info: Info) -> User | None:
        return User.of(await info.context.authors.load(self.user_id))


@strawberry.type
class Money:
    code: str
    rate: float


@strawberry.type
class Country:
    code: str
    name: str
    currency: strawberry.Private[str]

    @strawberry.field
    async def money(self, info: Info) -> Money | None:
        row = await info.context.rates.load(self.currency)
        return Money(code=row["code"], rate=row["rate"]) if row else None


@strawberry.type
class City:
    name: str
    country_code: strawberry.Private[str]

    @strawberry.field
    async def country(self, info: Info) -> Country | None:
        row = await info.context.countries.load(self.country_code)
        return Country(code=row["code"], name=row["name"], currency=row["currency"]) if row else None


@strawberry.type
class Airport:
    iata: str
    name: str
    city_id: strawberry.Private[int]

    @strawberry.field
    async def city(self, info: Info) -> City | None:
        row = await info.context.cities.load(self.city_id)
        return City(name=row["name"], country_code=row["countryCode"]) if row else None


@strawberry.type
class Row_:
    id: int
    name: str
    score: int


@strawberry.type
class Query:
    @strawberry.field
    async def posts(self, salt: int | None = None) -> list[Post]:
        return [
            Post(id=row["id"], user_id=row["userId"], title=row["title"], body=row["body"])
            for row in await get("/posts", {"salt": salt})
        ]

    @strawberry.field
    async def airports(self, salt: int | None = None) -> list[Airport]:
        return [Airport(iata=row["iata"], name=row["name"], city_id=row["cityId"]) for row in await get("/airports", {"salt": salt})]

    @strawberry.field
    async def rows(self, count: int) -> list[Row_]:
        return [Row_(id=row["id"], name=row["name"], score=row["score"]) for row in await get(f"/rows/{count}")]

    @strawberry.field
    def greet(self, salt: int | None = None) -> str:
        return "Hello World!"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    global client
    async with httpx.AsyncClient(base_url=os.environ["UPSTREAM"], timeout=30) as client:
        yield


app = FastAPI(lifespan=lifespan)
app.include_router(
    GraphQLRouter(strawberry.Schema(Query), context_getter=loaders, graphql_ide=None), prefix="/graphql"
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
