"""A graph of one airport, served as the gateway serves its own: page, files and POST, at / and behind /api."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bff import graphiql

QUERY = """\
query Lisbon {
  airport(iata: "LIS") {
    name
    city {
      name
    }
  }
}
"""
HEADERS = '{\n  // "Authorization": "Bearer …"\n}'


@strawberry.type(description="Where people live.")
class City:
    name: str


@strawberry.type(description="A place where planes land.")
class Airport:
    iata: strawberry.ID
    name: str
    city: City


@strawberry.type
class Query:
    @strawberry.field(description="One airport by its IATA code.")
    def airport(self, iata: strawberry.ID) -> Airport | None:
        return Airport(iata=iata, name="Lisbon Portela Airport", city=City(name="Lisbon")) if iata == "LIS" else None


schema = strawberry.Schema(Query)


async def page(request: Request) -> Response:
    content = graphiql.page("graphql", "graphiql", QUERY, HEADERS)
    return Response(content.body, headers=content.headers)


async def asset(request: Request) -> Response:
    content = graphiql.asset(request.path_params["name"], request.headers.get("accept-encoding", ""))
    return Response(content.body, headers=content.headers) if content else Response(status_code=404)


async def execute(request: Request) -> Response:
    asked = await request.json()
    result = await schema.execute(asked["query"], asked.get("variables"), operation_name=asked.get("operationName"))
    errors = [error.formatted for error in result.errors or ()]
    return JSONResponse({"data": result.data} | ({"errors": errors} if errors else {}))


ROUTES = [
    Route("/graphql", page),
    Route("/graphql", execute, methods=["POST"]),
    Route("/graphiql/{name}", asset),
]
app = Starlette(routes=[Mount("/api", Starlette(routes=ROUTES)), *ROUTES])


@contextmanager
def serve() -> Iterator[str]:
    """Its address while it runs, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
