"""`python -m backends`: run all services, or one of them, or print a token for the service trips."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping

import uvloop

from backends import tokens
from backends.catalog import CATALOG, FIRST_PORT
from backends.run import ports_from, serve


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    options = parser().parse_args(arguments)
    if options.command == "token":
        say(tokens.issue(options.subject, tokens.secret(), days=options.days, scope=options.scope))
        return 0
    ports = ports_from(options.base_port) if options.command is None else {options.command: options.port}
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_signal(ports, options.host))
    except OSError as error:
        sys.stderr.write(f"{error.strerror}\n")
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m backends", description="The REST services of the graph travel.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--base-port", type=int, default=FIRST_PORT, help="port of airports; the others follow it")
    commands = parser.add_subparsers(dest="command", title="without a command: all services; or one of")
    for entry in CATALOG.values():
        one = commands.add_parser(entry.name, help=f"only {entry.name}")
        one.add_argument("--host", default="127.0.0.1")
        one.add_argument("--port", type=int, default=entry.port)
    token = commands.add_parser("token", help="print a bearer token for trips")
    token.add_argument("subject", help="the user's name")
    token.add_argument("--days", type=float, default=30)
    token.add_argument("--scope", default=tokens.SCOPES, help="what it allows, as words with spaces between")
    return parser


async def until_signal(ports: Mapping[str, int], host: str) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with serve(ports, host) as urls:
        for name, url in urls.items():
            say(f"{name:10} {url}")
        await stop.wait()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
