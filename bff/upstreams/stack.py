"""An upstream's policies, stacked in one place and in one order. Knows the layers, and nothing that they know."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce

from bff.telemetry import Observer
from bff.upstreams.cap import Cap
from bff.upstreams.clock import Clock
from bff.upstreams.deadline import Deadline
from bff.upstreams.idle import Idle
from bff.upstreams.limit import Limit, Slots
from bff.upstreams.observe import Observe
from bff.upstreams.seam import Headers, Sender

Layer = Callable[[Sender], Sender]


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


Streaming = Callable[[float, float], Sender]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A REST service behind us: what connectors, hand-written resolvers and routes call.

    `sender` is for answers that are read whole. `streaming(head, idle)` makes a sender for those that are handed on as
    they come: the same slots and connections, no limit on size or total time, but on silence (seconds, see `Idle`).
    """

    name: str
    sender: Sender
    settings: UpstreamSettings
    streaming: Streaming


def build(
    name: str, settings: UpstreamSettings, wire: Sender, observer: Observer, clock: Clock = time.monotonic
) -> Upstream:
    """The stack of one upstream, from the caller to the wire.

    `clock` must run with the event loop's, on which deadlines are: asyncio and uvloop both use the monotonic one.
    """
    slots = Slots(settings.max_in_flight, settings.queue_size, settings.queue_wait)
    sees = partial(Observe, name=name, observer=observer, clock=clock)  # refusals too
    caps = partial(Cap, most=settings.max_response)  # outside the deadline: a body that came whole is not wrapped
    ends = partial(Deadline, name=name, timeout=settings.timeout, clock=clock)  # time in the queue counts
    shared = Limit(wire, name=name, slots=slots, clock=clock)  # next to the wire: a slot is a call that is being made

    def streaming(head: float, idle: float) -> Sender:
        return _stacked((sees, partial(Idle, name=name, head=head, idle=idle, clock=clock)), shared)

    return Upstream(name, _stacked((sees, caps, ends), shared), settings, streaming)


def _stacked(layers: tuple[Layer, ...], wire: Sender) -> Sender:
    return reduce(lambda inner, layer: layer(inner), reversed(layers), wire)
