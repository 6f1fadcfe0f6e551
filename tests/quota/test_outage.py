"""The store is not there, goes away, comes back, is slow, or answers something else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from bff import config
from bff.errors import QuotaExceeded
from bff.gateway.store import open_ledger
from bff.limits.line import StoreAway
from bff.limits.quota import Tier
from bff.limits.store import Ledger
from bff.telemetry import Silent

from .kit import SLOW, Heard, remaining, shared, through_the_store, until
from .server import Server

SHARE = SLOW.burst // 4


async def spend(ledger: Ledger, client: str = "web", tier: Tier = SLOW) -> int:
    """How many points are granted, one by one, until the first refusal."""
    for granted in range(tier.burst + 1):
        try:
            await ledger.settle(await ledger.reserve(client, tier, 1), 1)
        except QuotaExceeded:
            return granted
    pytest.fail("unlimited")


async def test_without_a_store_at_start_everybody_has_a_share_of_their_tier_and_it_is_said_once(heard, tmp_path):
    ledger = shared(f"unix://{tmp_path}/nothing", heard)
    with pytest.raises(StoreAway, match="ConnectionError"):
        await ledger.check()
    assert await spend(ledger) == SHARE
    assert await spend(ledger, "app") == SHARE
    assert heard.states == ["down"]
    await ledger.aclose()


async def test_a_refusal_from_the_share_says_when_to_come_back(heard, tmp_path):
    ledger = shared(f"unix://{tmp_path}/nothing", heard)
    with pytest.raises(QuotaExceeded, match=f"{SHARE} remain") as refused:
        await ledger.reserve("web", Tier(points_per_window=100, burst=100), 30)
    assert refused.value.retry_after == 12
    await ledger.aclose()


async def test_a_store_that_is_killed_and_started_again_is_used_again(fragile: Server, heard):
    ledger = shared(fragile.url, heard)
    assert not (await ledger.reserve("web", SLOW, 1)).standing.local
    fragile.kill()
    assert (await ledger.reserve("web", SLOW, 1)).standing.local
    fragile.start()
    await through_the_store(ledger, "web", SLOW)
    fragile.kill()
    assert (await ledger.reserve("web", SLOW, 1)).standing.local
    assert heard.states == ["down", "up", "down"]
    await ledger.aclose()


async def test_the_share_is_not_given_anew_in_each_outage(fragile: Server):
    ledger = shared(fragile.url, timeout=0.05)
    fragile.freeze()
    assert await spend(ledger) == SHARE
    fragile.thaw()
    await through_the_store(ledger, "web", SLOW)
    fragile.freeze()
    assert await spend(ledger) == 0
    fragile.thaw()
    await ledger.aclose()


async def test_what_was_held_when_the_store_went_away_is_settled_when_it_is_back(fragile: Server):
    ledger = shared(fragile.url, timeout=0.3)
    reservation = await ledger.reserve("web", SLOW, 60)
    fragile.freeze()
    standing = await ledger.settle(reservation, 50)
    assert (standing.remaining, standing.local) == (50, True)
    fragile.thaw()
    await through_the_store(ledger, "web", SLOW)
    assert await remaining(ledger, "web", SLOW) == 50
    await ledger.aclose()


async def test_what_a_slow_store_granted_too_late_is_given_back_when_it_is_in_time_again(fragile: Server):
    ledger, tier = shared(fragile.url, timeout=0.3), Tier(points_per_window=100, burst=100, max_concurrent=1)
    await through_the_store(ledger, "app", SLOW)
    fragile.freeze()
    assert (await ledger.reserve("web", tier, 1)).standing.local
    fragile.thaw()
    await through_the_store(ledger, "app", SLOW)
    reservation = await ledger.reserve("web", tier, 100)
    assert (reservation.standing.remaining, reservation.standing.local) == (0, False)
    await ledger.aclose()


async def test_when_the_store_is_slow_nobody_queues_for_it(fragile: Server, heard):
    """All of them are answered by the share, over the connections of a few trials."""
    ledger = shared(fragile.url, heard, timeout=0.02)
    await through_the_store(ledger, "web", SLOW)
    before = len(heard.said)
    fragile.freeze()
    asked = [ledger.reserve(f"client {n}", SLOW, 1) for n in range(500)]
    found = await asyncio.gather(*asked)
    assert all(reservation.standing.local for reservation in found)
    assert heard.states[before:] == ["down"]
    fragile.thaw()
    await through_the_store(ledger, "web", SLOW)
    assert fragile.command("CLIENT", "LIST").count("id=") < 10
    await ledger.aclose()


async def test_what_waits_in_vain_is_over_before_the_ledger_is_closed(fragile: Server):
    ledger = shared(fragile.url, timeout=0.02)
    await ledger.check()
    fragile.freeze()
    assert (await ledger.reserve("web", SLOW, 1)).standing.local
    tasks = asyncio.all_tasks()
    await ledger.aclose()
    assert [task for task in tasks if not task.done()] == [asyncio.current_task()]


Break = Callable[[Server], object]


@pytest.mark.parametrize(
    ("breaks", "mends", "reason"),
    [
        pytest.param(
            lambda server: server.command("REPLICAOF", "127.0.0.1", "1"),
            lambda server: server.command("REPLICAOF", "NO", "ONE"),
            "ReadOnlyError",
            id="it became a replica",
        ),
        pytest.param(
            lambda server: server.command("CONFIG", "SET", "maxmemory", "1"),
            lambda server: server.command("CONFIG", "SET", "maxmemory", "0"),
            "OutOfMemoryError",
            id="it is out of memory",
        ),
    ],
)
async def test_a_store_that_takes_no_writes_is_away(fragile: Server, heard, breaks: Break, mends: Break, reason):
    ledger = shared(fragile.url, heard)
    await ledger.check()
    breaks(fragile)
    assert (await ledger.reserve("web", SLOW, 1)).standing.local
    assert reason in heard.said[0][1]
    mends(fragile)
    await through_the_store(ledger, "web", SLOW)
    assert heard.states == ["down", "up"]
    await ledger.aclose()


@asynccontextmanager
async def answering(path: str, reply: bytes) -> AsyncIterator[None]:
    """A server that answers whatever it is told with this, and hangs up if there is nothing to say."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while reply and await reader.read(65_536):
            writer.write(reply)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-BUSY Redis is busy running a script.\r\n", "busy"),
        (b"-NOAUTH Authentication required.\r\n", "Authentication"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "MASTER"),
        (b"-NOSCRIPT No matching script.\r\n", "script"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol"),
        (b"$3\r\nhuh\r\n", "ValueError"),
        (b"", ""),
    ],
)
async def test_whatever_else_it_answers_it_is_away(tmp_path, heard, reply, reason):
    path = f"{tmp_path}/odd"
    async with answering(path, reply):
        ledger = shared(f"unix://{path}", heard)
        assert await spend(ledger) == SHARE
        assert heard.states == ["down"]
        assert reason in heard.said[0][1]
        await ledger.aclose()


