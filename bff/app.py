"""The ASGI application: which path answers what, and in which order a request meets it.

guard     one reading of where a request goes and where it ends, or none  (bff.proxy.framing)
front     GraphQL and webhooks go to their endpoints, plain ASGI            (bff.front)
FastAPI   health, GraphiQL's files
proxy     everything else: a route, or 404
"""

from __future__ import annotations

from asyncio import Event
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bff import graphiql
from bff.config import Config, GraphQL
from bff.endpoint import METHODS, GraphQLEndpoint, Lasting, Packing, Page, UploadLimits
from bff.errors import Unauthenticated
from bff.front import Front
from bff.gateway import Gateway
from bff.origins.cors import CrossOrigin, Origins
from bff.plan.files import takes_files
from bff.proxy import Guard
from bff.socket import Serving, SocketEndpoint
from bff.subscriptions import Slots
from bff.telemetry.metrics import MetricsObserver
from bff.telemetry.surface import Surface, Unseen
from bff.upstreams import Headers

EXAMPLE = """# Ctrl-Enter runs the query; the book on the left is the schema's documentation.
{
  __typename
}
"""


def create_app(gateway: Gateway, example: str = EXAMPLE) -> ASGIApp:
    """The gateway as an ASGI application, which closes the gateway when it is shut down.

    `example` is the query that GraphiQL opens with.
    """
    config = gateway.config
    path = config.graphql.path.rstrip("/") or "/"
    page = _page(gateway, path, example) if _has_page(config) else None
    seen = gateway.metrics.surface("graphql") if gateway.metrics else Unseen()
    endpoint = GraphQLEndpoint(
        gateway.operations,
        persisted=gateway.persisted,
        callers=gateway.callers,
        max_body=config.limits.max_body,
        max_operations=config.limits.max_operations,
        body_timeout=config.limits.body_timeout,
        page=page,
        packing=_packing(config.graphql),
        crossing=gateway.crossing,
        uploads=_uploads(gateway),
        lasting=_lasting(gateway),
        seen=seen,
    )
    graphql = _cross_origin(endpoint, config.graphql, seen)
    paths = {path, f"{path.rstrip('/')}/"}
    hooks = {path: _counted(hook, "webhook", gateway.metrics) for path, hook in gateway.webhooks.items()}
    passing = _counted_sockets(gateway.proxy, gateway.metrics)
    return Guard(Front(paths, graphql, _rest(gateway, path), hooks, socket=_socket(gateway), passing=passing))


def _socket(gateway: Gateway) -> SocketEndpoint:
    config = gateway.config
    limits = config.subscriptions
    serving = Serving(
        subscriptions=gateway.subscriptions,
        persisted=gateway.persisted,
        callers=gateway.callers,
        slots=Slots("connections", process=limits.per_process, client=limits.per_client),
        observer=gateway.operations.observer,
        sockets=gateway.subscriptions.observers,
        per_connection=limits.per_connection,
        init_timeout=limits.init_timeout,
        stall=limits.stall,
    )
    check = gateway.crossing.check_socket if gateway.crossing else None
    return SocketEndpoint(serving, origins=frozenset(config.graphql.cors.origins), check=check)


def _lasting(gateway: Gateway) -> Lasting:
    limits = gateway.config.subscriptions
    return Lasting(gateway.subscriptions, limits.heartbeat, limits.stall)


def _uploads(gateway: Gateway) -> UploadLimits | None:
    uploads, limits = gateway.config.graphql.uploads, gateway.config.limits
    if not takes_files(gateway.graph):
        return None
    return UploadLimits(
        max_field=limits.max_body,
        max_file=uploads.max_file,
        max_files=uploads.max_files,
        max_total=uploads.max_total,
        timeout=uploads.timeout,
    )


def _packing(graphql: GraphQL) -> Packing | None:
    compression = graphql.compression
    return Packing(compression.codings, compression.min_size) if compression.codings else None


def _cross_origin(app: ASGIApp, graphql: GraphQL, seen: Surface | Unseen) -> ASGIApp:
    cors = graphql.cors
    if not cors.origins:
        return app
    origins = Origins(frozenset(cors.origins), cors.credentials, round(cors.max_age))
    return CrossOrigin(app, origins, METHODS, seen.answered)


def _counted(app: ASGIApp, surface: str, metrics: MetricsObserver | None) -> ASGIApp:
    """`app`, with its requests in the metrics under the name `surface`."""
    if metrics is None:
        return app
    seen = metrics.surface(surface)

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        def noted(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                seen.answered(message["status"])
            return send(message)

        with seen:
            await app(scope, receive, noted)

    return counted


def _counted_sockets(app: ASGIApp, metrics: MetricsObserver | None) -> ASGIApp:
    """The same for WebSockets, which are being answered as long as they are open."""
    if metrics is None:
        return app
    seen = metrics.surface("websocket")

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "websocket.accept":
                seen.answered(101)
            elif message["type"] == "websocket.http.response.start":
                seen.answered(message["status"])
            await send(message)

        with seen:
            await app(scope, receive, noted)

    return counted


def _rest(gateway: Gateway, path: str) -> FastAPI:
    ready = Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        ready.set()
        yield
        ready.clear()
        await gateway.aclose()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    # what is none of the paths below passes through, or is none of the routes
    app.router.default = _counted(gateway.proxy, "proxy", gateway.metrics)

    @app.get("/healthz")
    async def healthz() -> Response:
        """Alive: the process answers. Says nothing about services."""
        return JSONResponse({"status": "ok"})

    @app.get("/readyz")
    async def readyz() -> Response:
        """Ready: the graph is loaded and the process is not shutting down."""
        if ready.is_set():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, status_code=503)

    if gateway.metrics:
        render = gateway.metrics.render

        @app.get("/metrics")
        def metrics() -> Response:
            """What Prometheus scrapes. In a thread of its own: thousands of series take a while to write."""
            body, media_type = render()
            return Response(body, media_type=media_type)

    if _has_page(gateway.config):

        @app.get(f"{path.rstrip('/')}/assets/{{name}}")
        async def asset(request: Request) -> Response:
            """GraphiQL's own files."""
            found = graphiql.asset(request.path_params["name"], request.headers.get("accept-encoding", ""))
            if found is None:
                return JSONResponse({"detail": "Not Found"}, status_code=404)
            return Response(found.body, headers=dict(found.headers))

    return app


HEADERS_HINT = '{\n  // "Authorization": "Bearer …"\n}'


def _has_page(config: Config) -> bool:
    """Whether anybody gets GraphiQL."""
    return _strangers(config) or any(config.allotment(name).graphiql for name in config.tiers)


def _strangers(config: Config) -> bool:
    """Whether those get it of whom nobody knows who they are, such as a browser where a credential is needed."""
    anonymous = config.auth.anonymous if config.auth else None
    return config.allotment(anonymous).graphiql if anonymous else config.graphql.graphiql


def _page(gateway: Gateway, path: str, example: str) -> Page:
    """For callers whose tier has it.

    The page's own URLs are relative to the one it was asked for by, so that it works behind any prefix.
    """

    async def page(asked: str, headers: Headers) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
        try:
            shown = gateway.operations.rules[(await gateway.callers(headers)).tier].page
        except Unauthenticated:
            shown = _strangers(gateway.config)
        return made(asked) if shown else None

    def made(asked: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        here = "./" if asked.endswith("/") else f"./{path.rpartition('/')[2]}"
        found = graphiql.page(here, f"{here.rstrip('/')}/assets", example, HEADERS_HINT)
        return found.body, [(key.encode(), value.encode()) for key, value in found.headers.items()]

    return page
