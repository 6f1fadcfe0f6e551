"""What subscriptions cost on which nothing happens: `python -m bench.idle`; docs/subscriptions.md has the figures.

One gateway process, as `bff serve` starts it, and all clients in this one. Memory is the gateway's, less what it took
before; processor time is that of a while in which there are heartbeats and nothing else. Then one event goes to all.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.process import free_port, listens, until, usage

QUERY = json.dumps({"query": "subscription { tick }"}).encode()
SECRET = base64.b64encode(b"a secret of 24 bytes....").decode()
SCHEMA = """
import strawberry
from bff import published, subscribe

@strawberry.type
class Query:
    @strawberry.field
    def one(self) -> int:
        return 1

@strawberry.type
class Subscription:
    @subscribe(published("ticks", rows="n"))
    def tick(self) -> int | None: ...

schema = strawberry.Schema(Query, subscription=Subscription)
"""
SETTINGS = """
graph: ticks:schema
subscriptions: {per_connection: 1000000, per_client: 1000000, per_process: 1000000}
webhooks: [{path: /ticks, topic: ticks, secrets: ["${SECRET}"]}]
"""


class Client(asyncio.Protocol):
    """One connection: says what it has to, and counts events."""

    def __init__(self, events: list[float], subscriptions: int) -> None:
        self.events = events
        self.subscriptions = subscriptions
        self.ready = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.begin()

    def begin(self) -> None:
        raise NotImplementedError


class EventStream(Client):
    def begin(self) -> None:
        head = b"POST /graphql HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(QUERY) + QUERY)

    def data_received(self, data: bytes) -> None:
        if b"event: next" in data:
            self.events.append(time.perf_counter())
        if not self.ready.done() and b":\n\n" in data:
            self.ready.set_result(None)


class Socket(Client):
    def begin(self) -> None:
        self.transport.write(
            b"GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._buffer.startswith(b"HTTP") and b"\r\n\r\n" in self._buffer:
            self._buffer = self._buffer.partition(b"\r\n\r\n")[2]
            self.say(0x81, b'{"type":"connection_init"}')
        while len(self._buffer) >= 2 and len(self._buffer) >= 2 + (self._buffer[1] & 127):
            size = 2 + self._buffer[1]
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            self.heard(frame[0], frame[2:])

    def heard(self, opcode: int, payload: bytes) -> None:
        if opcode == 0x89:
            self.say(0x8A, payload)
        elif b"connection_ack" in payload:
            for number in range(self.subscriptions):
                subscribe = b'{"id":"%d","type":"subscribe","payload":%b}' % (number, QUERY)
                self.say(0x81, subscribe)
            self.ready.set_result(None)
        elif b'"next"' in payload:
            self.events.append(time.perf_counter())

    def say(self, opcode: int, payload: bytes) -> None:
        self.transport.write(bytes([opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # masked by nothing


@dataclass(frozen=True)
class Kind:
    name: str
    client: Callable[[list[float], int], Client]
    each: int  # subscriptions of one connection


KINDS = (
    Kind("WebSockets, one subscription each", Socket, 1),
    Kind("WebSockets, twenty subscriptions each", Socket, 20),
    Kind("server-sent events", EventStream, 1),
)


@contextmanager
def gateway() -> Iterator[tuple[int, int]]:
    """Its process and port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        Path(name, "ticks.py").write_text(SCHEMA)
        Path(name, "bff.yaml").write_text(SETTINGS)
        command = [sys.executable, "-P", "-m", "bff.cli", "--config", f"{name}/bff.yaml", "--app-dir", name]
        serve = ["serve", "--port", str(port), "--log-level", "error", "--drain", "0s"]
        environ = {**os.environ, "SECRET": f"whsec_{SECRET}"}
        with subprocess.Popen([*command, *serve], env=environ) as process:
            try:
                until(lambda: listens(port), lambda: None if process.poll() is None else "it ended")
                yield process.pid, port
            finally:
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGTERM)


async def measured(kind: Kind, count: int, seconds: float) -> str:
    with gateway() as (pid, port):
        loop, events = asyncio.get_running_loop(), list[float]()
        await asyncio.sleep(1)
        before = usage(pid).rss
        clients: list[Client] = []
        for _ in range(count // kind.each):
            _, client = await loop.create_connection(lambda: kind.client(events, kind.each), "127.0.0.1", port)
            await client.ready
            clients.append(client)
        await asyncio.sleep(2)
        held, cpu, began = usage(pid).rss, usage(pid).cpu, time.perf_counter()
        await asyncio.sleep(seconds)
        idle = (usage(pid).cpu - cpu) / (time.perf_counter() - began)
        published = await asyncio.to_thread(_published, port)
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(events) < count:  # noqa: ASYNC110 - ten thousand connections set no event for it
                    await asyncio.sleep(0.05)
        took = max(events) - published
        for client in clients:
            client.transport.abort()
    kib = (held - before) / 1024 / count
    return f"| {kind.name} | {count} | {kib:.1f} KiB | {idle:.1%} | {len(events)} in {took:.2f} s |"


def _published(port: int) -> float:
    """One event, signed; when it was sent."""
    body, now = b'{"n": 1}', str(int(time.time()))
    signed = hmac.new(base64.b64decode(SECRET), f"msg_1.{now}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        "content-type": "application/json",
    }
    began = time.perf_counter()
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/ticks", body, headers))
    return began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--only", type=int, choices=range(len(KINDS)))
    chosen = options.parse_args()
    print("| | subscriptions | memory each | processor, idle | one event to all |\n|---|---|---|---|---|")
    for kind in KINDS if chosen.only is None else (KINDS[chosen.only],):
        print(asyncio.run(measured(kind, chosen.count, chosen.seconds)), flush=True)


if __name__ == "__main__":
    main()
