"""The proxy as an ASGI application: match, ask, send, hand back. Everything it decides is decided by pure modules.

Bodies are handed on piece by piece, both ways, no faster than the slower side takes them; nothing is kept. What is
refused is refused before a byte of the body is read, so a client that waits for 100 Continue sends none. A WebSocket
is accepted once the service has done so.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from starlette.types import Receive, Scope, Send

from bff.errors import (
    BffError,
    CrossSiteRefused,
    InternalError,
    OperationAbandoned,
    RequestTooLarge,
    StartRefused,
    Unauthenticated,
)
from bff.proxy import handshake, hops, paths
from bff.proxy import headers as crossing
from bff.proxy.answer import Answer
from bff.proxy.framing import target_of
from bff.proxy.links import Links
from bff.proxy.passage import Through, Visit, Way
from bff.proxy.places import Places
from bff.proxy.policy import Policy, Refused
from bff.proxy.problems import in_handshake, refuse
from bff.proxy.relay import Relay
from bff.proxy.routes import Route, Routes, host_of, mistakes
from bff.proxy.switching import SWITCHED, Switching, opened
from bff.proxy.talk import Talk
from bff.proxy.upload import Upload
from bff.telemetry import Observer, Silent
from bff.telemetry.trace import continued
from bff.upstreams import Headers, Reply, Request, Upstream


class Proxy:
    """Passes requests on to upstreams. Expects `Guard` in front: what that refuses is not looked for again."""

    def __init__(
        self,
        routes: Sequence[Route],
        upstreams: Mapping[str, Upstream],
        policy: Policy,
        *,
        name: str = "bff",
        trusted: Sequence[hops.Network] = (),
        observer: Observer | None = None,
    ) -> None:
        """Raises `StartRefused` with every mistake in `routes`.

        `name` is how the gateway calls itself in Via and Proxy-Status: a token. `trusted` are the proxies in front.
        """
        if found := mistakes(routes, upstreams):
            raise StartRefused(found)
        self._routes = Routes(routes)
        self._ways = {route: _way(route, upstreams[route.upstream]) for route in routes}
        self._policy = policy
        self._name = name
        self._trusted = trusted
        self._observer = observer or Silent()
        self._switching = Switching()

    def match(self, scope: Scope) -> Route:
        """The route of a request. Raises `UnsafePath`, `RouteNotFound`, `MethodNotAllowed`."""
        target = paths.read(target_of(scope))
        return self._routes.match(host_of(_host(scope)), target.segments, scope["method"])

    def stop(self) -> None:
        """End what would go on for ever, WebSockets; none begins any more."""
        self._switching.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        talk = await Talk.begun(receive, send) if scope["type"] == "websocket" else None
        if talk is not None:
            scope, send = _as_request(scope), partial(in_handshake, send)
        visit = self._visit(scope, send)
        try:
            await (self._switch(visit, scope, talk) if talk else self._pass(visit, scope, receive))
        except Refused as refused:
            visit.more = refused.headers
            await self._refuse(visit, refused.error, send)
        except BffError as error:
            if isinstance(error, Unauthenticated | CrossSiteRefused):
                self._observer.denied(visit.trace.trace_id, error.code, error.detail)
            await self._refuse(visit, error, send)
        except Exception as error:  # noqa: BLE001 - masked for the client, told in full to the observer
            self._observer.failure(visit.trace.trace_id, scope["path"], error)
            await self._refuse(visit, InternalError(visit.trace.trace_id), send)
        finally:
            if talk:
                talk.close()
            self._observer.passage(visit.passage())

    def _visit(self, scope: Scope, send: Send) -> Visit:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        peer = scope["client"][0] if scope.get("client") else None
        return Visit(
            method=scope["method"],
            headers=headers,
            version=scope["http_version"],
            trace=continued(headers),
            origin=hops.origin(headers, peer=peer, scheme=scope["scheme"], host=_host(scope), trusted=self._trusted),
            answer=Answer(send),
        )

    async def _pass(self, visit: Visit, scope: Scope, receive: Receive) -> None:
        target, way = self._found(visit, scope)
        onward = self._onward(visit, way)
        if visit.method == "OPTIONS" and crossing.max_forwards(visit.headers) == 0:
            await self._options(visit, target)  # RFC 9110 7.6.2: then we are who is asked
            return
        route = way.route
        if (visit.length or 0) > route.max_body:
            raise RequestTooLarge(f"The body is over the limit of {route.max_body} bytes.")
        upload = Upload(receive, expected=visit.has_body, most=route.max_body, idle=route.idle)
        admission = await self._policy.admit(visit.asked(route))
        visit.caller, visit.more = admission.caller, admission.answer
        headers = _with(onward, admission.onward, way.claims)
        request = _request(visit, way, target, headers, upload if visit.has_body else None)
        try:
            await self._until_gone(visit, way, request, upload)
        finally:
            visit.spent = visit.price(route)
            await admission.settle(visit.spent)

    async def _switch(self, visit: Visit, scope: Scope, talk: Talk) -> None:
        """A WebSocket. It is paid for once it stands, and then holds nothing but its place."""
        target, way = self._found(visit, scope)
        through = self._switching.way(way)
        onward = handshake.onward(self._onward(visit, way))
        admission = await self._policy.admit(visit.asked(way.route, switching=True))
        visit.caller, visit.more = admission.caller, admission.answer
        request = _request(visit, way, target, _with(onward, admission.onward, way.claims), talk)
        with ExitStack() as held:
            try:
                held.enter_context(through.places.taken_by(visit.holder(admission)))
                reply = held.enter_context(await opened(through.sender, request, talk))
                visit.spent = way.route.price
            finally:
                visit.spent = visit.spent or visit.price(way.route)
                await admission.settle(visit.spent)
            if reply.status != SWITCHED:
                await self._give(visit, way, reply)
                return
            await self._accept(visit, way, reply, talk, through.limits.max_size)
            await self._switching.run(Relay(reply, talk, idle=through.limits.idle, expires=admission.expires))

    async def _accept(self, visit: Visit, way: Way, reply: Reply, talk: Talk, most: int) -> None:
        headers, subprotocol = handshake.accepted(way.returned(reply, self._name))
        ours = ("x-request-id", visit.trace.trace_id)
        await talk.accept((*headers, ours, *visit.more), subprotocol, most)
        visit.answer.status = reply.status

    def _found(self, visit: Visit, scope: Scope) -> tuple[paths.Target, Way]:
        target = paths.read(target_of(scope))
        way = visit.way = self._ways[self._routes.match(host_of(visit.value("host")), target.segments, visit.method)]
        return target, way

    def _onward(self, visit: Visit, way: Way) -> Headers:
        """The headers for the upstream, but for what the policy adds."""
        length = () if visit.length is None else (("content-length", str(visit.length)),)
        left = crossing.max_forwards(visit.headers) if visit.method == "OPTIONS" else None
        return (
            *crossing.onward(visit.headers, forward=way.forward, fixed=way.fixed),
            *visit.origin.headers,
            crossing.via(visit.headers, visit.version, self._name),
            *visit.trace.headers,
            ("x-request-id", visit.trace.trace_id),
            *((("max-forwards", str(left - 1)),) if left else ()),
            *length,
        )

    async def _options(self, visit: Visit, target: paths.Target) -> None:
        allow = self._routes.allowed(host_of(visit.value("host")), target.segments)
        await visit.answer.begin(204, (("allow", allow), ("x-request-id", visit.trace.trace_id)))
        await visit.answer.end(within=1)

    async def _until_gone(self, visit: Visit, way: Way, request: Request, upload: Upload) -> None:
        """Call and hand back. A client that hangs up ends both; so it frees the slot of its call."""
        passing = asyncio.ensure_future(self._hand_back(visit, way, request))
        leaving = asyncio.ensure_future(upload.left())
        try:
            await asyncio.wait((passing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not passing.done() and not visit.answer.ending:
                raise OperationAbandoned
            await passing
        finally:
            for task in (passing, leaving):
                task.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)

    async def _hand_back(self, visit: Visit, way: Way, request: Request) -> None:
        with await way.sender.send(request) as reply:
            await self._give(visit, way, reply)

    async def _give(self, visit: Visit, way: Way, reply: Reply) -> None:
        headers = way.returned(reply, self._name)
        ours = ("x-request-id", visit.trace.trace_id)
        await visit.answer.begin(reply.status, (*headers, ours, *visit.more))
        last = b""
        if isinstance(reply.body, bytes):  # it came together with its headers, and goes on so
            last = reply.body
        else:
            async for chunk in reply:
                await visit.answer.write(chunk, within=way.route.idle)
        await visit.answer.end(last, within=way.route.idle)

    async def _refuse(self, visit: Visit, error: BffError, send: Send) -> None:
        """Say what is wrong, if somebody listens. An answer that has begun is cut, by not ending it."""
        visit.code = error.code
        if visit.answer.begun or isinstance(error, OperationAbandoned):
            return
        visit.answer.status = error.status
        more = (("x-request-id", visit.trace.trace_id), *visit.more)
        close = visit.ends_with(error)
        await refuse(send, error, method=visit.method, trace=visit.trace, name=self._name, close=close, more=more)


def _way(route: Route, upstream: Upstream) -> Way:
    settings = upstream.settings
    claims = frozenset(header for header, _ in settings.claims)
    sender = upstream.streaming(route.timeout, route.idle)
    links = Links.of(settings.url, route.strip_prefix, route.replace_prefix) if route.translate else None
    return Way(route, sender, settings.forward, settings.headers, claims, links, _through(route, upstream))


def _through(route: Route, upstream: Upstream) -> Through | None:
    limits = route.websocket
    if limits is None or upstream.tunnel is None:
        return None
    places = Places(upstream.name, most=limits.max_open, each=limits.per_client)
    return Through(limits, upstream.tunnel(route.timeout, limits.max_size), places)


def _request(visit: Visit, way: Way, target: paths.Target, headers: Headers, body: Upload | Talk | None) -> Request:
    method = "WEBSOCKET" if isinstance(body, Talk) else visit.method
    return Request(
        visit.method,
        target.below(way.route.dropped, way.route.replace_prefix),
        deadline=math.inf,
        headers=headers,
        body=body,
        label=f"{method} {way.route.path}",
        record=visit.called,
    )


def _as_request(scope: Scope) -> Scope:
    """A WebSocket's handshake as the request that it is."""
    return {**scope, "method": "GET", "scheme": scope["scheme"].replace("ws", "http", 1)}


def _host(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)


def _with(headers: Headers, more: Headers, reserved: frozenset[str]) -> Headers:
    """`headers` with `more` in place of any by the same names; what is `reserved` only ever comes from `more`."""
    names = reserved | {name for name, _ in more}
    return (*(pair for pair in headers if pair[0] not in names), *more)
