"""`bff serve`: one gateway in this process, or several on one socket under a parent that replaces those that die."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial

from bff.app import EXAMPLE, create_app
from bff.cli.child import ToldToStop, told_to_stop
from bff.cli.first_query import first_query
from bff.cli.listener import address_of
from bff.cli.looking import look_through
from bff.cli.server import Server, Sockets
from bff.cli.worker import Orders, Ready, Worker
from bff.compiled import COMPILED
from bff.config import Config
from bff.config.urls import MEMORY
from bff.errors import Problem, StartRefused
from bff.gateway import check_store, look_at_documents
from bff.openapi.quiet import for_good
from bff.telemetry.bridge import adopt
from bff.telemetry.logs import Log, LogObserver, open_log
from bff.telemetry.processes import counted_together

SLACK = 1.0  # seconds beyond the longest operation, for its answer to be sent


def serve_here(orders: Orders, listener: socket.socket, link: socket.socket | None = None) -> None:
    """Serve until told to stop, or until `link` breaks. Raises StartRefused."""
    log = _log(orders)
    settings = orders.overrides.applied(orders.project.settings())
    settings = orders.demo.admitted(settings) if orders.demo else settings
    asyncio.run(check_store(settings))
    with for_good():
        gateway = orders.project.gateway(settings, LogObserver(log), orders.mock)
    for problem in gateway.warnings:
        log.warning("doubt", place=problem.place, message=problem.message, hint=problem.hint)
    if orders.mock:
        log.warning("doubt", place="--mock", message="no service is called: answers are made up", hint="")
    example = orders.project.example() or first_query(gateway.graph) or EXAMPLE
    said = Ready(tuple(sorted(gateway.graph.scopes)), example)
    documents = iter(()) if orders.project.trusted else look_at_documents(gateway)  # else the first worker does
    server = Server(
        create_app(gateway, example),
        grace=settings.limits.timeout + SLACK,
        drain=orders.drain,
        on_ready=partial(_ready, log, listener, link, said.written()),
        on_stop=gateway.stop,
        sockets=_sockets(settings),
        aside=partial(look_through, documents, log),
    )
    server.run([listener])
    log.info("stopped")


def _sockets(settings: Config) -> Sockets:
    limits = settings.subscriptions
    return Sockets(settings.limits.max_body, limits.heartbeat, limits.stall)


def _ready(log: Log, listener: socket.socket, link: socket.socket | None, line: bytes, server: Server) -> None:
    log.info("listening", url=address_of(listener), compiled=COMPILED)
    if link:
        asyncio.get_running_loop().add_reader(link.fileno(), _orphaned, link, server)
        with suppress(BrokenPipeError):  # then the reader knows too
            link.sendall(line)


def _orphaned(link: socket.socket, server: Server) -> None:
    asyncio.get_running_loop().remove_reader(link.fileno())
    server.stop()


class _CannotStart(Exception):
    pass


async def serve_by_workers(orders: Orders, listener: socket.socket, count: int) -> int:
    """Serve by `count` processes until told to stop; returns the exit status. Raises StartRefused."""
    settings = orders.project.settings()
    check_workers(settings, count)
    grace = settings.limits.timeout + orders.drain + 2 * SLACK
    standing, status = asyncio.Event(), 0
    try:
        with counted_together():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(told_to_stop())
                for _ in range(count):
                    tasks.create_task(_keep_one(orders, listener, standing, grace))
                    await standing.wait()  # the first says what is wrong, so that the others need not say it again
    except* ToldToStop:
        pass
    except* _CannotStart:
        status = 1
    return status


def check_workers(settings: Config, workers: int) -> None:
    """Raises StartRefused for what no two processes would share: quotas, and the events of webhooks."""
    if settings.store.get_secret_value() != MEMORY or not (settings.auth or settings.webhooks):
        return
    all_of_them = f"{workers} workers would grant {workers} times every tier"
    one_of_them = f"a webhook's event would reach the subscribers of one of {workers} workers"
    wrong = f"is memory, which no two processes share: {all_of_them if settings.auth else one_of_them}"
    hint = "name a Valkey or Redis, such as valkey://127.0.0.1:6379; or leave --workers at 1"
    raise StartRefused([Problem("store", wrong, hint)])


async def _keep_one(orders: Orders, listener: socket.socket, standing: asyncio.Event, grace: float) -> None:
    log = _log(orders)
    while True:
        if standing.is_set():  # the first has made the graph of documents; all others serve the same
            orders = replace(orders, project=replace(orders.project, trusted=True))
        worker = await Worker.start(orders, listener)
        try:
            if not await worker.ready():
                raise _CannotStart
            standing.set()
            status = await worker.ended()
        finally:
            await worker.stop(grace)
        log.error("a worker ended; another takes its place", status=status)


def _log(orders: Orders) -> Log:
    log = open_log(sys.stderr, orders.log_level, orders.log_format)
    adopt(log)
    return log
