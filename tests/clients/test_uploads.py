"""Files, sent by clients as they come from npm and PyPI."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from gql import Client, FileVar, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError

from tests.clients.test_clients import cases
from tests.http.storage import storing
from tests.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "graphql: {uploads: {max_file: 1MiB}}"
PUT = "mutation Put($id: ID!, $file: Upload!) { put(id: $id, file: $file) { size sha256 type } }"


async def test_apollo_upload_client_and_urql_send_files(node: Node) -> None:
    async with storing(LIMITS) as gateway:
        found = await cases(gateway, node, "uploads.mjs")
    assert [f"{name}: {reason}" for name, reason in found.items() if reason] == []
    assert len(found) == 6


async def test_gql_sends_a_file(tmp_path: Path) -> None:
    raw = b"\x00\xff" * 100_000
    (tmp_path / "photo.png").write_bytes(raw)
    async with storing(LIMITS) as gateway:
        headers = {"graphql-require-preflight": "1"}
        async with Client(transport=AIOHTTPTransport(gateway.url, headers=headers)) as session:
            file = FileVar(str(tmp_path / "photo.png"), content_type="image/png")
            asked = GraphQLRequest(PUT, variable_values={"id": "1", "file": file})
            found = await session.execute(asked, upload_files=True)
    assert found == {"put": {"size": len(raw), "sha256": sha256(raw).hexdigest(), "type": "image/png"}}


async def test_gql_is_told_that_a_header_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    async with storing(LIMITS) as gateway, Client(transport=AIOHTTPTransport(gateway.url)) as session:
        asked = GraphQLRequest(PUT, variable_values={"id": "1", "file": FileVar(str(tmp_path / "a"))})
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(asked, upload_files=True)
    assert raised.value.errors
    assert raised.value.errors[0]["extensions"]["code"] == "CROSS_SITE_REFUSED"
