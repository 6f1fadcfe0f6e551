"""A gateway with clients and quotas on a socket, and Node with the clients that frontends use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bff.auth.keys import new_key
from tests.http.conftest import Served, serving
from tests.node import Node, node_in

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


@pytest.fixture(scope="session")
def node() -> Node:
    return node_in(HERE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    manifest = tmp_path_factory.mktemp("manifest") / "persisted-documents.json"
    manifest.write_text('{"trusted": "query Trusted { user(id: 1) { name __typename } }"}', "utf-8")
    async with serving(f"{SETTINGS}limits: {{max_operations: 10}}\npersisted: {{manifests: ['{manifest}']}}") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    yield one_gateway
    await one_gateway.forget()
