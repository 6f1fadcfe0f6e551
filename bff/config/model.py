"""Every setting there is: its type, its default, what it does and what it endangers. Knows no file.

The text below a setting is its documentation: editors show it (`bff.schema.json`) and docs/configuration.md repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bff.config import agreement
from bff.config.auth import CLAIM, Auth
from bff.config.clients import CLIENT, Client
from bff.config.compression import Compression
from bff.config.cors import Cors
from bff.config.events import Events
from bff.config.kinds import (
    Duration,
    Flag,
    HeaderName,
    HeaderValue,
    Network,
    Nullable,
    ParameterValue,
    Size,
    Text,
    Whole,
)
from bff.config.mistakes import KEY, Mistake, refuse
from bff.config.persisted import Persisted, pointless
from bff.config.routes import Route
from bff.config.settings import NAME, Settings
from bff.config.subscriptions import Subscriptions
from bff.config.tiers import Allotment, Mode, Tier, either
from bff.config.units import print_size
from bff.config.uploads import Uploads
from bff.config.urls import MEMORY, BaseUrl, StoreUrl
from bff.config.webhooks import Webhook

KiB, MiB = 1_024, 1_024**2
ClaimHeaders = Mapping[Annotated[str, HeaderName()], Annotated[str, CLAIM]]
HeaderValues = Mapping[Annotated[str, HeaderName()], Annotated[SecretStr, HeaderValue()]]
DOCUMENT = Text(r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$", "a file or a URL", 'such as "cities.json"')
PARAMETER = Text(r"^[!-~]+$", "the name of a parameter: visible ASCII without spaces", 'such as "api_key"')
Parameters = Mapping[Annotated[str, PARAMETER], Annotated[SecretStr, ParameterValue()]]


def _distinct(headers: object) -> object:
    """Two spellings of one header would leave one of them, and nobody would know which."""
    names = list(headers) if isinstance(headers, Mapping) else []
    folded = [str(name).lower() for name in names]
    again = [name for at, name in enumerate(names) if folded[at] in folded[:at]]
    if again:
        raise refuse(*(Mistake("is the same header once more", "case does not matter", (name, KEY)) for name in again))
    return headers


def _written(section: object) -> object:
    """A section whose settings are all commented out must not count as none: without it, nobody is refused."""
    if section is None:
        raise refuse(Mistake("must be a mapping of settings", "write them below it, indented, or remove it"))
    return section


class Listen(Settings):
    """Where the gateway listens."""

    host: Annotated[str, Text(r"^[A-Za-z0-9._:%-]+$", "a host name or an IP address", 'such as "127.0.0.1"')] = (
        "127.0.0.1"
    )
    """The address to bind. Danger: `0.0.0.0` and `::` are every network the machine is on."""

    port: Annotated[int, Whole(0, 65_535)] = 4000
    """The TCP port; 0 takes any free one."""

    trusted_proxies: tuple[Annotated[IPv4Network | IPv6Network, Network()], ...] = ()
    """The proxies in front, as networks: what they say about the caller's address, scheme and host (`Forwarded`,
    `X-Forwarded-*`) is believed. Danger: whoever else is in these networks can claim any address."""


class Queue(Settings):
    """Calls that wait for one of an upstream's slots."""

    size: Annotated[int, Whole(0)] = 100
    """How many calls may wait; the next one fails at once with `UPSTREAM_OVERLOADED`. 0 lets none wait."""

    wait: Annotated[float, Duration(zero=True)] = 0.25
    """How long one call may wait for a slot. Danger: a long wait turns a slow service into a slow gateway."""


class Cache(Settings):
    """Answers to GETs that are used again, as the service allows (RFC 9111)."""

    size: Annotated[int, Size()] = 64 * MiB
    """How much memory kept answers may take, in every process. Those that were asked for only once go first."""

    heuristic: Annotated[float, Duration(zero=True)] = 0.0
    """The longest that an answer is used again without the service saying so: up to a tenth of the time since its
    `Last-Modified`. `0s` guesses nothing. Danger: what has changed is not seen for that long."""


