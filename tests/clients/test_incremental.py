"""@defer and @stream by clients as they come from npm, against a running gateway: a slow service is held back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.clients.conftest import SCARCE
from tests.clients.test_clients import relay_compiled, running
from tests.http.conftest import Served, until
from tests.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def cases(gateway: Served, node: Node, file: str, *more: str) -> dict[str, str | None]:
    """What became of each of the file's cases. While one says so, the service of the posts answers nothing."""
    found: dict[str, str | None] = {}
    posts = gateway.bench.services["posts"]
    async with running(node.path, file, gateway.url, SCARCE, *more) as (output, tell):
        async for line in output:
            told = json.loads(line)
            if told.get("hold"):
                posts.gate = asyncio.Event()
            elif posts.gate:
                posts.gate.set()
                posts.gate = None
            if "name" in told:
                found[told["name"]] = told["reason"]
                await until(lambda: not gateway.bench.gateway.operations.running)
            tell.write(b"\n")
    return found


def well(found: dict[str, str | None], count: int) -> None:
    assert [f"{name}: {reason}" for name, reason in found.items() if reason] == []
    assert len(found) == count


@pytest.mark.parametrize(
    ("file", "count"), [("apollo-parts.mjs", 24), ("urql-parts.mjs", 12), ("graphql-parts.mjs", 4)], ids=str
)
async def test_a_client_reads_what_is_deferred_and_streamed(gateway: Served, node: Node, file: str, count: int) -> None:
    well(await cases(gateway, node, file), count)


async def test_relay_reads_what_its_compiler_defers_and_streams(gateway: Served, node: Node, tmp_path: Path) -> None:
    relay_compiled(gateway, node, tmp_path, source="relay-parts")
    well(await cases(gateway, node, "relay-parts.mjs", str(tmp_path)), 4)
