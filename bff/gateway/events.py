"""Events: who may hear how many, and the webhooks that publish some, by way of the store where there is one."""

from __future__ import annotations

from bff import config as settings
from bff.events import Streams
from bff.gateway.listeners import Listeners
from bff.gateway.store import open_connection
from bff.operation import Operations
from bff.subscriptions import Slots, Subscriptions
from bff.telemetry import Observer
from bff.webhooks import Carrier, MemoryCarrier, SharedCarrier, Webhook, WebhookEndpoint


def carrier_of(config: settings.Config, streams: Streams, observer: Observer) -> Carrier:
    """What carries webhooks' events to the processes whose subscribers hear them."""
    shared = open_connection(config) if config.webhooks else None
    if shared is None:
        return MemoryCarrier(streams.topics)
    return SharedCarrier(streams.topics, shared.run, shared.listen, shared.aclose, observer=observer)


def webhooks(config: settings.Config, carrier: Carrier, observer: Observer) -> dict[str, WebhookEndpoint]:
    """By path."""
    found = [_webhook(entry, config.limits.body_timeout) for entry in config.webhooks]
    return {webhook.path: WebhookEndpoint(webhook, carrier, observer) for webhook in found}


def subscriptions(
    config: settings.Config, operations: Operations, streams: Streams, listeners: Listeners
) -> Subscriptions:
    limits = config.subscriptions
    slots = Slots("subscriptions", process=limits.per_process, client=limits.per_client)
    return Subscriptions(operations, streams, slots, listeners.subscriptions)


def _webhook(entry: settings.Webhook, body_timeout: float) -> Webhook:
    return Webhook(
        path=entry.path,
        topic=entry.topic,
        secrets=tuple(map(settings.key_of, entry.secrets)),
        tolerance=entry.tolerance,
        max_body=entry.max_body,
        body_timeout=body_timeout,
    )
