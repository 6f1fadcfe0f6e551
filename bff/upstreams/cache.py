"""Answers to GETs that are used again, as their services allow (RFC 9111, RFC 5861, RFC 8246).

An answer belongs to who asked for it. It is found again by its target and by every header that went with the call, but
the trace and what every call carries; so callers of whom the service is told anything share no answer unless they sent
the same. What may be kept and used is decided in `freshness`; here it is asked for, kept, and handed out.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bff.errors import UpstreamError
from bff.telemetry.trace import TRACE_HEADERS
from bff.upstreams.clock import Clock
from bff.upstreams.directives import NONE, Directives, directives
from bff.upstreams.freshness import ERRORS, Arrival, Reader, Use, stands_in, terms, use, values
from bff.upstreams.seam import Headers, Reply, Request, Sender
from bff.upstreams.store import Place, Store
from bff.upstreams.stored import Key, Stored, stored
from bff.upstreams.whole import whole

CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"})
_SPEAKING = CONDITIONS | {"cache-control"}
NOBODY = frozenset({"accept"})  # says what is asked for; of every other header it is not known whether it says who asks
REFRESH, FALLBACK = "refresh", "fallback"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one upstream's answers are kept by."""

    store: Store
    headers: Headers = ()  # that go with every call
    forward: frozenset[str] = frozenset()  # names of those that callers decide
    heuristic: float = 0.0  # seconds: the longest lifetime that is guessed from Last-Modified; 0 guesses none


@dataclass(frozen=True, slots=True)
class _Call:
    request: Request
    key: Key
    asked: Directives


