"""The audits of graphql-http, the reference implementation of GraphQL over HTTP, against a running gateway."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.http.conftest import Served
from tests.lacking import lacking

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUDITS = Path(__file__).parent / "audits"


@pytest.fixture(scope="module")
def node() -> str:
    """Node with the audits installed beside it, by the hashes of package-lock.json."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        lacking("Node with npm", "apt-get install nodejs npm")
    lock, installed = AUDITS / "package-lock.json", AUDITS / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(install, cwd=AUDITS, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            lacking("graphql-http", f"npm ci in {AUDITS} says: {done.stderr}")
        installed.touch()
    return node


async def test_all_audits_of_graphql_http_are_ok(served: Served, node: str) -> None:
    process = await asyncio.create_subprocess_exec(node, "run.mjs", served.url, cwd=AUDITS, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    found = [json.loads(line) for line in output.splitlines()]
    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == 61
