"""What a call carries beside its path: bodies of any media type, files, cookies, parameters with awkward names."""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
import strawberry
from strawberry.scalars import Base64
from strawberry.schema.config import StrawberryConfig

from bff import SCALARS, File, argument, connect, field, upstream
from tests.kit import Bench, body_of, opened, reply

notes = upstream("notes")
FORM = "application/x-www-form-urlencoded"
wiki = notes.get("/pages{?titles}", key={"titles": "title"}, joins={"titles": "|"})


@strawberry.type
class Note:
    id: strawberry.ID
    title: str | None


@strawberry.input
class Meta:
    stars: int


@strawberry.input
class NoteInput:
    title: str
    tags: list[str] | None = field(path="tag[]", default=None)
    meta: Meta | None = None
    photo: File | None = None


@strawberry.type
class Query:
    @connect(
        notes.get("/notes{?version,state}", names={"version": "api-version", "state": "filter[state]"}),
        version=argument("api_version"),
        state=argument("filter_state"),
    )
    def note(self, api_version: str, filter_state: str | None = None) -> Note | None: ...

    @connect(wiki, titles=argument("title"))
    def page(self, title: str) -> Note | None: ...

    @connect(notes.get("/me", cookies={"session": "session", "lang": "lang"}))
    def me(self, session: str, lang: str | None = None) -> Note | None: ...

    @connect(
        notes.get("/user", headers={"X-User": "user"}, cookies={"session": "session", "lang": "lang"}),
    )
    def user(self, user: str | None = None, session: str | None = None, lang: str | None = None) -> Note | None: ...

    @connect(notes.post("/search", body={"text": "text", "page": "page"}, safe=True, many=True), assumed_size=10)
    def search(self, text: str, page: int = 1) -> list[Note]: ...


@strawberry.type
class Mutation:
    @connect(notes.post("/form", body="input", media=FORM))
    def form(self, input: NoteInput) -> Note | None: ...

    @connect(notes.post("/parts", body="input", media="multipart/form-data"))
    def parts(self, input: NoteInput) -> Note | None: ...

    @connect(notes.put("/raw", body="content", media="image/png"))
    def raw(self, content: Base64) -> Note | None: ...

    @connect(notes.put("/text", body="text", media="text/plain"))
    def text(self, text: str | None = None) -> Note | None: ...

    @connect(notes.patch("/merge", body="input", media="application/merge-patch+json"))
    def merge(self, input: NoteInput) -> Note | None: ...

    @connect(notes.post("/json", body={"file": "file"}))
    def json(self, file: File) -> Note | None: ...


schema = strawberry.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/pages":
        return reply([{"title": title, "id": title} for title in request.url.params["titles"].split("|")])
    return reply([{"id": 1}] if request.url.path == "/search" else {"id": 1})


def a_bench(forward: str = "authorization") -> AbstractAsyncContextManager[Bench]:
    return opened(schema, {"notes": answer}, forward=forward)


async def sent(query: str, **variables: Any) -> httpx.Request:
    async with a_bench() as bench:
        found = await bench.ask(query, **variables)
        assert not found.errors
        (call,) = bench.services["notes"].calls
        return call


async def test_a_query_may_call_its_parameters_what_no_variable_can_be_called() -> None:
    call = await sent('{ note(apiVersion: "1", filterState: "a b") { id } }')
    assert call.url.raw_path == b"/notes?api-version=1&filter%5Bstate%5D=a%20b"


async def test_keys_are_joined_by_what_the_service_wants_and_one_that_would_be_two_fails_alone() -> None:
    async with a_bench() as bench:
        found = await bench.ask(
            '{ a: page(title: "a") { id } b: page(title: "b|c") { id } d: page(title: "d") { id } }'
        )
        assert found.data == {"a": {"id": "a"}, "b": None, "d": {"id": "d"}}
        assert [(error["path"], error["extensions"]["code"]) for error in found.errors] == [(["b"], "BAD_USER_INPUT")]
        assert bench.urls == ["/pages?titles=a%7Cd"]


async def test_a_form_has_the_members_of_an_input() -> None:
    call = await sent('mutation { form(input: {title: "a&b", tags: ["x", "y"], meta: {stars: 2}}) { id } }')
    assert call.headers["content-type"] == FORM
    assert call.content == b"title=a%26b&tag%5B%5D=x&tag%5B%5D=y&meta=%7B%22stars%22%3A2%7D"


