"""Bodies with bytes in them, over sockets: what a client sends beside its operation is what the service gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bff import config
from bff.app import create_app
from bff.gateway import open_gateway
from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from tests.http.storage import listening
from tests.openapi.kit import codes, write

TEXT: dict[str, Any] = {"type": "string"}
BYTES = {"type": "string", "format": "binary"}


@dataclass
class Shelf:
    """A service that remembers what it was sent: the body, or (name, file name, type, content) of each of its parts."""

    types: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    async def take(self, request: Request) -> JSONResponse:
        media = request.headers.get("content-type", "")
        self.types.append(media.partition(";")[0])
        self.bodies.append(await _parts(request) if media.startswith("multipart/") else await request.body())
        return JSONResponse("fine")

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/x", self.take, methods=["POST"])])


async def _parts(request: Request) -> list[tuple[Any, ...]]:
    async with request.form() as form:
        return [(name, *await _part(value)) for name, value in form.multi_items()]


async def _part(value: UploadFile | str) -> tuple[Any, ...]:
    if isinstance(value, str):
        return None, None, value
    return value.filename, value.content_type, (await value.read()).decode()


def document(content: dict[str, Any], **components: Any) -> dict[str, Any]:
    """A document with one operation, POST /x, that takes this."""
    answers = {"200": {"description": "", "content": {"application/json": {"schema": TEXT}}}}
    body = {"required": True, "content": content}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/x": {"post": {"operationId": "put", "requestBody": body, "responses": answers}}},
        "components": {"schemas": components},
    }


@asynccontextmanager
async def shelf(folder: Path, written: dict[str, Any]) -> AsyncIterator[tuple[Shelf, httpx.AsyncClient, Report]]:
    report, service = Report(), Shelf()
    schema = load(source({"things": write(folder, written)}, report))
    async with listening(service.app) as (_, port):
        settings = config.parse(f"upstreams: {{things: {{url: 'http://127.0.0.1:{port}'}}}}", {})
        app = create_app(open_gateway(settings, folder, schema=schema))
        async with listening(app) as (_, own), httpx.AsyncClient(base_url=f"http://127.0.0.1:{own}") as client:
            yield service, client, report


async def sent(client: httpx.AsyncClient, query: str, variables: Any, files: dict[str, str]) -> Any:
    """The answer to a mutation with files: `files` are their places, by name; what is in one is its name, twice."""
    data = {
        "operations": json.dumps({"query": query, "variables": variables}),
        "map": json.dumps({name: [f"variables.{place}"] for name, place in files.items()}),
    }
    parts = {name: (f"{name}.png", (name * 2).encode(), "image/png") for name in files}
    answer = await client.post("/graphql", data=data, files=parts, headers={"graphql-require-preflight": "1"})
    return answer.json()


@pytest.mark.parametrize(
    ("media", "schema", "sends"),
    [
        ("application/octet-stream", BYTES, "application/octet-stream"),
        ("application/octet-stream", {}, "application/octet-stream"),
        ("application/octet-stream", TEXT, "application/octet-stream"),
        ("image/png", {}, "image/png"),
        ("image/*", BYTES, "image/png"),
        ("*/*", BYTES, "image/png"),
        ("text/csv", BYTES, "text/csv"),
        ("application/zip", {"type": "object", "properties": {"a": TEXT}}, "application/zip"),
    ],
    ids=str,
)
async def test_a_body_of_bytes_is_a_file_beside_the_operation(
    media: str, schema: Any, sends: str, tmp_path: Path
) -> None:
    query = "mutation ($file: Upload!) { put(input: $file) }"
    async with shelf(tmp_path, document({media: {"schema": schema}})) as (service, client, report):
        found = await sent(client, query, {"file": None}, {"a": "file"})
    assert (found, service.types, service.bodies) == ({"data": {"put": "fine"}}, [sends], [b"aa"])
    assert ("body-as-file" in codes(report)) == (media == "application/zip")


async def test_members_of_a_body_in_parts_that_are_bytes_are_files(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"icon": BYTES, "name": TEXT}}
    body = {
        "type": "object",
        "required": ["cover"],
        "properties": {"cover": BYTES, "more": {"type": "array", "items": BYTES}, "title": TEXT, "inner": inner},
    }
    query = "mutation ($input: PutInput!) { put(input: $input) }"
    given = {"cover": None, "more": [None, None], "title": "t", "inner": {"icon": "aGk=", "name": "n"}}
    async with shelf(tmp_path, document({"multipart/form-data": {"schema": body}})) as (service, client, _):
        places = {"a": "input.cover", "b": "input.more.0", "c": "input.more.1"}
        assert await sent(client, query, {"input": given}, places) == {"data": {"put": "fine"}}
    (parts,) = service.bodies
    files = [(name, *what) for name, *what in parts if name in {"cover", "more"}]
    assert files == [(*_file("cover", "a"),), (*_file("more", "b"),), (*_file("more", "c"),)]
    assert {name: what[-1] for name, *what in parts if name in {"title", "inner"}} == {
        "title": "t",
        "inner": '{"icon":"aGk=","name":"n"}',
    }


def _file(name: str, letter: str) -> tuple[str, str, str, str]:
    return name, f"{letter}.png", "image/png", letter * 2


@pytest.mark.parametrize(
    ("schema", "encoding"),
    [
        ({**TEXT, "contentMediaType": "application/octet-stream"}, None),
        ({"contentMediaType": "image/png"}, None),
        ({}, "image/png, image/jpeg"),
        (TEXT, "image/*"),
        ({"$ref": "#/components/schemas/Photo"}, None),
        ({"anyOf": [BYTES, {"type": "null"}]}, None),
    ],
    ids=str,
)
async def test_what_is_said_of_a_part_makes_it_a_file(schema: Any, encoding: str | None, tmp_path: Path) -> None:
    body = {"type": "object", "properties": {"photo": schema}}
    told = {"encoding": {"photo": {"contentType": encoding}}} if encoding else {}
    written = document({"multipart/form-data": {"schema": body, **told}}, Photo=BYTES)
    query = "mutation ($photo: Upload) { put(input: {photo: $photo}) }"
    async with shelf(tmp_path, written) as (service, client, _):
        assert await sent(client, query, {"photo": None}, {"a": "photo"}) == {"data": {"put": "fine"}}
    assert service.bodies == [[_file("photo", "a")]]


async def test_a_body_with_files_is_sent_in_parts_where_it_may_be_a_form_or_json_too(tmp_path: Path) -> None:
    media = {"schema": {"type": "object", "properties": {"photo": BYTES}}}
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    query = "mutation ($photo: Upload) { put(input: {photo: $photo}) }"
    async with shelf(tmp_path, document(dict.fromkeys(kinds, media))) as (service, client, _):
        await sent(client, query, {"photo": None}, {"a": "photo"})
    assert service.types == ["multipart/form-data"]


async def test_a_file_of_swagger_is_a_file(tmp_path: Path) -> None:
    parameters = [
        {"name": "photo", "in": "formData", "type": "file", "required": True},
        {"name": "title", "in": "formData", "type": "string"},
    ]
    answers = {"200": {"description": "", "schema": TEXT}}
    written = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "consumes": ["application/x-www-form-urlencoded", "multipart/form-data"],
        "paths": {"/x": {"post": {"operationId": "put", "parameters": parameters, "responses": answers}}},
    }
    query = 'mutation ($photo: Upload!) { put(input: {photo: $photo, title: "t"}) }'
    async with shelf(tmp_path, written) as (service, client, _):
        assert await sent(client, query, {"photo": None}, {"a": "photo"}) == {"data": {"put": "fine"}}
    assert service.bodies == [[_file("photo", "a"), ("title", None, None, "t")]]


async def test_one_type_in_parts_and_in_json_is_two_inputs(tmp_path: Path) -> None:
    photo = {"type": "object", "properties": {"photo": BYTES}}
    written = document({"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Photo"}}}, Photo=photo)
    json_too = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Photo"}}}}
    written["paths"]["/y"] = {"post": {"operationId": "say", "requestBody": json_too, "responses": {"204": {}}}}
    query = '{ a: __type(name: "PhotoInput") { ...types } b: __type(name: "PhotoBase64Input") { ...types } } '
    async with shelf(tmp_path, written) as (_, client, _):
        asked = {"query": f"{query} fragment types on __Type {{ inputFields {{ type {{ name }} }} }}"}
        found = (await client.post("/graphql", json=asked)).json()
    assert [found["data"][each]["inputFields"][0]["type"]["name"] for each in ("a", "b")] == ["Upload", "Base64"]


async def test_what_a_part_cannot_be_sent_as_is_said(tmp_path: Path) -> None:
    body = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": TEXT}}, "c": TEXT, "d": BYTES}}
    encoding = {
        "a": {"contentType": "application/xml"},
        "c": {"headers": {"X-Custom": {"schema": TEXT}}},
        "d": {"contentType": "image/png"},
    }
    async with shelf(tmp_path, document({"multipart/form-data": {"schema": body, "encoding": encoding}})) as (
        *_,
        report,
    ):
        assert [code for code in codes(report) if code.startswith("part-")] == ["part-type", "part-headers"]
