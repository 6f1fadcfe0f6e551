"""An upstream's policies, stacked in one place and in one order. Knows the layers, and nothing that they know."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial, reduce

from bff.telemetry import Observer
from bff.upstreams.bounds import Bounds
from bff.upstreams.cache import Cache, Keeping
from bff.upstreams.circuit import Breaker, Circuit
from bff.upstreams.clock import Clock
from bff.upstreams.coalesce import Coalesce, Joinable
from bff.upstreams.idle import Idle
from bff.upstreams.limit import Limit, Slots
from bff.upstreams.observe import Observe
from bff.upstreams.seam import Headers, Sender
from bff.upstreams.store import Store
from bff.upstreams.writes import Writes

Layer = Callable[[Sender], Sender]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """How an upstream's answers are kept."""

    size: int  # bytes
    heuristic: float = 0.0  # seconds: the longest lifetime that is guessed from Last-Modified; 0 guesses none


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """What streams of events of one upstream may take: counts, bytes and seconds."""

    max_open: int = 100  # streams at one moment
    per_client: int = 50  # of those, what one client opened
    max_size: int = 65_536  # of one event
    idle: float = 300.0  # that a stream may be silent until it is taken for dead; sockets are asked by pings
    patience: float = 60.0  # that a stream may fail to come back


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSettings:
    """The policies of one upstream, as plain numbers: seconds, bytes and counts."""

    timeout: float  # one call, from its place in the queue to the last byte of its answer
    connect_timeout: float
    max_in_flight: int
    queue_size: int  # calls that may wait for one of those
    queue_wait: float
    max_response: int  # as it comes over the wire
    max_decoded: int  # as it is unpacked
    forward: frozenset[str] = frozenset()  # the caller's headers that this service gets; lower case
    claims: Headers = ()  # header and claim: what of the caller's token this service gets
    headers: Headers = ()  # that every call carries
    url: str = ""  # what targets lie below; only to know it again in what the service names
    coalesce: bool = True  # equal reads at the same moment are one call
    cache: CacheSettings | None = None  # None: no answer is kept
    events: EventSettings = EventSettings()
    circuit_failures: int = 0  # calls that fail in a row before no other is made; 0: all are
    circuit_pause: float = 1.0  # until it is tried again


Streaming = Callable[[float, float], Sender]
Through = Callable[[int], Sender]  # messages of at most so many bytes -> a wire of sockets that pass through


@dataclass(frozen=True, slots=True)
class Upstream:
    """A REST service behind us: what connectors, hand-written resolvers and routes call.

    `sender` is for answers that are read whole. `streaming(head, idle)` makes a sender for those that are handed on as
    they come: the same slots and connections, no limit on size or total time, but on silence (seconds, see `Idle`).
    `tunnel(head, most)` makes one for WebSockets that pass through, with messages of so many bytes at most; None where
    there is no network. `events`, `socket` and tunnels are for what has no end by itself. It takes no slot of calls:
    how much of it is open is for whoever opens it to count, by `settings.events` or a route's.
    """

    name: str
    sender: Sender
    settings: UpstreamSettings
    streaming: Streaming
    events: Sender
    socket: Sender | None = None  # None: there is no network towards it
    store: Store | None = None  # what its answers are kept in
    watchers: list[Callable[[], None]] = field(default_factory=list)  # told of every write
    tunnel: Callable[[float, int], Sender] | None = None
    tunnels: list[Sender] = field(default_factory=list)  # the wires that `tunnel` has made

    async def aclose(self) -> None:
        """Close all connections."""
        await self.sender.aclose()
        for each in (self.socket, *self.tunnels):
            if each is not None:
                await each.aclose()


def build(
    name: str,
    settings: UpstreamSettings,
    wire: Sender,
    observer: Observer,
    clock: Clock = time.monotonic,
    *,
    dial: Sender | None = None,
    through: Through | None = None,
) -> Upstream:
    """The stack of one upstream, from the caller to the wire, that of its sockets down to `dial`, and of its tunnels.

    `clock` must run with the event loop's, on which deadlines are: asyncio and uvloop both use the monotonic one.
    """
    slots = Slots(settings.max_in_flight, settings.queue_size, settings.queue_wait)
    sees = partial(Observe, name=name, observer=observer, clock=clock)  # refusals too, and what costs no call
    breaker = Breaker(name, Circuit(settings.circuit_failures, settings.circuit_pause), observer)
    most, timeout = settings.max_response, settings.timeout
    # time in the queue counts
    bounds = partial(Bounds, name=name, timeout=timeout, most=most, breaker=breaker, clock=clock)
    shared = Limit(wire, name=name, slots=slots, clock=clock)  # next to the wire: a slot is a call that is being made

    joinable: Joinable = {}
    joins: tuple[Layer, ...] = ()
    if settings.coalesce:
        joins = (partial(Coalesce, name=name, timeout=settings.timeout, joinable=joinable, clock=clock),)
    store, keeps = None, joins[:0]
    if settings.cache:
        store = Store(settings.cache.size)
        keeping = Keeping(store, settings.headers, settings.forward, settings.cache.heuristic)
        keeps = (lambda inner: Cache(inner, behind=sees(inner), keeping=keeping, name=name, clock=clock),)
    watchers: list[Callable[[], None]] = [joinable.clear]
    tells: tuple[Layer, ...] = (partial(Writes, url=settings.url, outdate=partial(_outdate, store, watchers)),)

    def streaming(head: float, idle: float) -> Sender:
        idles = partial(Idle, name=name, head=head, idle=idle, breaker=breaker, clock=clock)
        return _stacked((sees, *tells, idles), shared)

    # what goes on is opened anew by whoever wants it, at a pace of their own
    unbroken = Breaker(name, Circuit(0, 0.0), observer)
    idles = partial(Idle, name=name, breaker=unbroken, clock=clock)
    silence = settings.events.idle  # before the headers too: servers that send them with the first event are many
    events = _stacked((sees, partial(idles, head=silence, idle=silence)), wire)
    socket = _stacked((sees, partial(idles, head=settings.timeout, idle=math.inf)), dial) if dial else None

    tunnels: list[Sender] = []

    def tunnel(through: Through, head: float, most: int) -> Sender:
        tunnels.append(through(most))
        return _stacked((sees, partial(idles, head=head, idle=math.inf)), tunnels[-1])

    whole = _stacked((sees, *tells, *keeps, *joins, bounds), shared)
    tunnelled = partial(tunnel, through) if through else None
    return Upstream(name, whole, settings, streaming, events, socket, store, watchers, tunnelled, tunnels)


def _outdate(store: Store | None, watchers: Iterable[Callable[[], None]], targets: Iterable[str]) -> None:
    """After a write, whatever is under way or kept may say what is no longer so."""
    for tell in watchers:
        tell()
    if store is not None:
        for target in targets:
            store.outdate(target)


def _stacked(layers: tuple[Layer, ...], wire: Sender) -> Sender:
    return reduce(lambda inner, layer: layer(inner), reversed(layers), wire)