class Upstream(Settings):
    """A REST service behind the gateway."""

    url: Annotated[str, BaseUrl()]
    """Its base URL, http or https; a path is put before every connector's. Credentials belong in `headers`."""

    openapi: Annotated[str | None, Nullable(DOCUMENT)] = None
    """Its OpenAPI document: a file, seen from the folder of `bff.yaml`, or a URL. The graph is then made of the
    documents of all upstreams that have one, as `bff import` would make it, and there is no `graph`. Danger: a URL's
    document is fetched at every start, and what it says is what clients see; where it cannot be fetched, the last one
    is used."""

    timeout: Annotated[float, Duration()] = 2.0
    """How long one call may take, from its start to the last byte of its answer. What is left of the operation's
    `limits.timeout` cuts it shorter, never longer."""

    connect_timeout: Annotated[float, Duration()] = 1.0
    """How much of `timeout` may pass before a connection stands."""

    max_in_flight: Annotated[int, Whole()] = 100
    """Calls to this service at one moment, in one gateway process. Danger: too many drown the service, too few make
    wide queries wait."""

    queue: Queue = Queue()
    """What happens to the calls beyond `max_in_flight`."""

    coalesce: Annotated[bool, Flag()] = True
    """Equal GETs at the same moment are one call, and all who ask share its answer. Equal is: the same URL and the same
    headers, those of the caller included."""

    cache: Annotated[Cache | None, BeforeValidator(_written), Field(exclude_if=lambda cache: cache is None)] = None
    """Keep answers that the service declares to be fresh, or lets be validated. Without this section nothing is kept;
    `cache: {}` keeps with the defaults. Danger: what the service declares is believed."""

    events: Events = Events()
    """Streams of events that subscriptions open."""

    max_response: Annotated[int, Size()] = 10 * MiB
    """The largest answer, in bytes as they came. A larger one fails its field, and its connection is closed."""

    max_decoded: Annotated[int, Size()] = 20 * MiB
    """The largest answer after decompression. Danger: a small archive unpacks to gigabytes, and every byte is held in
    memory."""

    forward: tuple[Annotated[str, HeaderName()], ...] = ()
    """The caller's headers that are handed to this service; none unless named. Danger: the service sees the caller's
    credentials, and answers are then shared only among callers who sent the same values."""

    claims: Annotated[ClaimHeaders, BeforeValidator(_distinct)] = Field(default_factory=dict)
    """Claims of the caller's verified token that are handed to this service, each in a header of its own, such as
    `{x-user: sub}`; none unless named. What a caller sends under such a name itself is never handed on."""

    headers: Annotated[HeaderValues, BeforeValidator(_distinct)] = Field(default_factory=dict)
    """Headers that every call to this service carries, such as an API key from `${NAME}`. Never logged."""

    query: Parameters = Field(default_factory=dict)
    """Parameters that every call to this service carries in its query, such as `{api_key: "${NAME}"}`; what a call says
    of them itself is left out. Never logged. Danger: services write URLs into their logs, and into links that they
    answer."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        mistakes = [
            Mistake("is also set in headers", "keep one of the two", ("forward", at))
            for at, name in enumerate(self.forward)
            if name in self.headers
        ]
        mistakes += [
            Mistake("is also set in headers or listed in forward", "keep one of them", ("claims", name, KEY))
            for name in self.claims
            if name in self.headers or name in self.forward
        ]
        if self.max_response > self.max_decoded and "max_response" in self.model_fields_set:
            limit = print_size(self.max_decoded)
            mistakes.append(
                Mistake(f"must not be over max_decoded, which is {limit}", "raise max_decoded too", ("max_response",))
            )
        if mistakes:
            raise refuse(*mistakes)
        return self


class Limits(Settings):
    """What one operation may ask for. All of it is checked before a service is called, `timeout` apart."""

    timeout: Annotated[float, Duration()] = 10.0
    """How long an operation may take. What is late becomes an error at its field; the rest is answered."""

    max_body: Annotated[int, Size()] = 256 * KiB
    """The largest request body, decompressed. A larger one is answered 413, unread."""

    body_timeout: Annotated[float, Duration()] = 30.0
    """How long a request's body may take, from its first piece to its last, files apart. A slower one is a 408."""

    max_operations: Annotated[int, Whole()] = 1
    """Operations in one request. Several come as a JSON array, such as Apollo's BatchHttpLink sends, and are paid for
    together; 1 takes no array. Danger: the slowest of them delays all the others."""

    max_depth: Annotated[int, Whole(1, 50)] = 15
    """How deep fields may nest. Danger: graphql-core runs out of stack somewhere above 120, hence at most 50."""

    max_root_fields: Annotated[int, Whole()] = 20
    """Fields at the top of one operation, aliases and fragments counted."""

    max_aliases: Annotated[int, Whole(0)] = 30
    """Aliases in one operation. Danger: each may repeat an expensive field."""

    max_tokens: Annotated[int, Whole()] = 5_000
    """Lexical tokens in one document; the parser stops at the first one more."""

    max_directives: Annotated[int, Whole(0)] = 50
    """Directives in one operation."""

    max_price: Annotated[int, Whole()] = 1_000
    """Points that one operation may cost, by its worst case. `bff plan` shows what a query costs."""

    max_upstream_calls: Annotated[int, Whole()] = 100
    """Calls to services that one operation may make, by its worst case. Danger: this is how much larger one request
    becomes behind the gateway."""

    max_page: Annotated[int, Whole()] = 100
    """Items that one list may be asked for."""

    documents: Annotated[int, Whole()] = 1_000
    """Documents kept parsed, validated and planned; the one that was not used for longest goes first. Danger:
    they are held in memory, in every process."""