async def test_a_store_across_a_wire_that_breaks_in_the_middle_of_an_answer(server: Server, heard: Heard, tmp_path):
    """The wire carries so many bytes back, then it is cut: each time a little later, and at the end not at all."""
    for carried in (0, 1, 5, 9, 14):
        path = f"{tmp_path}/{carried}"
        async with cut_after(carried, path, server.socket):
            ledger = shared(f"unix://{path}", heard)
            assert (await ledger.reserve("web", SLOW, 1)).standing.local
            await ledger.aclose()
    assert heard.states == ["down"] * 5


@asynccontextmanager
async def cut_after(carried: int, path: str, behind: str) -> AsyncIterator[None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_store, to_store = await asyncio.open_unix_connection(behind)
        to_store.write(await reader.read(65_536))
        writer.write((await from_store.read(65_536))[:carried])
        for each in (writer, to_store):
            each.close()
            await each.wait_closed()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield


async def test_it_is_noticed_that_the_store_is_back_by_whoever_asks_next(fragile: Server, heard):
    ledger = shared(fragile.url, heard)
    fragile.kill()
    await ledger.reserve("web", SLOW, 1)
    fragile.start()
    await through_the_store(ledger, "app", SLOW)
    await until(lambda: heard.states == ["down", "up"])
    assert heard.said[1] == ("up", "It answers again.")
    await ledger.aclose()


async def test_how_long_a_store_is_waited_for_is_a_setting(fragile: Server):
    class Told(Silent):
        def __init__(self) -> None:
            self.reasons: list[str] = []

        def store(self, state: str, reason: str) -> None:
            self.reasons.append(reason)

    told = Told()
    settings = config.parse("store_timeout: 3ms", {}).model_copy(update={"store": SecretStr(fragile.url)})
    ledger = open_ledger(settings, told)
    fragile.freeze()
    assert (await ledger.reserve("web", SLOW, 1)).standing.local
    assert told.reasons == ["It did not answer within 3 ms."]
    fragile.thaw()
    await ledger.aclose()
