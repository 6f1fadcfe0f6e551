"""Services: the settings of each -> the stack of policies on the way to it, down to the network or what stands in."""

from __future__ import annotations

from collections.abc import Mapping

from bff import config as settings
from bff.telemetry import Observer
from bff.upstreams import (
    CacheSettings,
    EventSettings,
    Query,
    Sender,
    Sockets,
    Tunnels,
    Upstream,
    UpstreamSettings,
    Wire,
    build,
)


def open_upstreams(config: settings.Config, wires: Mapping[str, Sender], observer: Observer) -> dict[str, Upstream]:
    """All services by name; `wires` stands in for the network towards those that it names."""
    return {name: open_upstream(name, entry, observer, wires.get(name)) for name, entry in config.upstreams.items()}


def open_upstream(name: str, config: settings.Upstream, observer: Observer, stand_in: Sender | None = None) -> Upstream:
    """The way to one service; what stands in for the network has no sockets."""
    wire: Sender = stand_in or Wire(name, config.url, connect_timeout=config.connect_timeout)
    parameters = tuple((parameter, value.get_secret_value()) for parameter, value in config.query.items())

    def added(wire: Sender) -> Sender:
        return Query(wire, parameters) if parameters else wire

    def through(most: int) -> Sender:
        return added(Tunnels(name, config.url, max_size=most))

    if stand_in:
        return build(name, _policies(config), added(wire), observer)
    dial = added(Sockets(name, config.url, max_size=config.events.max_size))
    return build(name, _policies(config), added(wire), observer, dial=dial, through=through)


def _policies(config: settings.Upstream) -> UpstreamSettings:
    return UpstreamSettings(
        timeout=config.timeout,
        connect_timeout=config.connect_timeout,
        max_in_flight=config.max_in_flight,
        queue_size=config.queue.size,
        queue_wait=config.queue.wait,
        circuit_failures=config.circuit.failures,
        circuit_pause=config.circuit.pause,
        max_response=config.max_response,
        max_decoded=config.max_decoded,
        forward=frozenset(config.forward),
        claims=tuple(config.claims.items()),
        headers=tuple((header, value.get_secret_value()) for header, value in config.headers.items()),
        url=config.url,
        coalesce=config.coalesce,
        cache=CacheSettings(size=config.cache.size, heuristic=config.cache.heuristic) if config.cache else None,
        events=EventSettings(
            max_open=config.events.max_open,
            per_client=config.events.per_client,
            max_size=config.events.max_size,
            idle=config.events.idle,
            patience=config.events.patience,
        ),
    )