class Cache:
    """Answers GET, and HEAD where a GET was answered, from a store. Every other call passes."""

    def __init__(
        self,
        inner: Sender,
        *,
        behind: Sender,
        keeping: Keeping,
        name: str,
        clock: Clock,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`behind` makes the calls that nobody waits for; `wall` is what Date is held against: seconds since 1970."""
        self._inner = inner
        self._behind = behind
        self._store = keeping.store
        self._heuristic = keeping.heuristic
        self._constant = frozenset(keeping.headers)
        self._authorized = any(name == "authorization" for name, _ in keeping.headers)
        # Directives speak to us and select nothing. Those of callers part them all the same: they reach the service.
        self._unkeyed = TRACE_HEADERS | ({"cache-control"} - keeping.forward)
        self._name = name
        self._clock = clock
        self._wall = wall
        self._refreshing: dict[Key, asyncio.Task[None]] = {}

    async def send(self, request: Request) -> Reply:
        if request.method not in {"GET", "HEAD"} or request.body is not None:
            return await self._inner.send(request)
        asked = NONE
        if speaking := [name for name, _ in request.headers if name in _SPEAKING]:
            asked = directives(values(request.headers, "cache-control"))
            if "no-store" in asked or not CONDITIONS.isdisjoint(speaking):
                request.timing.cache = "bypass"
                return await self._inner.send(request)
        return await self._answered(_Call(request, self._key(request), asked))

    def _key(self, request: Request) -> Key:
        unkeyed, constant = self._unkeyed, self._constant
        parts = [pair for pair in request.headers if pair[0] not in unkeyed and pair not in constant]
        return request.target, tuple(parts)

    async def _answered(self, call: _Call) -> Reply:
        held = self._store.find(call.key, call.request.headers)
        if held is not None:
            chosen = use(held.terms, self._clock() - held.born, call.asked)
            if chosen is Use.REFRESH:
                self._refresh(call, held)
            if chosen is not Use.VALIDATE:
                return self._used(call, held, "hit" if chosen is Use.FRESH else "stale")
        if "only-if-cached" in call.asked:
            call.request.timing.cache = "miss"
            return Reply(self._name, 504, (), b"")
        if call.request.method == "HEAD":
            return await self._head(call, held)
        return await self._ask(self._inner, call, held)

    def _used(self, call: _Call, held: Stored, how: str) -> Reply:
        _note(call.request, how)
        call.request.timing.fresh = held.fresh
        return held.reply(self._clock(), bodiless=call.request.method == "HEAD")

    async def _ask(self, sender: Sender, call: _Call, held: Stored | None) -> Reply:
        """Ask the service: whether what is held still holds, else for the answer."""
        began = self._clock()
        with self._store.expected(call.key) as place:
            try:
                reply = await sender.send(_conditional(call.request, held))
            except UpstreamError:
                if held is None or not self._stands_in(call, held):
                    raise
                return self._used(call, held, FALLBACK)
            if held is not None and reply.status == 304:
                return await self._confirmed(sender, call, held, reply, self._arrival(began))
            if held is not None and reply.status in ERRORS and self._stands_in(call, held):
                await whole(reply)
                return self._used(call, held, FALLBACK)
            return await self._new(call, held, reply, self._arrival(began), place)

    async def _confirmed(self, sender: Sender, call: _Call, held: Stored, reply: Reply, arrival: Arrival) -> Reply:
        await whole(reply)
        if not held.confirmed_by(reply.headers):
            self._store.remove(held)
            return await self._ask(sender, call, None)
        again = held.again(reply.headers, arrival, self._reader(call.key))
        if again is None:
            self._store.remove(held)
            return self._used(call, held, "revalidated")
        self._store.replace(held, again)
        return self._used(call, again, "revalidated")

    async def _new(self, call: _Call, held: Stored | None, reply: Reply, arrival: Arrival, place: Place) -> Reply:
        _note(call.request, "miss")
        found = terms(reply.status, reply.headers, arrival, self._reader(call.key))
        if found is None or not found.varies.isdisjoint(TRACE_HEADERS):
            if held is not None:
                self._store.remove(held)
            return reply
        answer = await whole(reply)
        if answer.failure is not None:
            stale = held is not None and self._stands_in(call, held)
            return self._used(call, held, FALLBACK) if held is not None and stale else answer.reply()
        new = stored(call.key, answer, call.request.headers, found, arrival, private=_tells(call.key))
        answer.memo = new.memo
        call.request.timing.fresh = new.fresh
        self._store.put(place, new, call.request.headers)
        return answer.reply()

    async def _head(self, call: _Call, held: Stored | None) -> Reply:
        """RFC 9111 4.3.5: an answer to HEAD may tell that what is held is no longer so."""
        _note(call.request, "miss")
        reply = await self._inner.send(call.request)
        if held is not None and reply.status == 200 and not held.described_by(reply.headers):
            self._store.remove(held)
        return reply

    def _refresh(self, call: _Call, held: Stored) -> None:
        """Ask again behind the caller's back, once at a time (RFC 5861 3)."""
        if call.key in self._refreshing:
            return
        asked = call.request
        request = Request("GET", asked.target, math.inf, asked.headers, asked.body, asked.label)
        request.timing.cache = REFRESH
        task = asyncio.get_running_loop().create_task(self._refreshed(_Call(request, call.key, call.asked), held))
        self._refreshing[call.key] = task
        task.add_done_callback(lambda _: self._refreshing.pop(call.key, None))

    async def _refreshed(self, call: _Call, held: Stored) -> None:
        with suppress(UpstreamError):  # observed, and answered with what is held
            (await self._ask(self._behind, call, held)).close()

    def _stands_in(self, call: _Call, held: Stored) -> bool:
        return stands_in(held.terms, self._clock() - held.born, call.asked)

    def _arrival(self, began: float) -> Arrival:
        return Arrival(began, self._clock(), self._wall())

    def _reader(self, key: Key) -> Reader:
        return Reader(shared=not _tells(key), authorized=self._authorized, heuristic=self._heuristic)

    async def aclose(self) -> None:
        tasks = list(self._refreshing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"cache {self._store.most} bytes → {self._inner!r}"


def _tells(key: Key) -> bool:
    """Whether the service was told anything of who asks."""
    return any(name not in NOBODY for name, _ in key[1])


def _conditional(request: Request, held: Stored | None) -> Request:
    if held is None or not held.conditions:
        return request
    return request.under((*request.headers, *held.conditions))


def _note(request: Request, how: str) -> None:
    if request.timing.cache != REFRESH:
        request.timing.cache = how
