"""Python's gql, unmodified, against a running gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError

from tests.clients.conftest import SCARCE, SETTINGS
from tests.http.conftest import Served, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

USER = "query User($id: ID!) { user(id: $id) { id name } }"
CREATE = "mutation Create($input: PostInput!) { createPost(input: $input) { ... on Post { name } } }"


@asynccontextmanager
async def connected(
    gateway: Served, key: str | None = None, *, fetches_schema: bool = False
) -> AsyncIterator[AsyncClientSession]:
    headers = {"x-api-key": key} if key else {}
    transport = AIOHTTPTransport(gateway.url, headers=headers)
    async with Client(transport=transport, fetch_schema_from_transport=fetches_schema) as session:
        yield session


def code(error: TransportQueryError) -> str:
    assert error.errors
    return str(error.errors[0]["extensions"]["code"])


async def test_a_query_with_variables(gateway: Served) -> None:
    async with connected(gateway) as session:
        found = await session.execute(GraphQLRequest(USER, variable_values={"id": "1"}))
    assert found == {"user": {"id": "1", "name": "user 1"}}


async def test_the_schema_is_fetched_and_queries_are_checked_against_it(gateway: Served) -> None:
    async with connected(gateway, fetches_schema=True) as session:
        assert session.client.schema
        assert "Post" in session.client.schema.type_map
        with pytest.raises(Exception, match="Cannot query field 'nope'"):
            await session.execute(gql("{ nope }"))


async def test_a_mutation_with_an_input(gateway: Served) -> None:
    async with connected(gateway) as session:
        found = await session.execute(
            GraphQLRequest(CREATE, variable_values={"input": {"name": "new", "authorId": "1"}})
        )
    assert found == {"createPost": {"name": "new"}}


async def test_partial_data_with_an_error(gateway: Served) -> None:
    async with connected(gateway) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(gql("{ user(id: 1) { name boom } }"))
    assert raised.value.data == {"user": {"name": "user 1", "boom": None}}
    assert code(raised.value) == "INTERNAL"


@pytest.mark.parametrize(
    ("query", "key", "expected"),
    [("{ nope }", None, "GRAPHQL_VALIDATION_FAILED"), ("{ posts { id } }", "nobody's", "UNAUTHENTICATED")],
)
async def test_a_refusal_has_its_code(gateway: Served, query: str, key: str | None, expected: str) -> None:
    async with connected(gateway, key) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(gql(query))
    assert code(raised.value) == expected


async def test_a_trusted_document_is_known_by_its_text_as_gql_prints_it(tmp_path: Path) -> None:
    trusted, other = (
        GraphQLRequest("query Trusted { user(id: 1) { name } }"),
        GraphQLRequest("{ user(id: 1) { name } }"),
    )
    (tmp_path / "documents.json").write_text(json.dumps({"trusted": trusted.payload["query"]}), "utf-8")
    settings = f"{SETTINGS}persisted: {{manifests: ['{tmp_path / 'documents.json'}'], mode: required}}"
    async with serving(settings) as gateway, connected(gateway) as session:
        assert await session.execute(trusted) == {"user": {"name": "user 1"}}
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(other)
    assert code(raised.value) == "DOCUMENT_NOT_TRUSTED"


async def until_refused(session: AsyncClientSession) -> None:
    for _ in range(40):
        await session.execute(GraphQLRequest(USER, variable_values={"id": "1"}))


async def test_a_spent_quota_has_its_code_and_says_when_to_come_back(gateway: Served) -> None:
    async with connected(gateway, SCARCE) as session:
        with pytest.raises(TransportQueryError) as raised:
            await until_refused(session)
        transport = session.transport
        assert isinstance(transport, AIOHTTPTransport)
        assert transport.response_headers
        assert int(transport.response_headers["retry-after"]) > 0
    assert code(raised.value) == "QUOTA_EXCEEDED"


async def test_a_query_that_is_cancelled_ends_in_the_gateway(gateway: Served) -> None:
    async with connected(gateway) as session:
        asked = asyncio.ensure_future(session.execute(gql("{ never }")))
        await until(lambda: gateway.runs)
        asked.cancel()
        await until(lambda: not gateway.runs)
    assert asked.cancelled()
