"""Webhooks: signed requests of other systems, each of which publishes an event on a topic of subscriptions."""

from bff.webhooks.carrier import Carrier, MemoryCarrier
from bff.webhooks.endpoint import Webhook, WebhookEndpoint
from bff.webhooks.shared import SharedCarrier

__all__ = ["Carrier", "MemoryCarrier", "SharedCarrier", "Webhook", "WebhookEndpoint"]
