"""A server of raw sockets: each connection is served by a task of its own, and none outlives the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def accepting(serve: Serve, port: int = 0) -> AsyncIterator[asyncio.Server]:
    """At `port`, or at any that is free."""
    tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks[task] = writer
        task.add_done_callback(tasks.pop)

    server = await asyncio.start_server(accept, "127.0.0.1", port, backlog=512)
    try:
        yield server
    finally:
        server.close()
        for task, writer in tuple(tasks.items()):
            task.cancel()
            writer.close()  # a task that has not begun closes nothing
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
