"""Clients as they come from npm, unmodified, against a running gateway. What each does stands in its own file."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import HERE, SCARCE, SETTINGS
from tests.http.conftest import Served, serving, until
from tests.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE = 60.0  # seconds; for a client that would wait for ever


async def cases(gateway: Served, node: Node, file: str, *more: str) -> dict[str, str | None]:
    """What became of each of the file's cases: None, or what was wrong. Tells a case what has arrived, if it waits."""
    found: dict[str, str | None] = {}
    async with running(node.path, file, gateway.url, SCARCE, *more) as (output, tell):
        async for line in output:
            told = json.loads(line)
            if "waits" in told:
                await until(lambda: gateway.runs)
            else:
                found[told["name"]] = told["reason"]
                await until(lambda: not gateway.runs)  # what was aborted has ended here
            tell.write(b"\n")
    return found


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    process = await asyncio.create_subprocess_exec(*command, cwd=HERE, stdin=PIPE, stdout=PIPE)
    assert process.stdout
    assert process.stdin
    try:
        async with asyncio.timeout(DEADLINE):
            yield process.stdout, process.stdin
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("file", "count"), [("apollo.mjs", 15), ("urql.mjs", 13), ("graphql-request.mjs", 14)], ids=str
)
async def test_everything_that_a_client_does_works(gateway: Served, node: Node, file: str, count: int) -> None:
    well(gateway, await cases(gateway, node, file), count)


def well(gateway: Served, found: dict[str, str | None], count: int) -> None:
    assert [f"{name}: {reason}" for name, reason in found.items() if reason] == []
    assert len(found) == count
    assert {fact.code for fact in gateway.bench.listener.operations} >= {None, "QUOTA_EXCEEDED", "OPERATION_ABANDONED"}


async def test_everything_that_relay_does_works_with_what_its_compiler_made(
    gateway: Served, node: Node, tmp_path: Path
) -> None:
    relay_compiled(gateway, node, tmp_path)
    well(gateway, await cases(gateway, node, "relay.mjs", str(tmp_path)), 7)


async def test_relay_names_the_documents_that_its_compiler_persisted(node: Node, tmp_path: Path) -> None:
    async with serving(SETTINGS) as unready:
        persisting: dict[str, Any] = {"persistConfig": {"file": "./persisted.json", "algorithm": "MD5"}}
        relay_compiled(unready, node, tmp_path, **persisting)
    settings = f"{SETTINGS}persisted: {{manifests: ['{tmp_path / 'persisted.json'}'], mode: required}}"
    async with serving(settings) as gateway:
        well(gateway, await cases(gateway, node, "relay.mjs", str(tmp_path)), 7)
        counted = (await gateway.client.get("/metrics")).text
    assert 'bff_documents_total{outcome="hit",tier="everybody"}' in counted
    assert 'outcome="miss"' not in counted


def relay_compiled(gateway: Served, node: Node, folder: Path, source: str = "relay", **options: Any) -> None:
    """What stands in relay/queries.js, or below another folder, compiled against the gateway's schema into `folder`."""
    shutil.copytree(HERE / source, folder, dirs_exist_ok=True)
    config = json.loads((folder / "relay.config.json").read_text("utf-8")) | options
    (folder / "relay.config.json").write_text(json.dumps(config), "utf-8")
    (folder / "persisted.json").write_text("{}", "utf-8")
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    (folder / "schema.graphql").write_text(gateway.bench.gateway.sdl, "utf-8")
    ran = subprocess.run([node.bin / "relay-compiler"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
