"""The whole of it over a socket: uvicorn in front, the services behind."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import uvicorn

from bff.app import create_app
from tests.reference.test_answers import STITCHED
from tests.reference.travel import Travel, bearer, travel_over


@asynccontextmanager
async def served(travel: Travel) -> AsyncIterator[str]:
    """The gateway's URL while it serves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = uvicorn.Config(create_app(travel.gateway), log_config=None, lifespan="on", ws="none")
        server = uvicorn.Server(settings)
        running = asyncio.create_task(server.serve([listener]))
        while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        yield "http://{}:{}".format(*listener.getsockname())
        server.should_exit = True
        await running


async def test_a_query_goes_all_the_way_over_sockets(controls: Mapping[str, httpx.Client]) -> None:
    async with travel_over(controls) as travel, served(travel) as url, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{url}/readyz")).json() == {"status": "ready"}
        answers = await asyncio.gather(
            *(http.post(f"{url}/graphql", json={"query": STITCHED}, headers=bearer("ana")) for _ in range(20))
        )
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.text for answer in answers} == {answers[0].text}
        assert answers[0].json()["data"]["airport"]["city"]["country"]["name"] == "Portugal"
        assert set(travel.calls) == {"airports", "cities", "countries", "rates", "holidays"}
        assert all(1 <= calls <= 20 for calls in travel.calls.values())  # equal ones of the same moment are shared


async def test_users_that_ask_at_the_same_moment_get_their_own_answers(controls: Mapping[str, httpx.Client]) -> None:
    create = """mutation($title: String!) { createTrip(input: {title: $title, startsOn: "2026-01-01",
      endsOn: "2026-01-02"}) { ... on Trip { title } } }"""
    users = [f"user-{number}" for number in range(10)]
    async with travel_over(controls) as travel, served(travel) as url, httpx.AsyncClient(trust_env=False) as http:

        async def ask(user: str, query: str, **variables: str) -> httpx.Response:
            body = {"query": query, "variables": variables}
            return await http.post(f"{url}/graphql", json=body, headers=bearer(user))

        await asyncio.gather(*(ask(user, create, title=user) for user in users))
        answers = await asyncio.gather(*(ask(user, "{ trips { edges { node { title } } } }") for user in users))
    titles = [{edge["node"]["title"] for edge in each.json()["data"]["trips"]["edges"]} for each in answers]
    assert titles == [{user} for user in users]
