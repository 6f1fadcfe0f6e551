"""Parameters of every call: on the wire, and nowhere else."""

from __future__ import annotations

import httpx
import pytest
import strawberry

from bff import connect, upstream
from bff.upstreams import Headers, Query, Reply, Request
from tests.kit import opened, reply

SECRET = "s3cret/&="
things = upstream("things")


class Wire:
    """Remembers the last target, and answers with a link to itself."""

    target = ""

    async def send(self, request: Request) -> Reply:
        self.target = request.target
        if "bad" in request.target:
            raise ValueError(f"cannot be sent: {request.target!r}")
        link: Headers = (("link", f'<http://things{request.target}>; rel="self"'), ("x-other", "as it is"))
        return Reply("things", 200, link, b"{}")

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("/x", "/x?key=s3cret%2F%26%3D&v=1"),
        ("/x?", "/x?key=s3cret%2F%26%3D&v=1"),
        ("/x?a=b&a=c", "/x?a=b&a=c&key=s3cret%2F%26%3D&v=1"),
        ("/x?key=mine&a=b&k%65y=mine&v", "/x?a=b&key=s3cret%2F%26%3D&v=1"),
    ],
)
async def test_they_stand_behind_the_calls_own_parameters_and_in_place_of_their_namesakes(
    target: str, sent: str
) -> None:
    wire = Wire()
    await Query(wire, (("key", SECRET), ("v", "1"))).send(Request("GET", target, deadline=0))
    assert wire.target == sent


async def test_a_service_that_answers_with_its_own_url_does_not_give_them_away() -> None:
    answer = await Query(Wire(), (("key", SECRET),)).send(Request("GET", "/x?a=1", deadline=0))
    assert answer.headers == (("link", '<http://things/x?a=1&>; rel="self"'), ("x-other", "as it is"))


async def test_a_target_that_cannot_be_sent_is_refused_without_them() -> None:
    with pytest.raises(ValueError, match="cannot be sent") as refused:
        await Query(Wire(), (("key", SECRET),)).send(Request("GET", "/bad", deadline=0))
    assert "s3cret" not in str(refused.value)
    assert refused.value.__context__ is None  # the log would have it


@strawberry.type
class Thing:
    id: strawberry.ID


@strawberry.type
class Query_:
    thing: Thing | None = connect(things.get("/thing"))
    broken: Thing | None = connect(things.get("/broken"))


async def test_they_come_from_the_environment_and_are_in_no_answer_and_no_record() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return reply({"id": 1}) if request.url.path == "/thing" else httpx.Response(500)

    schema = strawberry.Schema(query=Query_)
    policies = ', query: {api_key: "${KEY}"}'
    async with opened(schema, {"things": answer}, policies=policies, environ={"KEY": SECRET}) as bench:
        found = await bench.ask("{ thing { id } broken { id } }")
        assert bench.urls == ["/thing?api_key=s3cret%2F%26%3D", "/broken?api_key=s3cret%2F%26%3D"]
        assert "s3cret" not in f"{found.body}{found.extensions}{bench.listener}{bench.gateway.config}"
