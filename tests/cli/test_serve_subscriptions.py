"""Subscriptions under `bff serve`, by one process and by several: they go on until they are told to come again."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.cli.conftest import Start, edit
from tests.cli.running import PATIENCE, until

TICKS = '''
@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        """One, and then silence."""
        yield 1
        await asyncio.Event().wait()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def wait(self, file: str) -> str:
        """Until there is such a file."""
        Path(f"{file}.begun").touch()
        while not Path(file).exists():
            await asyncio.sleep(0.01)
        return "done"


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
'''


@pytest.fixture
def ticking(project: Path) -> Path:
    edit(project / "bff.yaml", "auth: {anonymous: everybody}\ntiers: {everybody: {points_per_minute: 100000}}\n", "")
    edit(project / "shop.py", "schema = strawberry.Schema(query=Query)\n", TICKS)
    edit(
        project / "shop.py",
        "import strawberry\n",
        "import asyncio\nfrom collections.abc import AsyncGenerator\nfrom pathlib import Path\n\nimport strawberry\n",
    )
    return project


@contextmanager
def subscribed(url: str) -> Iterator[ClientConnection]:
    """A connection on which the first event has come."""
    spoken = [Subprotocol("graphql-transport-ws")]
    with connect(f"{url.replace('http', 'ws')}/graphql", subprotocols=spoken, proxy=None) as socket:
        _subscribe(socket)
        yield socket


def _subscribe(socket: ClientConnection) -> None:
    socket.send('{"type": "connection_init"}')
    assert socket.recv(PATIENCE) == '{"type":"connection_ack"}'
    socket.send('{"type": "subscribe", "id": "1", "payload": {"query": "subscription Ticks { ticks }"}}')
    assert json.loads(socket.recv(PATIENCE))["payload"] == {"data": {"ticks": 1}}


def closed_by(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(PATIENCE)
    return closed.value.rcvd.code if closed.value.rcvd else None


@pytest.mark.parametrize("workers", [1, 2])
def test_who_subscribes_is_told_to_come_again_when_the_gateway_stops(ticking: Path, start: Start, workers: int) -> None:
    running = start(
        "serve", "--port", "0", "--workers", str(workers), "--log-format", "json", "--drain", "0s", cwd=ticking
    )
    with ExitStack() as everybody:
        sockets = [everybody.enter_context(subscribed(running.url())) for _ in range(4)]
        assert running.stop(signal.SIGTERM) == 0
        assert {closed_by(socket) for socket in sockets} == {1012}
    assert running.nobody_is_left()
    until(lambda: sum(line["event"] == "subscription" and line["state"] == "ended" for line in running.lines) == 4)
    told = [line for line in running.lines if line["event"] == "subscription"]
    assert {line["name"] for line in told} == {"Ticks"}
    assert {line["end"] for line in told if line["state"] == "ended"} <= {"stopping", "left"}
    assert not [line for line in running.lines if line["level"] == "error"]


def test_what_runs_over_a_socket_is_answered_before_the_gateway_ends(ticking: Path, start: Start) -> None:
    running = start("serve", "--port", "0", "--log-format", "json", "--drain", "0s", cwd=ticking)
    file = ticking / "go"
    with subscribed(running.url()) as socket:
        query = f'mutation {{ wait(file: "{file}") }}'
        socket.send(json.dumps({"type": "subscribe", "id": "2", "payload": {"query": query}}))
        until(Path(f"{file}.begun").exists)
        running.signal(signal.SIGTERM)
        refused = _refused(socket)
        assert refused["payload"][0]["extensions"]["code"] == "GATEWAY_STOPPING"
        file.touch()
        assert json.loads(socket.recv(PATIENCE))["payload"] == {"data": {"wait": "done"}}
        assert json.loads(socket.recv(PATIENCE)) == {"id": "2", "type": "complete"}
        assert closed_by(socket) == 1012
    assert running.ended() == 0
    assert not [line for line in running.lines if line["level"] == "error"]


def _refused(socket: ClientConnection) -> Any:
    """The error of the first operation that is not taken any more."""
    while True:
        socket.send('{"type": "subscribe", "id": "3", "payload": {"query": "{ __typename }"}}')
        if (said := json.loads(socket.recv(PATIENCE)))["type"] == "error":
            return said
        assert json.loads(socket.recv(PATIENCE))["type"] == "complete"
