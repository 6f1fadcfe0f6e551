"""Valkey or Redis as the shared store: questions in, script calls out. Knows no tier and decides nothing.

Each decision is one call of quota.lua, which reads, decides and writes with nothing in between. The store's own clock
counts, so that the gateways' may differ. `Connection` is the store itself, for whoever has other questions.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from bff.limits.circuit import Circuit
from bff.limits.line import StoreAway
from bff.limits.quota import Account
from bff.limits.shared import Question, SharedLedger, Verdict
from bff.limits.store import OnStore

SCRIPT = files("bff.limits").joinpath("quota.lua").read_text("utf-8")
SHA = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()  # how EVALSHA names a script

PATIENCE = 1.0  # seconds to connect, and to answer; nobody waits for it, see Line
SILENCE = 10.0  # seconds after which a server that publishes nothing is asked whether it is there
CONNECTIONS = 8  # one serves; those whose exchange is late are not used until it is over

DEFAULT = Circuit()

Clock = Callable[[], int]


def valkey_ledger(
    url: str,
    *,
    on_store: OnStore,
    timeout: float = 0.05,
    share: int = 4,
    prefix: str = "bff",
    circuit: Circuit = DEFAULT,
    clock: Clock | None = None,
) -> SharedLedger:
    """A Ledger on `valkey://`, `valkeys://` (TLS), `redis://`, `rediss://` or `unix://`; connects when first used.

    `timeout` in seconds, `share` the number of worker processes of all replicas. `clock` (ms) is for tests.
    Raises ValueError for a URL that is none of these.
    """
    store = Valkey(url, prefix, clock)
    return SharedLedger(store, timeout=timeout, share=share, circuit=circuit, on_store=on_store)


class Connection:
    """Commands for one server. Nothing is repeated: whether a broken call was executed is not known."""

    def __init__(self, url: str, *, silence: float = SILENCE) -> None:
        """Raises ValueError for a URL that no store has."""
        self._silence = silence
        self._redis: Redis = Redis.from_url(
            url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            max_connections=CONNECTIONS,
        )

    async def run(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """All of them in one round trip, in their order. Raises StoreAway if any of them was not executed."""
        replies = await self.attempt(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise StoreAway(_said(reply)) from reply
        return replies

    async def attempt(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The same, with an exception in the place of each reply that is an error."""
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        try:
            return await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            raise StoreAway(_said(error)) from error

    async def listen(self, pattern: str) -> AsyncGenerator[tuple[str, bytes] | None, None]:
        """What is published on channels of this pattern: channel and message, and None once it is heard.

        Raises StoreAway when the connection is lost, or the server says nothing although it is asked.
        """
        try:
            async with self._redis.pubsub() as listening:
                await listening.psubscribe(pattern)
                async for message in _messages(listening, self._silence):
                    if message["type"] == "psubscribe":
                        yield None
                    elif message["type"] == "pmessage":
                        yield message["channel"].decode(), message["data"]
        except (RedisError, OSError) as error:
            raise StoreAway(_said(error)) from error

    async def aclose(self) -> None:
        await self._redis.aclose()


async def _messages(listening: PubSub, silence: float) -> AsyncGenerator[dict[str, Any], None]:
    """A server that is silent is asked whether it is there; it has as long again to say so."""
    asked = False
    while True:
        message = await listening.get_message(timeout=silence)
        if message is not None:
            asked = False
            yield message
        elif asked:
            raise StoreAway("it does not answer a PING")
        else:
            asked = True
            await listening.ping()


class Valkey:
    """Runs quota.lua on one server."""

    def __init__(self, url: str, prefix: str = "bff", clock: Clock | None = None) -> None:
        self._prefix = prefix
        self._clock = clock
        self._connection = Connection(url)

    async def exchange(self, questions: Sequence[Question]) -> list[Verdict]:
        """All of them in one round trip, in their order. Raises StoreAway if any of them was not decided."""
        calls = [("EVALSHA", SHA, *self._call(question)) for question in questions]
        replies = await self._connection.attempt(calls)
        if any(isinstance(reply, NoScriptError) for reply in replies):
            await self._connection.run([("SCRIPT", "LOAD", SCRIPT)])
            replies = await self._rerun(calls, replies)
        return [_verdict(reply) for reply in replies]

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _rerun(self, calls: Sequence[Sequence[Any]], replies: Sequence[Any]) -> list[Any]:
        """Those that found no script again: they have done nothing."""
        missing = [call for call, reply in zip(calls, replies, strict=True) if isinstance(reply, NoScriptError)]
        found = iter(await self._connection.attempt(missing))
        return [next(found) if isinstance(reply, NoScriptError) else reply for reply in replies]

    def _call(self, question: Question) -> list[Any]:
        """The number of keys, the keys, and the arguments, as quota.lua lists them."""
        tier, now = question.tier, self._clock() if self._clock else ""
        tag = f"{self._prefix}:{{quota:{quote(question.client)}:{tier.window}}}"  # a quoted client holds no brace
        keys = 2, f"{tag}:account", f"{tag}:holds"
        asked = question.verb, question.id, question.points, question.amount
        limits = tier.width, tier.points_per_window, tier.burst, tier.requests_per_second or 0, tier.max_concurrent or 0
        return [*keys, *asked, *limits, now]


def _verdict(reply: Any) -> Verdict:
    """Raises StoreAway for READONLY, OOM, BUSY and whatever else a store answers instead of deciding."""
    if isinstance(reply, Exception):
        raise StoreAway(_said(reply)) from reply
    granted, at, spent, asked, held, running = map(int, reply.split())
    return Verdict(granted == 1, Account(at, spent, asked, held, running))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
