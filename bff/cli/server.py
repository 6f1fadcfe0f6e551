"""One process that serves one application on one socket. Knows uvicorn.

It ends with status 0 when it is told to stop: it says so at /readyz, keeps answering for `drain` seconds so that load
balancers can look away, takes no more connections, and finishes what it is answering.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bff.proxy.http1 import Http1
from bff.socket.protocol import WebSocket

TICK = 0.1  # seconds; as often as uvicorn looks

# What decoded answers are made of, dicts and lists, is gone when its operation is, without the collector's help.
# Looking for cycles among them, as often as Python does by default, takes a third of a busy gateway's time.
GENERATIONS = (100_000, 20, 50)


@dataclass(frozen=True, slots=True)
class Sockets:
    """What WebSockets may do. Bytes of a message; seconds between pings, and until an answer."""

    max_message: int = 256 * 1024
    ping_every: float = 15.0
    ping_timeout: float = 10.0


class Quiet(logging.Filter):
    """Nothing is said of text over a WebSocket that is none: a client could fill the log with it."""

    SAID = "Invalid UTF-8 sequence received from client."

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != self.SAID


QUIET = Quiet()


class Server(uvicorn.Server):
    """uvicorn's server, with an orderly end. `on_ready` is called once connections are taken."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        grace: float,
        drain: float,
        on_ready: Callable[[Server], None],
        on_stop: Callable[[], None] = lambda: None,
        sockets: Sockets = Sockets(),
        aside: Callable[[], Coroutine[Any, Any, Any]] | None = None,
    ) -> None:
        """`grace` is how long what is being answered may take once no more connections are taken, in seconds.

        `on_stop` is called then: what would go on for ever is to be ended. `aside` is run while connections are taken.
        """
        logging.getLogger("uvicorn.error").addFilter(QUIET)
        super().__init__(
            uvicorn.Config(
                Readiness(app, self),
                interface="asgi3",
                loop="uvloop",
                http=Http1,
                ws=WebSocket,
                ws_max_size=sockets.max_message,
                ws_ping_interval=sockets.ping_every,
                ws_ping_timeout=sockets.ping_timeout,
                ws_per_message_deflate=False,  # a compressor for each connection would hold more than all else of it
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # on by default, it believes whoever connects from this machine
                server_header=False,
                workers=1,
                timeout_graceful_shutdown=math.ceil(grace),
                timeout_keep_alive=75,  # longer than proxies in front keep theirs: who closes first loses a request
            )
        )
        self._drain = drain
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._aside = aside
        self._beside: asyncio.Future[Any] | None = None

    def stop(self) -> None:
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Without noting the signal, which uvicorn would raise again after a clean stop: exit status 143."""
        del sig, frame
        self.force_exit = self.should_exit  # a second one
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # the graph and all code stay until the end
        gc.set_threshold(*GENERATIONS)
        self._on_ready(self)
        self._beside = asyncio.ensure_future(self._aside()) if self._aside else None

    async def main_loop(self) -> None:
        await super().main_loop()
        for _ in range(math.ceil(self._drain / TICK)):
            if self.force_exit:
                break
            await asyncio.sleep(TICK)
        if self._beside is not None:
            self._beside.cancel()
        self._on_stop()


class Readiness:
    """Answers /readyz with 503 while the server is on its way out, and leaves everything else to the application."""

    def __init__(self, app: ASGIApp, server: uvicorn.Server) -> None:
        self._app = app
        self._server = server

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """A plain function: a coroutine would be one more to go through for every step of a request."""
        if self._server.should_exit and scope["type"] == "http" and scope["path"] == "/readyz":
            return _stopping(send)
        return self._app(scope, self._after_all(receive) if scope["type"] == "lifespan" else receive, send)

    def _after_all(self, receive: Receive) -> Receive:
        """The server tells the application to end as soon as it has cancelled what was over its grace: let that end."""

        async def received() -> Message:
            message = await receive()
            cut = set(self._server.server_state.tasks)
            if cut and message["type"] == "lifespan.shutdown":
                await asyncio.wait(cut, timeout=CUT_SHORT)
            return message

        return received


async def _stopping(send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": HEADERS})
    await send({"type": "http.response.body", "body": STOPPING})


CUT_SHORT = 2.0  # seconds that what is cancelled by a stop has to settle what it owes
STOPPING = b'{"status":"stopping"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(STOPPING)).encode())]
