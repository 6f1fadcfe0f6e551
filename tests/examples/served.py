"""What the pages of the examples meet: the reference graph over its real services, at another origin than theirs."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import uvicorn

from bff import config
from bff.app import create_app
from bff.config.cors import Cors
from bff.gateway import open_gateway
from tests.reference.travel import ROOT, authenticated


@contextmanager
def gateway(
    listener: socket.socket, services: Mapping[str, str], origin: str, manifests: Collection[Path] = ()
) -> Iterator[None]:
    """Lets pages of `origin` ask. Where there are manifests, what is in none is refused."""
    environ = {**os.environ, **{f"{name.upper()}_URL": url for name, url in services.items()}}
    settings = authenticated(config.load(ROOT / "bff.yaml", environ))
    graphql = settings.graphql.model_copy(update={"cors": Cors(origins=(origin,))})
    mode = "required" if manifests else "allowed"
    persisted = settings.persisted.model_copy(update={"manifests": tuple(map(str, manifests)), "mode": mode})
    app = create_app(open_gateway(settings.model_copy(update={"graphql": graphql, "persisted": persisted}), ROOT))
    ready = threading.Event()
    server = _Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none"), ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    def __init__(self, settings: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(settings)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def files(folder: Path) -> Iterator[str]:
    """The origin at which the files are."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
