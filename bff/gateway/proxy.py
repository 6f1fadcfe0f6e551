"""What passes through: the settings of each route -> the proxy, which asks who may use it."""

from __future__ import annotations

from bff import config as settings
from bff.admission import Admissions
from bff.gateway.callers import Callers, crossing_routes
from bff.operation import Operations
from bff.proxy import Proxy, Route, WebSocket


def proxy(config: settings.Config, operations: Operations, callers: Callers) -> Proxy:
    return Proxy(
        [_route(entry) for entry in config.routes],
        operations.upstreams,
        Admissions(callers, operations.rules, operations.ledger, operations.upstreams, crossing_routes(config)),
        trusted=config.listen.trusted_proxies,
        observer=operations.observer,
    )


def _route(entry: settings.Route) -> Route:
    strip, put = entry.rewrite
    return Route(
        path=entry.path,
        upstream=entry.upstream,
        host=entry.host,
        methods=frozenset(entry.methods),
        strip_prefix=strip,
        replace_prefix=put,
        scopes=tuple(entry.scopes),
        price=entry.price,
        max_body=entry.max_body,
        timeout=entry.timeout,
        idle=entry.idle_timeout,
        translate=entry.translate,
        websocket=_websocket(entry.websocket) if entry.websocket else None,
    )


def _websocket(entry: settings.WebSocket) -> WebSocket:
    return WebSocket(
        max_open=entry.max_open,
        per_client=entry.per_client,
        max_size=entry.max_size,
        idle=entry.idle,
        origins=frozenset(entry.origins),
    )