class GraphQL(Settings):
    """The GraphQL endpoint."""

    path: Annotated[
        str,
        Text(
            "^/(?!(healthz|readyz|metrics)$)[A-Za-z0-9._~/-]*$",
            "a path other than /healthz, /readyz and /metrics",
            'such as "/graphql"',
        ),
    ] = "/graphql"
    """Where the endpoint is."""

    graphiql: Annotated[bool, Flag()] = True
    """Show GraphiQL, the query editor, to browsers that open the endpoint."""

    introspection: Annotated[bool, Flag()] = True
    """Answer questions about the schema itself; GraphiQL and code generators ask them. Without it no error names what
    was not sent, unless `suggestions` are on. Danger: whoever may guess still finds out what exists."""

    suggestions: Annotated[bool | None, Nullable(Flag())] = None
    """Suggest names that exist for those that do not, in errors. `null` is as `introspection`. Danger: with them on,
    and introspection off, errors tell the schema bit by bit."""

    explain: Annotated[bool, Flag()] = False
    """Show how operations are planned, what each part costs, and which calls were made, to callers who ask. Danger:
    plans name services and the calls that are made on them."""

    error_sources: Annotated[bool, Flag()] = True
    """Say in errors which service failed, and with which status. The log says it always."""

    incremental: Annotated[bool, Flag()] = True
    """Heed `@defer` and `@stream` for clients that accept an answer in parts. Without it the schema does not have them.
    """

    cors: Cors = Cors()
    """Which pages of other origins may read what is answered; none unless named."""

    compression: Compression = Compression()
    """Answers that are sent compressed, to those who accept it."""

    uploads: Uploads = Uploads()
    """Files that come beside an operation, where the graph takes any."""


class Telemetry(Settings):
    """What the gateway tells about itself, beside its log."""

    metrics: Annotated[bool, Flag()] = True
    """Answer `/metrics` in the format of Prometheus. Danger: it names clients, operations and services to whoever can
    reach it."""


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

    auth: Annotated[Auth | None, BeforeValidator(_written), Field(exclude_if=lambda auth: auth is None)] = None
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
        chosen = self.tiers[tier]
        dearest = min(self.limits.max_price, chosen.capacity)
        calls = chosen.max_upstream_calls
        introspection = either(chosen.introspection, self.graphql.introspection)
        return Allotment(
            points_per_minute=chosen.points_per_minute,
            burst=chosen.capacity,
            max_price=dearest if chosen.max_price is None else chosen.max_price,
            max_upstream_calls=self.limits.max_upstream_calls if calls is None else calls,
            requests_per_second=chosen.requests_per_second,
            max_concurrent=chosen.max_concurrent,
            introspection=introspection,
            suggestions=either(chosen.suggestions, introspection and self.graphql.suggestions is not False),
            error_sources=either(chosen.error_sources, self.graphql.error_sources),
            explain=either(chosen.explain, self.graphql.explain),
            graphiql=either(chosen.graphiql, self.graphql.graphiql),
            share=chosen.share,
        )

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
