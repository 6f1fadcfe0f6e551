"""Callers whose forwarded identity differs never see a byte of one another, whatever is shared or kept, in any order.

The service on the socket answers with the identity it saw, under headers as careless as they come: the same validator
for everybody, `public`, no Vary. Schedules are generated: who asks, who leaves, when answers come, what fails, what is
written, how time passes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bff import codec
from bff.errors import UpstreamError
from bff.upstreams import CacheSettings, Headers, read_decoded
from tests.upstream.service import Received, head, whole

from .origin import Client, Origin, client_of, serving

CALLERS: dict[str, Headers] = {
    "ana": (("authorization", "Bearer ana"),),
    "bob": (("authorization", "Bearer bob"),),
    "eve": (("authorization", "Bearer ana"), ("x-tenant", "2")),
    "joe": (("x-user", "Bearer ana"),),
    "tom": (("authorization", "Bearer ana, Bearer bob"),),
    "two": (("authorization", "Bearer ana"), ("authorization", "Bearer bob")),
    "nobody": (),
}
CONTROLS = {
    "/public": "public, max-age=50",
    "/shared": "s-maxage=50",
    "/private": "private, max-age=50",
    "/stale": "max-age=10, stale-while-revalidate=40, stale-if-error=90",
    "/checked": "no-cache",
    "/never": "no-store",
}


def identity(headers: Headers | list[tuple[str, str]]) -> list[list[str]]:
    return [[name, value] for name, value in headers if name in {"authorization", "x-tenant", "x-user"}]


def careless(request: Received) -> bytes:
    """Who it saw, under the same validator for everybody."""
    told = {"etag": '"same"', "cache_control": CONTROLS.get(request.target.partition("?")[0], "max-age=50")}
    if request.values("if-none-match"):
        return head("304 Not Modified", **told)
    return whole(codec.encode(identity(request.headers)), **told)


def failing(request: Received) -> bytes:
    return whole(codec.encode([["error", *request.values("authorization")]]), "503 Service Unavailable")


@dataclass
class Run:
    """One schedule, as it is played."""

    client: Client
    origin: Origin
    calls: list[tuple[str, asyncio.Future[object]]] = field(default_factory=list)

    def ask(self, caller: str, target: str) -> None:
        self.calls.append((caller, asyncio.ensure_future(self._rows(caller, target))))

    async def _rows(self, caller: str, target: str) -> object:
        reply = await self.client.ask(target, headers=CALLERS[caller])
        if reply.status == 503:
            reply.close()
            return None
        return await read_decoded(reply, codec.decode, max_decoded=10_000)

    def leave(self, which: int) -> None:
        if self.calls:
            self.calls[which % len(self.calls)][1].cancel()

    def write(self, target: str) -> None:
        self.calls.append(("nobody", asyncio.ensure_future(self._write(target))))

    async def _write(self, target: str) -> object:
        (await self.client.ask(target, "PUT", body=b"{}")).close()
        return None

    async def end(self) -> None:
        self.origin.gate.set()
        answers = await asyncio.gather(*(call for _, call in self.calls), return_exceptions=True)
        for (caller, _), answer in zip(self.calls, answers, strict=True):
            if isinstance(answer, BaseException):
                assert isinstance(answer, (UpstreamError, asyncio.CancelledError)), repr(answer)
            elif answer is not None:
                assert answer == identity(CALLERS[caller])


NETWORK = 8  # turns in which the network gets something done; in fewer, only we do
Step = Callable[[Run], None]
callers, targets = st.sampled_from(list(CALLERS)), st.sampled_from([*CONTROLS, "/public?page=2"])


def named(name: str, step: Step) -> Step:
    step.__name__ = step.__qualname__ = name
    return step


def ask(caller: str, target: str) -> Step:
    return named(f"{caller} asks {target}", lambda run: run.ask(caller, target))


def passes(seconds: int) -> Step:
    def step(run: Run) -> None:
        run.client.clock.ahead += seconds

    return named(f"{seconds} s pass", step)


def answering(how: str) -> Step:
    def step(run: Run) -> None:
        run.origin.answer = failing if how == "failing" else careless
        run.origin.down = how == "down"
        run.origin.gate.set() if how == "now" else run.origin.gate.clear() if how == "later" else None

    return named(f"the service is {how}", step)


steps = st.one_of(
    st.builds(ask, callers, targets),
    st.builds(ask, callers, targets),
    st.builds(passes, st.sampled_from([1, 11, 60])),
    st.builds(answering, st.sampled_from(["now", "later", "failing", "down", "well"])),
    st.builds(lambda at: named(f"call {at} leaves", lambda run: run.leave(at)), st.integers(0, 20)),
    st.builds(lambda target: named(f"{target} is written", lambda run: run.write(target)), targets),
)
schedules = st.lists(st.tuples(steps, st.sampled_from([0, 1, 3, NETWORK])), max_size=25)


async def play(schedule: list[tuple[Step, int]], *, coalesce: bool, size: int) -> None:
    async with serving() as origin:
        origin.answer = careless
        client = client_of(origin, coalesce=coalesce, cache=CacheSettings(size=size) if size else None, max_in_flight=3)
        run = Run(client, origin)
        for step, turns in schedule:
            step(run)
            for _ in range(turns):
                await asyncio.sleep(0.0003 if turns == NETWORK else 0)
        await run.end()
        await client.upstream.sender.aclose()


@pytest.mark.parametrize("coalesce", [True, False])
@pytest.mark.parametrize("size", [0, 20_000, 4_000_000])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(schedule=schedules)
@example(schedule=[(ask(caller, target), 0) for target in CONTROLS for caller in CALLERS] * 2)
@example(schedule=[(ask(caller, target), NETWORK) for target in CONTROLS for caller in CALLERS] * 2)
@example(
    schedule=[
        *((ask(caller, "/stale"), NETWORK) for caller in CALLERS),
        (passes(11), 0),
        (answering("later"), 0),
        *((ask(caller, "/stale"), 1) for caller in CALLERS),
        (answering("now"), NETWORK),
        *((ask(caller, "/stale"), 1) for caller in CALLERS),
        (passes(60), 0),
        (answering("failing"), 0),
        *((ask(caller, "/stale"), NETWORK) for caller in CALLERS),
    ]
)
def test_no_caller_sees_a_byte_of_another(schedule: list[tuple[Step, int]], coalesce: bool, size: int) -> None:
    asyncio.run(play(schedule, coalesce=coalesce, size=size))


async def test_the_examples_do_share_and_keep() -> None:
    """Else the property above would hold for nothing."""
    async with serving() as origin:
        origin.answer = careless
        client = client_of(origin, max_in_flight=3)
        run = Run(client, origin)
        for _ in range(2):
            for caller in [*CALLERS, *CALLERS]:
                run.ask(caller, "/stale")
            await run.end()
            client.clock.ahead += 11
        await run.end()
        assert {"miss", "stale"} <= set(client.hows)
        assert sum(fact.shared for fact in client.facts.exchanges) >= len(CALLERS)
        await client.upstream.sender.aclose()
