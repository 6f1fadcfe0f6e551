"""A gateway with clients and quotas on a socket, and Node with the clients that frontends use."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio

from bff.auth.keys import new_key
from tests.http.conftest import Served, lacking, serving

HERE = Path(__file__).parent
SCARCE, SCARCE_SHA256 = new_key()

SETTINGS = f"""
auth: {{anonymous: everybody}}
tiers:
  everybody: {{points_per_minute: 1000000}}
  scarce: {{points_per_minute: 10, burst: 20}}
clients:
  scarce: {{tier: scarce, keys: [{{sha256: "{SCARCE_SHA256}"}}]}}
"""


@dataclass(frozen=True)
class Node:
    """Node, with the packages of package-lock.json beside the tests."""

    path: str

    @property
    def bin(self) -> Path:
        return HERE / "node_modules/.bin"


@pytest.fixture(scope="session")
def node() -> Node:
    path, npm = shutil.which("node"), shutil.which("npm")
    if not path or not npm:
        lacking("Node with npm", "apt-get install nodejs npm")
    _install(npm, HERE)
    return Node(path)


def _install(npm: str, folder: Path) -> None:
    """By the hashes of package-lock.json, unless that was done."""
    wanted = sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    done = folder / "node_modules/.installed"
    if done.exists() and done.read_text("ascii") == wanted:
        return
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    if ran.returncode:
        lacking("a GraphQL client", f"npm ci in {folder} says: {ran.stderr}")
    done.write_text(wanted, "ascii")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    manifest = tmp_path_factory.mktemp("manifest") / "persisted-documents.json"
    manifest.write_text('{"trusted": "query Trusted { user(id: 1) { name __typename } }"}', "utf-8")
    async with serving(f"{SETTINGS}persisted: {{manifests: ['{manifest}']}}") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    yield one_gateway
    await one_gateway.forget()
