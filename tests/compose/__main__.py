"""The order of the test: have everything, build, start, ask, kill, restart, stop, spend, say what held, take away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time

import aiohttp

from bff.auth.keys import new_key
from tests.compose import images, verdicts
from tests.compose.docker import CommandFailed, Docker, Missing, find_docker
from tests.compose.load import Load, Sample
from tests.compose.questions import Client, ten_airports, travel
from tests.compose.stack import Death, Stack
from tests.compose.verdicts import Verdict

GATEWAYS = ("gateway-1", "gateway-2")
BUDGET, PRICE = 1_650, 11  # points: bff.yaml's `once`; ten airports are one call and ten rows
TRIES = 3  # on a machine that is too busy with other things
RETURNS = 60  # seconds after which what a dead gateway had reserved is back for certain

# Most of what is asked is under way at any moment, and the machine has little to do.
SLOW = """
import urllib.request as r
r.urlopen(r.Request("http://127.0.0.1:8000/_control", b'{"latency_ms": 800}', method="PUT"))
"""


async def main() -> int:
    """The exit status: 0 if every claim held."""
    docker = await find_docker()
    say("images: by wheels from this machine, over the network where there is one")
    chosen = await images.base_images(docker)
    await images.build(docker, chosen["PYTHON_IMAGE"])
    say("".join(f"\n  {variable} {image}" for variable, image in chosen.items()).strip())
    for _ in range(TRIES):
        held = await on_a_stack(docker, chosen)
        if not verdicts.worth_another_try(held):
            break
        say("this machine was too busy for the store: nothing was shown about the quota")
    return 0 if all(verdict.held for verdict in held) else 1


async def on_a_stack(docker: Docker, chosen: dict[str, str]) -> list[Verdict]:
    """One experiment from the beginning to the end, reported."""
    (steady, steady_digest), (budget, budget_digest) = new_key(), new_key()
    listen = f"127.0.0.1:{_free_port()}"
    digests = {"STEADY_KEY_SHA256": steady_digest, "BUDGET_KEY_SHA256": budget_digest}
    stack = Stack(docker, f"bff-test-{os.getpid()}", {**chosen, **digests, "LISTEN": listen})
    try:
        say("starting two gateways, HAProxy, Valkey and six services")
        await stack.up()
        held = await measure(stack, f"http://{listen}/graphql", travel(steady), ten_airports(budget))
    except BaseException:
        sys.stderr.write(await stack.logs())
        raise
    finally:
        say("taking everything away")
        await asyncio.shield(stack.down())
    report(held)
    return held


async def measure(stack: Stack, url: str, steady: Client, budget: Client) -> list[Verdict]:
    await stack.ready(*GATEWAYS)
    connections = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connections, timeout=aiohttp.ClientTimeout(total=20)) as session:
        load = Load(session, url)
        asked = await _until_answered(load, steady)
        await stack.python("airports", SLOW)
        async with load.asking(6, steady), load.asking(6, budget):
            await load.more(60)
            death, hurt = await _killed(stack, load)
            status, stopped = await _stopped(stack, load)
        await _spent(load, budget, death)
        away = [line for gateway in GATEWAYS for line in await stack.said(gateway, '"store"', '"down"')]
    return [
        asked,
        verdicts.only_in_flight_failed(hurt, death),
        verdicts.nothing_failed(stopped, status),
        verdicts.only_the_dead_failed(await stack.carried(), death.service),
        verdicts.spent_exactly([each for each in load.samples if each.client == budget.name], BUDGET, PRICE),
        verdicts.store_was_there(away),
    ]


async def _until_answered(load: Load, client: Client) -> Verdict:
    """Services load their data for some seconds; what is asked before that does not count."""
    async with asyncio.timeout(60):
        while (sample := await load.ask(client)).outcome == "failed":  # noqa: ASYNC110 - another machine's doing
            await asyncio.sleep(0.5)
    load.samples.clear()
    return Verdict("HAProxy leads the travel query to an answer", sample.outcome == "answered", f"{sample.said[:90]}…")


async def _killed(stack: Stack, load: Load) -> tuple[Death, list[Sample]]:
    """How gateway-1 died, and what was asked from before until it had been back for a while."""
    say("killing gateway-1 under load")
    death = await stack.kill("gateway-1")
    await load.more(60)
    say("starting it again")
    await stack.start("gateway-1")
    await stack.ready(*GATEWAYS)
    await load.more(60)
    return death, list(load.samples)


async def _stopped(stack: Stack, load: Load) -> tuple[int, list[Sample]]:
    """The exit status of gateway-2, and what was asked while it stopped and came back."""
    before = len(load.samples)
    say("telling gateway-2 to stop, under load")
    status = await stack.stop("gateway-2")
    await stack.start("gateway-2")
    await stack.ready(*GATEWAYS)
    await load.more(30)
    return status, load.samples[before:]


async def _spent(load: Load, client: Client, death: Death) -> None:
    """Spend what is left, also what comes back from the dead gateway; then see it refused by both replicas."""
    say("spending the rest of the budget")
    while _points(load, client) < BUDGET and time.time() < death.ended + RETURNS:
        async with load.asking(4, client):
            await load.more(4)
        await asyncio.sleep(0.5)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(load.ask(client))


def _points(load: Load, client: Client) -> int:
    return sum(sample.points for sample in load.samples if sample.client == client.name)


def report(held: list[Verdict]) -> None:
    for verdict in held:
        say(f"{'ok    ' if verdict.held else 'FAILED'} {verdict.claim}\n       {verdict.numbers}".rstrip())


def say(text: str) -> None:
    sys.stdout.write(f"compose-test: {text}\n")
    sys.stdout.flush()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def _stoppable() -> int:
    """SIGTERM as Ctrl-C: what was started is taken away."""
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await main()


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_stoppable()))
    except Missing as missing:
        sys.exit(f"compose-test: cannot run: {missing}")
    except CommandFailed as failed:
        sys.exit(f"compose-test: {failed}")
    except TimeoutError:
        sys.exit("compose-test: what was waited for did not happen in time; the logs are above")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("compose-test: stopped")
