"""The levers of a service, over HTTP at /_control: latency, faults, rows out of order; and counts of the calls it got.

One ASGI middleware around any app. It knows no service: routes come from the app, row keys from the catalog. Calls of
/_control itself are neither counted nor affected.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from backends import faults
from backends.faults import Answer, Fault, Settings
from backends.inbox import Inbox

PATH: Final = "/_control"
STOPPING: Final = "backends.stopping"  # the scope extension that tells streams when the service stops
CLOSE_CONNECTION: Final = "backends.close_connection"  # the scope extension that run.Protocol provides
REMEMBERED: Final = 200


class Calls:
    """What a service was asked since the last reset."""

    def __init__(self) -> None:
        self._by_route: Counter[str] = Counter()
        self._last: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._in_flight = 0
        self._peak = 0

    @contextmanager
    def entered(self, scope: Scope, route: str) -> Iterator[None]:
        """Counts a call, and that it is in flight for as long as the block runs."""
        self._by_route[f"{scope['method']} {route}"] += 1
        self._last.append(_remembered(scope))
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1

    def reset(self) -> None:
        """Forget all calls but those still in flight."""
        self._by_route.clear()
        self._last.clear()
        self._peak = self._in_flight

    def report(self) -> dict[str, Any]:
        return {
            "calls": self._by_route.total(),
            "by_route": dict(self._by_route),
            "in_flight": self._in_flight,
            "peak_in_flight": self._peak,
            "last_requests": list(self._last),
        }


class Levers:
    """The middleware."""

    def __init__(self, app: FastAPI, keys: tuple[str, ...]) -> None:
        self._app = app
        self._keys = keys
        self._calls = Calls()
        self._settings = Settings()
        self._failures_left: int | None = None
        self._changed = asyncio.Event()  # ends waits that were begun under other settings
        self._stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH:
            await _send(await self._control(scope, receive), send)
        else:
            route = self._route(scope)
            scope["extensions"] = {**scope.get("extensions", {}), STOPPING: self._stopping}
            with self._calls.entered(scope, route):
                await self._call(scope, Inbox(receive), send, self._fault(scope["path"], route))

    def apply(self, settings: Settings) -> None:
        """From now on. Calls that wait, wait no longer."""
        self._settings = settings
        self._failures_left = settings.fail.times if settings.fail else None
        self._changed.set()
        self._changed = asyncio.Event()

    def stop(self) -> None:
        """End what waits, and what would go on for ever."""
        self.apply(Settings())
        self._stopping.set()

    async def _control(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] == "GET":
            return _json(200, self._calls.report())
        if scope["method"] == "DELETE":
            self._calls.reset()
            self.apply(Settings())
            return Answer(204, b"")
        if scope["method"] != "PUT":
            return _json(405, {"detail": "GET, PUT or DELETE."})
        return self._put(await Inbox(receive).body())

    def _put(self, body: bytes) -> Answer:
        try:
            settings = Settings.model_validate_json(body)
        except ValidationError as error:
            return _json(400, {"detail": str(error)})
        self.apply(settings)
        return _json(200, settings.model_dump())

    def _route(self, scope: Scope) -> str:
        """The path as the route declares it, "/cities/{id}"; as it was called where there is no route."""
        for route in self._app.routes:
            if route.matches(scope)[0] is not Match.NONE:
                return str(getattr(route, "path", scope["path"]))
        return str(scope["path"])

    def _fault(self, path: str, route: str) -> Fault | None:
        """The fault that this call gets, if any; uses up one of its times."""
        fault = self._settings.fail
        if fault is None or fault.path not in (None, path, route) or self._failures_left == 0:
            return None
        if self._failures_left is not None:
            self._failures_left -= 1
        return fault

    async def _call(self, scope: Scope, inbox: Inbox, send: Send, fault: Fault | None) -> None:
        settings = self._settings
        if settings.latency_ms and await inbox.gone(self._changed, settings.latency_ms / 1000):
            return
        match fault:
            case None if settings.rewrites:
                await _send(self._rewritten(await self._answer(scope, inbox), settings), send)
            case None:
                await self._app(scope, inbox.receive, send)
            case Fault(body_kind="json" | "html" | "empty"):
                await _send(faults.canned(fault), send)
            case Fault(body_kind="truncated" | "wrong_shape"):
                await _send(faults.spoiled(await self._answer(scope, inbox), fault), send)
            case Fault(body_kind="oversize"):
                await _send_oversize(fault, send)
            case _:
                await self._break_off(scope, inbox, send, fault)

    async def _break_off(self, scope: Scope, inbox: Inbox, send: Send, fault: Fault) -> None:
        """Never a whole answer: nothing, or half of it, and then the connection closes."""
        if fault.body_kind == "hang":
            await inbox.gone(self._changed)
        elif fault.body_kind == "short":
            answer = await self._answer(scope, inbox)
            await send(_start(answer.status, answer.headers, len(answer.body)))
            await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        scope["extensions"][CLOSE_CONNECTION]["close"]()
        await inbox.gone(asyncio.Event())  # a server that saw us return now would call it an error

    async def _answer(self, scope: Scope, inbox: Inbox) -> Answer:
        """The app's own answer, whole."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, inbox.receive, keep)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in messages[0]["headers"]}
        return Answer(messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:]), headers)

    def _rewritten(self, answer: Answer, settings: Settings) -> Answer:
        if answer.status != 200:
            return answer
        return answer.with_body(faults.rewritten(answer.body, settings, self._keys))


def _remembered(scope: Scope) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    query = scope["query_string"].decode("latin-1")
    return {"method": scope["method"], "path": scope["path"], "query": query, "headers": headers}


def _json(status: int, content: Any) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"content-type": "application/json"})


def _start(status: int, headers: Any, length: int | None) -> Message:
    pairs = {**headers} if length is None else {**headers, "content-length": str(length)}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs.items()]
    return {"type": "http.response.start", "status": status, "headers": encoded}


async def _send(answer: Answer, send: Send) -> None:
    # 204 and 304 carry no body, and 204 must not announce one (RFC 9110 section 8.6).
    await send(_start(answer.status, answer.headers, None if answer.status in {204, 304} else len(answer.body)))
    await send({"type": "http.response.body", "body": answer.body})


async def _send_oversize(fault: Fault, send: Send) -> None:
    await send(_start(fault.status or 200, {"content-type": "application/json", **fault.headers}, None))
    for piece in faults.oversize():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
