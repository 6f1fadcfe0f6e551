"""Where a graph takes files is known at start, and so is whether they could be sent."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, GraphQLScalarType
from strawberry.file_uploads import Upload

from bff import argument, connect, field, upstream
from bff.connectors import Incoming
from bff.connectors.file import Label
from bff.plan.check import check_graph
from bff.plan.files import takes_files
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install
from tests.world import make_schema

storage = upstream("storage")


@strawberry.input
class Album:
    title: str
    photos: list[Upload]
    within: Album | None = None


@strawberry.type
class Query:
    total: int = connect(storage.get("/total"), path="total")


class Wrong:
    """One mistake a field."""

    @connect(storage.put("/files/{file}"))
    def in_url(self, file: Upload) -> int | None: ...

    @connect(storage.put("/files", headers={"x-file": "file"}))
    def in_header(self, file: Upload) -> int | None: ...

    @connect(storage.put("/files", body="file"))
    def in_json(self, file: Upload) -> int | None: ...

    @connect(storage.put("/files", body={"file": "file"}, media="application/x-www-form-urlencoded"))
    def in_form(self, file: list[Upload]) -> int | None: ...

    @connect(storage.put("/files", body="input", media="application/vnd.album+json"))
    def in_input(self, input: Album) -> int | None: ...


class Right:
    @connect(storage.put("/files/{id}", body="file", media="image/*"))
    def raw(self, id: strawberry.ID, file: Upload) -> int | None: ...

    @connect(storage.put("/files", body="file", media="text/csv"))
    def table(self, file: Upload) -> int | None: ...

    @connect(storage.put("/files", body={"id": "id", "files": "files"}, media="multipart/form-data"))
    def parts(self, id: strawberry.ID, files: list[Upload]) -> int | None: ...

    @connect(storage.put("/files/{id}", body="input", media="multipart/form-data"), id=argument("input.title"))
    def inside(self, input: Album) -> int | None: ...

    @field()
    def code(self, file: Upload | None = None) -> int:
        return 0 if file is None else 1


WRONG = strawberry.type(Wrong, name="Mutation")
RIGHT = strawberry.type(Right, name="Mutation")


def graph_of(mutation: type) -> Graph:
    return read_graph(strawberry.Schema(Query, mutation))


def test_a_file_that_could_not_be_sent_is_refused_at_its_field() -> None:
    found = {problem.place: problem.message for problem in check_graph(graph_of(WRONG), ["storage"]).errors}
    assert found == {
        "Mutation.inUrl": "'file' takes a file, and PUT /files/{file} has it in its URL or its head",
        "Mutation.inHeader": "'file' takes a file, and PUT /files has it in its URL or its head",
        "Mutation.inJson": "a file cannot be sent as application/json, which is what PUT /files sends",
        "Mutation.inForm": "a file cannot be sent as application/x-www-form-urlencoded, which is what PUT /files sends",
        "Mutation.inInput": "a file cannot be sent as application/vnd.album+json, which is what PUT /files sends",
    }


def test_a_file_that_can_be_sent_is_not() -> None:
    assert check_graph(graph_of(RIGHT), ["storage"]).errors == []


def test_a_graph_takes_files_if_it_has_the_scalar() -> None:
    assert takes_files(graph_of(RIGHT))
    assert not takes_files(read_graph(make_schema()))


class Somewhere:
    async def label(self) -> Label:
        return Label("a", "text/plain")

    async def pieces(self) -> Any:
        yield b""


def test_nothing_but_a_file_is_one() -> None:
    graph = graph_of(RIGHT)
    install(graph)
    scalar = graph.schema.type_map["Upload"]
    assert isinstance(scalar, GraphQLScalarType)
    file = Incoming(Somewhere())
    assert scalar.coerce_input_value(file) is file
    for value in ("text", b"bytes", {"name": "x"}, None, 1):
        with pytest.raises(GraphQLError):
            scalar.coerce_input_value(value)