async def test_a_file_in_an_input_is_a_part_with_its_name_and_type() -> None:
    photo = {"name": "me.png", "type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    query = 'mutation ($photo: File) { parts(input: {title: "a", photo: $photo}) { id } }'
    call = await sent(query, photo=photo)
    kind, _, boundary = call.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert call.content.split(f"--{boundary}".encode()) == [
        b"",
        b'\r\ncontent-disposition: form-data; name="title"\r\n\r\na\r\n',
        (
            b'\r\ncontent-disposition: form-data; name="photo"; filename="me.png"'
            b"\r\ncontent-type: image/png\r\n\r\n\x89PNG\r\n"
        ),
        b"--\r\n",
    ]


@pytest.mark.parametrize(
    "photo",
    [
        {"name": "../x", "content": ""},
        {"name": "x", "type": "a\r\nx-evil: 1", "content": ""},
        {"name": "x", "content": "a"},
        {"name": "x", "content": "aGk=!"},
        {"name": "x", "content": 7},
    ],
    ids=["path", "header", "padding", "base64", "number"],
)
async def test_a_file_that_could_mean_something_else_is_the_clients_mistake(photo: Any) -> None:
    async with a_bench() as bench:
        found = await bench.ask(
            'mutation ($photo: File) { parts(input: {title: "a", photo: $photo}) { id } }', photo=photo
        )
        assert [error["extensions"]["code"] for error in found.errors] == ["BAD_USER_INPUT"]
        assert bench.urls == []


async def test_a_file_in_json_is_an_object_with_its_content_in_base64() -> None:
    call = await sent('mutation { json(file: {name: "a", content: "aGk="}) { id } }')
    assert body_of(call) == {"file": {"name": "a", "type": "application/octet-stream", "content": "aGk="}}


async def test_bytes_and_text_are_sent_as_they_are() -> None:
    call = await sent('mutation { raw(content: "iVBORw==") { id } }')
    assert (call.headers["content-type"], call.content) == ("image/png", b"\x89PNG")
    call = await sent('mutation { text(text: "a\\nb") { id } }')
    assert (call.headers["content-type"], call.content) == ("text/plain; charset=utf-8", b"a\nb")


async def test_a_body_that_is_null_is_none() -> None:
    call = await sent("mutation { text { id } }")
    assert "content-type" not in call.headers
    assert call.content == b""


async def test_json_may_have_another_name() -> None:
    call = await sent('mutation { merge(input: {title: "a"}) { id } }')
    assert call.headers["content-type"] == "application/merge-patch+json"
    assert body_of(call) == {"title": "a", "tag[]": None, "meta": None, "photo": None}


async def test_a_search_by_post_is_a_read_and_equal_ones_are_one_call() -> None:
    async with a_bench() as bench:
        found = await bench.ask(
            '{ a: search(text: "x") { id } b: search(text: "x") { title } c: search(text: "y", page: 2) { id } }'
        )
        assert found.data == {"a": [{"id": "1"}], "b": [{"title": None}], "c": [{"id": "1"}]}
        assert sorted(map(str, map(body_of, bench.services["notes"].calls))) == [
            "{'text': 'x', 'page': 1}",
            "{'text': 'y', 'page': 2}",
        ]


async def test_cookies_are_one_header_and_one_that_is_null_is_left_out() -> None:
    assert (await sent('{ me(session: "s1", lang: "pt") { id } }')).headers["cookie"] == "session=s1; lang=pt"
    assert (await sent('{ me(session: "s1") { id } }')).headers["cookie"] == "session=s1"


async def test_cookies_of_a_call_stand_beside_those_that_are_forwarded_and_in_place_of_its_own() -> None:
    async with a_bench(forward="cookie") as bench:
        await bench.ask('{ me(session: "s1") { id } }', {"cookie": "a=1; session=theirs; b=2"})
        (call,) = bench.services["notes"].calls
        assert call.headers.get_list("cookie") == ["a=1; b=2; session=s1"]


async def test_a_header_that_a_connector_sends_stands_in_place_of_one_that_is_forwarded() -> None:
    async with a_bench(forward="x-user") as bench:
        await bench.ask('{ user(user: "ann") { id } }', {"x-user": "bob"})
        await bench.ask("{ user { id } }", {"x-user": "bob"})
        assert [call.headers.get_list("x-user") for call in bench.services["notes"].calls] == [["ann"], ["bob"]]


async def test_what_the_configuration_sends_no_client_can_choose() -> None:
    policies = ", headers: {x-user: gateway, cookie: 'session=gateway'}"
    async with opened(schema, {"notes": answer}, policies=policies) as bench:
        await bench.ask('{ user(user: "ann", session: "ann", lang: "pt") { id } }')
        (call,) = bench.services["notes"].calls
        assert call.headers.get_list("x-user") == ["gateway"]
        assert call.headers.get_list("cookie") == ["session=gateway; lang=pt"]


@pytest.mark.parametrize("session", ["a; admin=1", "a\r\nx: y", 'a"b', "é", "a b", "a,b", "\\"], ids=ascii)
async def test_a_cookie_value_that_could_be_two_is_the_clients_mistake_and_makes_no_call(session: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask("query ($session: String!) { me(session: $session) { id } }", session=session)
        assert [error["extensions"]["code"] for error in found.errors] == ["BAD_USER_INPUT"]
        assert bench.urls == []
