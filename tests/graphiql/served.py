"""The gateway as people meet it: the reference graph over its real services, on a socket, at / and behind /api."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from backends.run import Services
from bff import config
from bff.app import create_app
from bff.cli.project import Overrides
from bff.gateway import open_gateway

ROOT = Path(__file__).parents[2]


class Prefixed:
    """A front proxy that takes /api off: the gateway is never told of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            path = scope["path"].removeprefix("/api")
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


@contextmanager
def serve(
    *, explain: bool = False, changed: Callable[[config.Config], config.Config] = lambda as_it_is: as_it_is
) -> Iterator[str]:
    """Its address while it runs, in a thread. `explain`: whether plans are shown, as in `bff dev`."""
    with Services() as urls, socket.create_server(("127.0.0.1", 0)) as listener:
        environ = {**os.environ, **{f"{name.upper()}_URL": url for name, url in urls.items()}}
        settings = Overrides(explain=explain).applied(config.load(ROOT / "bff.yaml", environ))
        gateway = open_gateway(changed(settings), ROOT)
        example = (ROOT / "example.graphql").read_text()
        app = Prefixed(create_app(gateway, example))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
