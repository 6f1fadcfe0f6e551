"""A gateway over a service that takes files, both on sockets, so that what comes and goes is bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as record
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry.file_uploads import Upload
from strawberry.types import Info

from bff import config, connect, field, upstream
from bff.app import create_app
from bff.cli.server import Server
from bff.connectors import Incoming
from bff.gateway import open_gateway
from tests.http.conftest import Served, until
from tests.kit import Bench, Listener

storage = upstream("storage")
put_file = storage.put("/files/{id}", body="file", media="*/*")
put_png = storage.put("/files/{id}", body="file", media="image/png")
add_album = storage.post("/albums", body={"title": "title", "photos": "photos"}, media="multipart/form-data", many=True)
create_album = storage.post("/albums", body="input", media="multipart/form-data", many=True)


@strawberry.type
class Stored:
    id: strawberry.ID
    size: int
    sha256: str
    type: str | None


@strawberry.type
class Part:
    name: str
    filename: str | None
    type: str | None
    size: int
    sha256: str


@strawberry.input
class AlbumInput:
    title: str
    cover: Upload
    photos: list[Upload]


@strawberry.type
class Query:
    total: int = connect(storage.get("/total"), path="total")

    @field()
    def peek(self, file: Upload | None = None) -> int:
        return 0 if file is None else 1


@strawberry.type
class Mutation:
    @connect(put_file)
    def put(self, id: strawberry.ID, file: Upload) -> Stored | None: ...

    @connect(put_png)
    def put_png(self, id: strawberry.ID, file: Upload) -> Stored | None: ...

    @connect(add_album, assumed_size=10)
    def album(self, title: str, photos: list[Upload]) -> list[Part]: ...

    @connect(create_album, assumed_size=10)
    def create_album(self, input: AlbumInput) -> list[Part]: ...

    @field()
    async def digest(self, file: Upload) -> str:
        assert isinstance(file, Incoming)
        label = await file.label()
        return f"{label.name} {label.type} {sha256(await file.read()).hexdigest()}"

    @field()
    async def hand_on(self, info: Info, file: Upload) -> int:
        answer = await info.context.upstream("storage").put("/files/9", content=file)
        return int(answer.json()["size"])

    @field()
    async def nothing(self, file: Upload | None = None) -> int:
        return 0 if file is None else 1


@dataclass
class Storage:
    """What it was sent, and the lever that keeps it from reading on."""

    came: int = 0  # bytes of bodies
    begun: int = 0
    broken: int = 0  # bodies that ended early
    gate: asyncio.Event = record(default_factory=asyncio.Event)
    types: list[str | None] = record(default_factory=list)

    async def put(self, request: Request) -> JSONResponse:
        self.begun += 1
        self.types.append(request.headers.get("content-type"))
        digest, size = sha256(), 0
        try:
            async for piece in request.stream():
                self.came += len(piece)
                size += len(piece)
                digest.update(piece)
                await self.gate.wait()
        except Exception:
            self.broken += 1
            raise
        told = {"id": request.path_params["id"], "size": size, "sha256": digest.hexdigest()}
        return JSONResponse({**told, "type": request.headers.get("content-type")})

    async def album(self, request: Request) -> JSONResponse:
        parts = []
        async with request.form() as form:
            for name, value in form.multi_items():
                raw = await value.read() if isinstance(value, UploadFile) else value.encode()
                told = {"name": name, "size": len(raw), "sha256": sha256(raw).hexdigest()}
                file = value if isinstance(value, UploadFile) else None
                parts.append({**told, "filename": file and file.filename, "type": file and file.content_type})
        return JSONResponse(parts)

    async def total(self, _: Request) -> JSONResponse:
        return JSONResponse({"total": self.begun})

    @property
    def app(self) -> Starlette:
        put, album = Route("/files/{id}", self.put, methods=["PUT"]), Route("/albums", self.album, methods=["POST"])
        return Starlette(routes=[put, album, Route("/total", self.total)])


@dataclass(eq=False)
class Storing(Served):
    """A gateway at a port of this machine, and the service behind it."""

    storage: Storage = record(default_factory=Storage)

    async def send(
        self, query: str, variables: Any, mapped: dict[str, list[str]], files: Any, **headers: str
    ) -> httpx.Response:
        """A request with files, as clients send it: `files` as httpx takes them, by name or as pairs."""
        operations = as_json({"query": query, "variables": variables})
        told = {"graphql-require-preflight": "1", **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = {"operations": operations, "map": as_json(mapped)}
        return await self.client.post("/graphql", data=data, files=files, headers=told)


def as_json(value: Any) -> str:
    return json.dumps(value)


@asynccontextmanager
async def storing(
    settings: str = "", policies: str = "", environ: Mapping[str, str] | None = None
) -> AsyncIterator[Storing]:
    storage = Storage()
    storage.gate.set()
    async with listening(storage.app) as (_, port):
        text = f"upstreams: {{storage: {{url: 'http://127.0.0.1:{port}'{policies}}}}}\n{settings}"
        listener, schema = Listener(), strawberry.Schema(Query, Mutation)
        gateway = open_gateway(config.parse(text, environ or {}), Path("/"), observer=listener, schema=schema)
        async with listening(create_app(gateway)) as (server, own), _client(own) as client:
            found = Storing(Bench(gateway, {}, listener), client, server, own, storage=storage)
            yield found
            for wire in found.wires:
                await wire.close()
            storage.gate.set()
            await until(lambda: not gateway.operations.running)


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[tuple[Server, int]]:
    ready = asyncio.Event()
    server = Server(app, grace=1, drain=0, on_ready=lambda _: ready.set())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.ensure_future(server.serve([listener]))
        await ready.wait()
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.stop()
            await serving
