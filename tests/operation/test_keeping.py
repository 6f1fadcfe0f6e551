"""What caches in between may keep of an answer: as much as the services allow for its parts, and no more."""

import re

import httpx
import pytest
import strawberry

from bff import connect, field, upstream
from bff.app import create_app
from bff.endpoint.reply import by_cookie
from bff.operation import Answer
from tests.kit import Handler, opened, reply

shops, prices = upstream("shops"), upstream("prices")
POLICIES = ", cache: {}"


@strawberry.type
class Shop:
    id: strawberry.ID
    price: int | None = connect(prices.get("/prices/{id}"), id="id", path="amount")

    @field()
    def label(self) -> str:
        return f"shop {self.id}"


@strawberry.type
class Query:
    shop: Shop | None = connect(shops.get("/shop"))


@strawberry.type
class Mutation:
    open_shop: Shop | None = connect(shops.post("/shop"))


def service(cache_control: str | None, body: object, status: int = 200) -> Handler:
    headers = {} if cache_control is None else {"cache-control": cache_control}
    return lambda _: httpx.Response(status, json=body, headers=headers)


async def answered(query: str, shop: str | None, price: str | None, *, forward: str = "") -> httpx.Response:
    services = {"shops": service(shop, {"id": "1"}), "prices": service(price, {"amount": 5})}
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    async with opened(schema, services, policies=POLICIES) as bench:
        transport = httpx.ASGITransport(create_app(bench.gateway))
        headers = {"authorization": forward} if forward else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
            return await client.post("/graphql", json={"query": query})


async def test_an_answer_is_fresh_for_as_long_as_the_least_fresh_of_its_parts() -> None:
    answer = await answered("{ shop { id price } }", "max-age=600", "max-age=60")
    found = re.fullmatch(r"public, max-age=(\d+)", answer.headers["cache-control"])
    assert found
    assert 55 <= int(found[1]) <= 60


async def test_what_an_answer_may_differ_by_is_said() -> None:
    answer = await answered("{ shop { id } }", "max-age=600", None)
    assert {name.strip().lower() for name in answer.headers["vary"].split(",")} == {
        "accept",
        "accept-encoding",
        "authorization",
        "x-api-key",
    }


@pytest.mark.parametrize(
    ("keeping", "differs_by", "found"),
    [
        ("private, max-age=5", ("authorization",), ("authorization", "cookie")),
        ("private, max-age=5", ("cookie",), ("cookie",)),
        ("no-store", (), ()),
    ],
)
def test_where_a_cookie_may_be_a_credential_answers_are_kept_by_it(
    keeping: str, differs_by: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert by_cookie(Answer([], keeping=keeping, differs_by=differs_by)).differs_by == found


@pytest.mark.parametrize(
    ("query", "shop", "price"),
    [
        ("{ shop { id price } }", "max-age=600", "no-store"),
        ("{ shop { id price } }", "max-age=600", None),
        ("{ shop { id price } }", "no-cache", "max-age=60"),
        ("{ shop { id label } }", "max-age=600", None),
        ("{ __typename }", None, None),
        ("mutation { openShop { id } }", "max-age=600", None),
        ("{ nothing }", None, None),
    ],
    ids=["no-store", "unknown", "no-cache", "code", "no part", "mutation", "refused"],
)
async def test_what_has_a_part_that_nobody_may_keep_is_kept_by_nobody(
    query: str, shop: str | None, price: str | None
) -> None:
    assert (await answered(query, shop, price)).headers["cache-control"] == "no-store"


async def test_what_a_service_made_for_one_caller_is_that_callers() -> None:
    answer = await answered("{ shop { id } }", "max-age=600", None, forward="Bearer secret")
    assert answer.headers["cache-control"].startswith("private, max-age=")


async def test_an_answer_with_an_error_is_kept_by_nobody() -> None:
    services = {"shops": service("max-age=600", {"id": "1"}), "prices": service("max-age=600", {}, 500)}
    async with opened(strawberry.Schema(query=Query), services, policies=POLICIES) as bench:
        found = await bench.ask("{ shop { id price } }")
        assert found.errors
        assert found.keeping == "no-store"


async def test_what_comes_from_the_cache_costs_no_call() -> None:
    services = {"shops": service("max-age=600", {"id": "1"}), "prices": lambda _: reply({"amount": 1})}
    async with opened(strawberry.Schema(query=Query), services, policies=POLICIES) as bench:
        for _ in range(2):
            await bench.ask("{ shop { id } }")
        assert [fact.upstream_calls for fact in bench.listener.operations] == [1, 0]
