"""Configuration: a file becomes frozen settings, or a list of every mistake in it with line and column."""

from bff.config.allotment import Allotment
from bff.config.auth import Auth, Issuer
from bff.config.clients import Client, Key
from bff.config.doubts import doubts
from bff.config.graphql import GraphQL
from bff.config.limits import Limits
from bff.config.listen import Listen
from bff.config.load import load, parse
from bff.config.model import Config
from bff.config.routes import Route, WebSocket
from bff.config.schema import json_schema
from bff.config.telemetry import Telemetry
from bff.config.tiers import Tier
from bff.config.upstreams import Queue, Upstream
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
    "WebSocket",
    "Webhook",
    "doubts",
    "json_schema",
    "key_of",
    "load",
    "parse",
]
