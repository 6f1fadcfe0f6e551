"""The whole of `bff.yaml`: its sections by name, and what they say of each other. Knows no file.

The text below a setting is its documentation: editors show it (`bff.schema.json`) and docs/configuration.md repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bff.config import agreement
from bff.config.allotment import Allotment, allotment
from bff.config.auth import Auth
from bff.config.clients import CLIENT, Client
from bff.config.graphql import GraphQL
from bff.config.kinds import Duration, Flag, Text, Whole
from bff.config.limits import Limits
from bff.config.listen import Listen
from bff.config.mistakes import refuse
from bff.config.persisted import Persisted, pointless
from bff.config.routes import Route
from bff.config.settings import NAME, Settings, written
from bff.config.subscriptions import Subscriptions
from bff.config.telemetry import Telemetry
from bff.config.tiers import Mode, Tier
from bff.config.upstreams import Upstream
from bff.config.urls import MEMORY, StoreUrl
from bff.config.webhooks import Webhook


class Config(Settings):
    """The whole of `bff.yaml`."""

    graph: Annotated[
        str,
        Text(
            r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$",
            "a module and a name in it, with a colon between",
            'such as "schema:schema"',
        ),
        Field(exclude_if=lambda graph: graph == "schema:schema"),  # written, it would be code beside documents
    ] = "schema:schema"
    """The Strawberry schema, as `module:attribute`, found in the folder of this file. Danger: it is imported, so it is
    code that runs. Left out where upstreams have `openapi`."""

    listen: Listen = Listen()
    """Where the gateway listens."""

    upstreams: Mapping[Annotated[str, NAME], Upstream] = Field(default_factory=dict)
    """The REST services, by the name that connectors know them by."""

    limits: Limits = Limits()
    """What one operation may ask for."""

    graphql: GraphQL = GraphQL()
    """The GraphQL endpoint."""

    auth: Annotated[Auth | None, BeforeValidator(written), Field(exclude_if=lambda auth: auth is None)] = None
    """Who may call. Without this section anyone may, under `limits` and without a quota."""

    tiers: Mapping[Annotated[str, NAME], Tier] = Field(default_factory=dict)
    """What clients may spend, by the name that `auth` and `clients` know it by."""

    clients: Mapping[Annotated[str, CLIENT], Client] = Field(default_factory=dict)
    """The programs that call with a key, by name."""

    routes: tuple[Route, ...] = ()
    """Requests that go to a service as they are. The order does not matter."""

    webhooks: tuple[Webhook, ...] = ()
    """Messages of other systems that are events of subscriptions."""

    persisted: Persisted = Persisted()
    """Documents that clients name instead of sending them."""

    subscriptions: Subscriptions = Subscriptions()
    """Operations that go on."""

    store: Annotated[SecretStr, StoreUrl()] = SecretStr(MEMORY)
    """Where spent points are counted: `memory`, which is one process by itself, or the URL of a Valkey or Redis that
    several share (`valkey://host:6379/0`; `valkeys` with TLS). A password comes from `${NAME}`. Never logged."""

    store_share: Annotated[int, Whole(1, 1_000)] = 4
    """Into how many parts a tier is cut while the store is away, each process counting one by itself. Danger: less than
    there are processes lets clients spend more than their tier."""

    store_timeout: Annotated[float, Duration(at_most=1.0)] = 0.05
    """How long a request waits for the store; then it is away, and a share is granted for a while. For a store across
    a network that is slow. Danger: while the store hangs, each request may be that much later."""

    store_required: Annotated[bool, Flag()] = True
    """Refuse to start while the store cannot be reached. `false` starts with the share of one process, and says so."""

    telemetry: Telemetry = Telemetry()
    """What the gateway tells about itself, beside its log."""

    @property
    def documents(self) -> dict[str, str]:
        """The OpenAPI documents that the graph is made of, by upstream; none where it is code."""
        return {name: upstream.openapi for name, upstream in self.upstreams.items() if upstream.openapi}

    def mode(self, tier: str | None) -> Mode:
        """What becomes of documents that callers of this tier send, or anyone where there are no tiers."""
        own = self.tiers[tier].persisted if tier is not None else None
        return own or self.persisted.mode

    def allotment(self, tier: str) -> Allotment:
        """The tier of that name, its defaults filled in. KeyError where there is none."""
        return allotment(self.tiers[tier], self.limits, self.graphql)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        mistakes = [
            *agreement.callers(self.auth, self.tiers, self.clients),
            *agreement.passed(self.routes, self.tiers, self.upstreams, self.graphql.path),
            *agreement.webhooks(self.webhooks, self.routes, self.graphql.path),
            *pointless(self.persisted, self.tiers),
            *(agreement.one_graph(self.documents) if "graph" in self.model_fields_set else ()),
        ]
        if mistakes:
            raise refuse(*mistakes)
        return self
