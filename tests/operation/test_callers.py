"""Who calls and what it may cost, decided before any service is called: through the application, over two services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import pytest
import strawberry

from bff import connect, constant, field, requires, upstream
from bff.app import create_app
from bff.auth import new_key
from tests.kit import Bench, opened, reply

notes = upstream("notes")
plain = notes.get("/plain{?n}", many=True)
secrets = notes.get("/secrets", many=True)
owner = notes.get("/owners{?id*}", key="id")


@requires("people:read")
@strawberry.type
class Person:
    id: strawberry.ID
    name: str


@strawberry.type
class Note:
    text: str
    hidden: str | None = requires("notes:all")(field(path="hidden"))
    owner: Person | None = connect(owner, id="owner_id")


@strawberry.type
class Query:
    @connect(plain, n=constant(1), assumed_size=10)
    def notes(self) -> list[Note]: ...

    @requires("notes:all", "notes:more")
    @connect(secrets, assumed_size=10)
    def secrets(self) -> list[Note]: ...


@strawberry.type
class Mutation:
    @requires("notes:write")
    @connect(notes.post("/notes", body="text"))
    def write(self, text: str) -> Note | None: ...


def service(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/owners":
        return reply([{"id": number, "name": "Ana"} for number in request.url.params.get_list("id")])
    if request.method == "POST":
        return reply({"text": "written"})
    return reply([{"text": "one", "hidden": "h", "owner_id": 1}, {"text": "two", "hidden": "h", "owner_id": 2}])


READER, READER_DIGEST = new_key()
ALL, ALL_DIGEST = new_key()

CONFIGURATION = f"""
auth: {{anonymous: guest}}
tiers:
  guest: {{points_per_minute: 60, burst: 30, max_price: 25, introspection: false, max_concurrent: 2}}
  full: {{points_per_minute: 6000, max_price: 500}}
clients:
  reader: {{tier: full, keys: [{{sha256: "{READER_DIGEST}"}}], scopes: ["notes:all"]}}
  everything: {{tier: full, keys: [{{sha256: "{ALL_DIGEST}"}}], scopes: ["notes:all", "notes:more", "notes:write", "people:read"]}}
