"""A REST service behind the gateway: where it is, how long and how often it may be asked, what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bff.config.auth import CLAIM
from bff.config.events import Events
from bff.config.hidden import HeaderValue, ParameterValue
from bff.config.kinds import Duration, Flag, HeaderName, Nullable, Size, Text, Whole
from bff.config.mistakes import KEY, Mistake, refuse
from bff.config.settings import Settings, written
from bff.config.units import MiB, print_size
from bff.config.urls import BaseUrl

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


class Queue(Settings):
    """Calls that wait for one of an upstream's slots."""

    size: Annotated[int, Whole(0)] = 100
    """How many calls may wait; the next one fails at once with `UPSTREAM_OVERLOADED`. 0 lets none wait."""

    wait: Annotated[float, Duration(zero=True)] = 0.25
    """How long one call may wait for a slot. Danger: a long wait turns a slow service into a slow gateway."""


class Circuit(Settings):
    """When calls to a service that does not answer fail at once."""

    failures: Annotated[int, Whole(0)] = 0
    """How many calls in a row have to fail, over a second at least and with no answer between them, until no other is
    made. 0: every call is made, and waits for its timeout; 5 is a good beginning. It counts no connection, no answer in
    time, and the statuses 502, 503 and 504; whatever else a service answers is an answer."""

    pause: Annotated[float, Duration()] = 1.0
    """How long after a failure one call of each kind is made again; an answer to it lets all of them be made. Danger:
    a service that is back is not called for that long."""


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

    circuit: Circuit = Circuit()
    """What happens to calls while the service does not answer any."""

    coalesce: Annotated[bool, Flag()] = True
    """Equal GETs at the same moment are one call, and all who ask share its answer. Equal is: the same URL and the same
    headers, those of the caller included."""

    cache: Annotated[Cache | None, BeforeValidator(written), Field(exclude_if=lambda cache: cache is None)] = None
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
        if mistakes := [*self._set_twice(), *self._never_reached()]:
            raise refuse(*mistakes)
        return self

    def _set_twice(self) -> Iterator[Mistake]:
        for at, name in enumerate(self.forward):
            if name in self.headers:
                yield Mistake("is also set in headers", "keep one of the two", ("forward", at))
        for name in self.claims:
            if name in self.headers or name in self.forward:
                yield Mistake("is also set in headers or listed in forward", "keep one of them", ("claims", name, KEY))

    def _never_reached(self) -> Iterator[Mistake]:
        if self.max_response > self.max_decoded and "max_response" in self.model_fields_set:
            limit = print_size(self.max_decoded)
            yield Mistake(f"must not be over max_decoded, which is {limit}", "raise max_decoded too", ("max_response",))
