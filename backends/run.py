"""Running services: any number of them in one event loop, or in a thread of their own for tests.

Sockets are bound before anything is loaded, so an address in use is known at once. Knows no route and no data.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, nullcontext
from types import TracebackType

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backends import levers
from backends.catalog import CATALOG, FIRST_PORT, NAMES
from backends.levers import Levers

Urls = dict[str, str]

# How long a stopping service waits for calls that it is answering. Waits set at /_control are ended at once.
GRACE_SECONDS = 2

# nginx's. uvicorn's own 5 seconds close connections under a caller that is about to use them.
KEEP_ALIVE_SECONDS = 75


class Protocol(HttpToolsProtocol):
    """uvicorn's, which also lets an app close its connection without an answer. ASGI has no word for that."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {levers.CLOSE_CONNECTION: {"close": self.transport.close}}


class Server(uvicorn.Server):
    """One service on one socket. Signals are the process's affair, not each server's."""

    def __init__(self, name: str, listener: socket.socket) -> None:
        entry = CATALOG[name]
        self.levers = Levers(entry.create_app(), entry.keys)
        self.listening = asyncio.Event()
        self._listener = listener
        super().__init__(
            uvicorn.Config(
                self.levers,
                http=Protocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # uvicorn's is a generator
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def run_until_stopped(self) -> None:
        """Serve. Wakes who waits for `listening` even if it never will."""
        try:
            await self.serve([self._listener])
        finally:
            self.listening.set()

    def stop(self) -> None:
        """Finish what is being answered, and end `run_until_stopped`."""
        self.levers.stop()
        self.should_exit = True


def ports_from(base: int, names: Iterable[str] = NAMES) -> dict[str, int]:
    """A port for each service, counted from `base` in the catalog's order; 0: any free ones."""
    return {name: base and base + CATALOG[name].port - FIRST_PORT for name in names}


@contextmanager
def bound(ports: Mapping[str, int], host: str) -> Iterator[dict[str, socket.socket]]:
    """A listening socket for each service. OSError if one cannot be had; then none is kept."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_listen(name, host, port)) for name, port in ports.items()}


def _listen(name: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise OSError(error.errno, f"{name} cannot listen on {host}:{port}: {error.strerror}") from error


@contextmanager
def uncollected() -> Iterator[None]:
    """Loading makes a million objects that stay; going through them again and again is a quarter of the start."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@asynccontextmanager
async def serve(ports: Mapping[str, int], host: str = "127.0.0.1") -> AsyncIterator[Urls]:
    """Run these services while the block runs; yields {name: url} once all answer. Port 0 is any free port."""
    with bound(ports, host) as listeners:
        with uncollected():
            servers = [Server(name, listener) for name, listener in listeners.items()]
        running = [asyncio.create_task(server.run_until_stopped()) for server in servers]
        try:
            for server, task in zip(servers, running, strict=True):
                await server.listening.wait()
                if task.done():
                    await task
            yield {name: f"http://{host}:{listener.getsockname()[1]}" for name, listener in listeners.items()}
        finally:
            for server in servers:
                server.stop()
            await asyncio.gather(*running)


class Services:
    """Services on free ports in one thread with a loop of its own. `with Services() as urls: urls["cities"]`."""

    def __init__(self, names: Iterable[str] = NAMES, host: str = "127.0.0.1") -> None:
        self._ports = dict.fromkeys(names, 0)
        self._host = host
        self._urls: Urls = {}
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backends")
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def __enter__(self) -> Urls:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self._urls

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits for us
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serve(self._ports, self._host) as self._urls:
            self._ready.set()
            await self._stop.wait()
