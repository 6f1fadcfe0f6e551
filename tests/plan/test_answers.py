"""What answers mean that are no plain JSON rows: none at all, other statuses, text, bytes."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
import strawberry
from strawberry.scalars import Base64

from bff import connect, upstream
from tests.kit import opened, reply

jobs = upstream("jobs")


@strawberry.type
class Job:
    id: strawberry.ID


@strawberry.type
class Done:
    done: bool


@strawberry.type
class Accepted:
    where: str | None


@strawberry.type
class Problem:
    title: str | None


@strawberry.type
class Conflict:
    with_: str | None = strawberry.field(name="with")


Result = Annotated[Job | Done | Accepted | Conflict | Problem, strawberry.union("Result")]


@strawberry.type
class Query:
    log: str | None = connect(jobs.get("/job", accept="text/plain"))
    picture: Base64 | None = connect(jobs.get("/job", accept="image/png"))
    vendor: Job | None = connect(jobs.get("/job", accept="application/vnd.job+json"))
    result: Result | None = connect(
        jobs.get("/job", typename="Job", errors={409: "Conflict", "4XX": "Problem", "default": "Problem"})
    )


@strawberry.type
class Mutation:
    gone: bool | None = connect(jobs.delete("/job", empty=True))
    told: Result | None = connect(
        jobs.delete("/job", typename="Done", empty={"done": True}, answers={202: "Accepted"}, errors={0: "Problem"})
    )
    job: Job | None = connect(jobs.delete("/job"))


schema = strawberry.Schema(query=Query, mutation=Mutation)
ALL = "__typename ... on Job { id } ... on Done { done } ... on Accepted { where } ... on Problem { title }"


async def ask(query: str, response: httpx.Response) -> Any:
    """The data and the codes of errors; the second time, when the plan's code is generated, as the first."""
    seen = []
    for _ in range(2):
        async with opened(schema, {"jobs": lambda _: response}) as bench:
            found = await bench.ask(query)
            seen.append((found.data, [error["extensions"]["code"] for error in found.errors]))
    assert seen[0] == seen[1]
    return seen[0]


@pytest.mark.parametrize(
    ("status", "body", "data", "codes"),
    [
        (200, b"", True, []),
        (202, b"", True, []),
        (204, b"", True, []),
        (200, b"false", False, []),
        (200, b"null", None, []),
        (404, b"", None, []),
        (500, b"", None, ["UPSTREAM_STATUS"]),
        (200, b"oops", None, ["UPSTREAM_MALFORMED"]),
    ],
)
async def test_a_success_without_a_body_is_what_the_connector_says(
    status: int, body: bytes, data: bool | None, codes: list[str]
) -> None:
    found = await ask("mutation { gone }", httpx.Response(status, content=body))
    assert found == ({"gone": data}, codes)


async def test_without_the_word_an_empty_answer_is_null_as_ever() -> None:
    assert await ask("mutation { job { id } }", httpx.Response(204)) == ({"job": None}, [])


@pytest.mark.parametrize(
    ("response", "data"),
    [
        (httpx.Response(204), {"__typename": "Done", "done": True}),
        (reply({"done": False}), {"__typename": "Done", "done": False}),
        (reply({"where": "/1"}, 202), {"__typename": "Accepted", "where": "/1"}),
        (httpx.Response(202), {"__typename": "Accepted", "where": None}),
        (reply({"title": "no"}, 422), {"__typename": "Problem", "title": "no"}),
        (reply({"title": "down"}, 503), {"__typename": "Problem", "title": "down"}),
        (reply({"title": "gone"}, 404), None),
    ],
)
async def test_other_answers_are_data_of_their_own_types(response: httpx.Response, data: Any) -> None:
    assert await ask(f"mutation {{ told {{ {ALL} }} }}", response) == ({"told": data}, [])


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b'"x"', b"\xff"])
async def test_a_status_that_nobody_named_is_data_only_if_its_body_is_an_object(body: bytes) -> None:
    found = await ask(f"mutation {{ told {{ {ALL} }} }}", httpx.Response(502, content=body))
    assert found == ({"told": None}, ["UPSTREAM_STATUS"])


@pytest.mark.parametrize(
    ("status", "name"), [(200, "Job"), (409, "Conflict"), (410, "Problem"), (500, "Problem"), (302, "Problem")]
)
async def test_a_status_counts_before_its_hundred_and_that_before_the_rest(status: int, name: str) -> None:
    assert await ask("{ result { __typename } }", reply({"id": 1}, status)) == ({"result": {"__typename": name}}, [])


@pytest.mark.parametrize(
    ("headers", "body", "log"),
    [
        ({"content-type": "text/plain"}, "é\n".encode(), "é\n"),
        ({"content-type": "text/plain; charset=latin-1"}, b"", ""),
        ({"content-type": "text/plain; charset=iso-8859-1"}, b"\xe9", "é"),
        ({}, b'{"a": 1}', '{"a": 1}'),
    ],
)
async def test_text_is_text(headers: dict[str, str], body: bytes, log: str) -> None:
    found = await ask("{ log }", httpx.Response(200, headers=headers, content=body))
    assert found == ({"log": log}, [])


async def test_text_that_is_not_in_its_charset_is_malformed() -> None:
    assert await ask("{ log }", httpx.Response(200, content=b"\xff")) == ({"log": None}, ["UPSTREAM_MALFORMED"])


async def test_bytes_are_base64() -> None:
    assert await ask("{ picture }", httpx.Response(200, content=b"\x89PNG")) == ({"picture": "iVBORw=="}, [])
    assert await ask("{ picture }", httpx.Response(404)) == ({"picture": None}, [])


async def test_services_are_asked_for_what_is_read() -> None:
    async with opened(schema, {"jobs": lambda _: reply({"id": 1})}) as bench:
        await bench.ask("{ log picture vendor { id } }")
        asked = {call.headers["accept"] for call in bench.services["jobs"].calls}
    assert asked == {"text/plain", "image/png", "application/vnd.job+json"}