"""  # noqa: E501 - a line of YAML


@dataclass
class Front:
    """The application, and what stands behind it."""

    http: httpx.AsyncClient
    bench: Bench

    async def ask(self, query: str, key: str | None = None, **headers: str) -> httpx.Response:
        sent = {
            **({"x-api-key": key} if key else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.http.post("/graphql", json={"query": query}, headers=sent)


@asynccontextmanager
async def front(settings: str = CONFIGURATION) -> AsyncIterator[Front]:
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    async with opened(schema, {"notes": service}, settings, ", coalesce: false") as bench:
        transport = httpx.ASGITransport(create_app(bench.gateway))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Front(client, bench)


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(".".join(map(str, e.get("path", ()))), e["extensions"]["code"]) for e in answer.json().get("errors", [])]


async def test_a_key_is_its_client_and_no_credential_is_anonymous() -> None:
    async with front() as door:
        assert (await door.ask("{ notes { text } }")).status_code == 200
        assert (await door.ask("{ notes { text } }", READER)).status_code == 200
        assert [(fact.client, fact.tier) for fact in door.bench.listener.operations] == [
            ("anonymous", "guest"),
            ("reader", "full"),
        ]


@pytest.mark.parametrize(
    "headers",
    [
        {"x_api_key": "nonsense"},
        {"x_api_key": READER[:-1] + ("0" if READER[-1] != "0" else "1")},
        {"x_api_key": new_key()[0]},
        {"authorization": "Bearer a.b.c"},
        {"authorization": "Basic dXNlcjpwYXNz"},
        {"x_api_key": READER, "authorization": "Bearer x"},
    ],
    ids=["nonsense", "mistyped", "unknown", "token", "basic", "two credentials"],
)
async def test_a_bad_credential_is_401_alike_for_every_cause_and_never_anonymous(headers: dict[str, str]) -> None:
    async with front() as door:
        answer = await door.ask("{ notes { text } }", **headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"]
        assert answer.json()["errors"] == [
            {"message": "A valid credential is needed.", "extensions": {"code": "UNAUTHENTICATED"}}
        ]
        assert door.bench.urls == []


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"x_api_key": "nonsense"}, "the API key is mistyped or none"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "an authorization scheme other than Bearer"),
    ],
)
async def test_why_a_credential_was_refused_is_told_to_whoever_observes(headers: dict[str, str], why: str) -> None:
    async with front() as door:
        await door.ask("{ notes { text } }", x_request_id="c0ffee", **headers)
        assert door.bench.listener.denials == [("c0ffee", "UNAUTHENTICATED", why)]
        await door.ask("{ secrets { text } }", READER)
        await door.ask("{ notes { text } }")
        assert len(door.bench.listener.denials) == 1


async def test_without_an_anonymous_tier_nobody_calls_without_a_credential() -> None:
    closed = CONFIGURATION.replace("{anonymous: guest}", "{}")
    async with front(closed) as door:
        assert (await door.ask("{ notes { text } }")).status_code == 401
        assert (await door.ask("{ notes { text } }", READER)).status_code == 200


async def test_a_field_that_the_caller_may_not_see_is_an_error_there_and_makes_no_call() -> None:
    async with front() as door:
        answer = await door.ask("{ notes { text hidden owner { name } } }", READER)
        assert answer.status_code == 200
        assert answer.json()["data"]["notes"][0] == {"text": "one", "hidden": "h", "owner": None}
        assert codes(answer) == [("notes.0.owner", "FORBIDDEN"), ("notes.1.owner", "FORBIDDEN")]
        assert answer.json()["errors"][0]["extensions"]["requiredScopes"] == ["people:read"]
        assert door.bench.urls == ["/plain?n=1"]


async def test_where_nothing_remains_it_is_403() -> None:
    async with front() as door:
        answer = await door.ask("{ secrets { text } }", READER)
        assert answer.status_code == 403
        assert "data" not in answer.json()
        assert codes(answer) == [("", "FORBIDDEN")]
        assert (await door.ask('mutation { write(text: "x") { text } }', READER)).status_code == 403
        assert door.bench.urls == []
        allowed = await door.ask('mutation { write(text: "x") { text owner { name } } }', ALL)
        assert allowed.json() == {"data": {"write": {"text": "written", "owner": None}}}


async def test_what_is_forbidden_is_not_paid_for() -> None:
    async with front() as door:
        answer = await door.ask("{ notes { text owner { name } } }", READER, bff_cost="1")
        assert answer.json()["extensions"]["cost"]["requested"] == 11


async def test_the_price_is_reserved_and_what_was_not_used_comes_back() -> None:
    async with front() as door:
        answer = await door.ask("{ notes { text } }", bff_cost="1")
        cost = answer.json()["extensions"]["cost"]
        assert (cost["requested"], cost["actual"], cost["upstreamCalls"]) == (11, 3, 1)  # 10 rows + 1 call; 2 rows came
        assert cost["remaining"] == 27
        assert cost["resetAt"].endswith("+00:00")
        assert answer.headers["ratelimit-policy"].startswith('"points";q=60;w=60')
        assert answer.headers["ratelimit"].startswith('"points";r=27;t=')
        assert "extensions" not in (await door.ask("{ notes { text } }")).json()


async def test_a_spent_quota_is_429_with_when_to_come_back_and_makes_no_call() -> None:
    async with front() as door:
        answers = [await door.ask("{ notes { text } }") for _ in range(8)]
        refused = answers[-1]
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert '"points";r=' in refused.headers["ratelimit"]
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "QUOTA_EXCEEDED"
        assert error["extensions"]["price"] == 11
        granted = [answer for answer in answers if answer.status_code == 200]
        assert len(door.bench.urls) == len(granted) == 7  # 30 points: 3 each, until fewer than 11 remain
        assert (await door.ask("{ notes { text } }", READER)).status_code == 200  # another client's own budget


async def test_over_the_price_of_a_tier_is_400_since_waiting_would_not_help() -> None:
    async with front() as door:
        answer = await door.ask("{ a: notes { text } b: notes { text } c: notes { text } }")
        assert answer.status_code == 400
        assert codes(answer) == [("", "OPERATION_TOO_EXPENSIVE")]
        assert answer.json()["errors"][0]["extensions"] == {
            "code": "OPERATION_TOO_EXPENSIVE",
            "price": 33,
            "maxPrice": 25,
        }
        assert door.bench.urls == []


async def test_too_many_at_once_is_429_of_its_own_kind() -> None:
    async with front(CONFIGURATION.replace("burst: 30", "burst: 60")) as door:
        door.bench.services["notes"].gate = gate = asyncio.Event()
        queries = ("{ notes { text } }", "{ all: notes { text } }")  # equal ones would share a call
        running = [asyncio.ensure_future(door.ask(query)) for query in queries]
        await door.bench.services["notes"].called(2)
        refused = await door.ask("{ notes { text } }")
        assert refused.status_code == 429
        assert codes(refused) == [("", "TOO_MANY_AT_ONCE")]
        gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*running)] == [200, 200]
        assert (await door.ask("{ notes { text } }")).status_code == 200


async def test_a_client_that_hangs_up_is_charged_for_what_was_used_and_gets_the_rest_back() -> None:
    async with front() as door:
        door.bench.services["notes"].gate = asyncio.Event()
        leaving = asyncio.ensure_future(door.ask("{ notes { text } }"))
        await door.bench.services["notes"].called(1)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        await asyncio.gather(*door.bench.gateway.operations.running)
        door.bench.services["notes"].gate = None
        answer = await door.ask("{ notes { text } }", bff_cost="1")
        assert answer.json()["extensions"]["cost"]["remaining"] == 30 - 1 - 3


async def test_introspection_is_switched_by_tier() -> None:
    async with front() as door:
        assert (await door.ask("{ __schema { queryType { name } } }", READER)).status_code == 200
        refused = await door.ask("{ __schema { queryType { name } } }")
        assert refused.status_code == 400
        assert set(codes(refused)) == {("", "GRAPHQL_VALIDATION_FAILED")}


async def test_the_schema_says_which_scopes_are_needed() -> None:
    schema = strawberry.Schema(query=Query, mutation=Mutation).as_str()
    assert 'write(text: String!): Note @requiresScopes(scopes: [["notes:write"]])' in schema
    assert 'type Person @requiresScopes(scopes: [["people:read"]])' in schema
    assert (
        'secrets: [Note!]! @listSize(assumedSize: 10) @requiresScopes(scopes: [["notes:all", "notes:more"]])' in schema
    )


@pytest.mark.parametrize("scopes", [(), ("",), ("two words",), ('quo"te',)])
def test_what_no_token_can_carry_is_no_scope(scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scope"):
        requires(*scopes)


def test_requires_stands_above_fields_and_types_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="stands above"):
        requires("x")(lambda: None)


async def test_a_key_is_nowhere_in_what_is_observed() -> None:
    async with front() as door:
        await door.ask("{ notes { text } }", READER)
        seen: Any = [*door.bench.listener.operations, *door.bench.listener.failures]
        assert READER not in repr(seen)
        assert sha256(READER.encode()).hexdigest() == READER_DIGEST
        assert all("x-api-key" not in call.headers for call in door.bench.services["notes"].calls)


@requires("staff:read")
@strawberry.interface
class Staffed:
    id: strawberry.ID


@strawberry.type
class Employee(Staffed):
    pay: int | None


@requires("hr")
@strawberry.type
class Paid:
    salary: int | None


@requires("boss")
@strawberry.type
class Manager(Paid):
    id: strawberry.ID


@strawberry.type
class Company:
    employee: Employee | None = connect(owner, id=constant(1))
    manager: Manager | None = connect(owner, id=constant(2))


@pytest.mark.parametrize(
    ("query", "needed"), [("{ employee { pay } }", ["staff:read"]), ("{ manager { salary } }", ["boss", "hr"])]
)
async def test_what_an_interface_or_a_base_class_demands_holds_for_what_is_made_from_it(
    query: str, needed: list[str]
) -> None:
    async with opened(strawberry.Schema(query=Company), {"notes": service}) as bench:
        (error,) = (await bench.ask(query)).errors
        assert error["extensions"] == {"code": "FORBIDDEN", "requiredScopes": needed}
        assert bench.urls == []
