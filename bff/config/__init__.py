"""Configuration: a file becomes frozen settings, or a list of every mistake in it with line and column."""

from bff.config.auth import Auth, Issuer
from bff.config.clients import Client, Key
from bff.config.doubts import doubts
from bff.config.load import load, parse
from bff.config.model import Config, GraphQL, Limits, Listen, Queue, Telemetry, Upstream
from bff.config.routes import Route
from bff.config.schema import json_schema
from bff.config.tiers import Allotment, Tier
from bff.config.webhooks import Webhook, key_of

__all__ = [
    "Allotment",
    "Auth",
    "Client",
    "Config",
    "GraphQL",
    "Issuer",
    "Key",
    "Limits",
    "Listen",
    "Queue",
    "Route",
    "Telemetry",
    "Tier",
    "Upstream",
    "Webhook",
    "doubts",
    "json_schema",
    "key_of",
    "load",
    "parse",
]
