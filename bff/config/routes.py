"""What passes through to a service unchanged. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from bff.config.cors import ORIGIN
from bff.config.kinds import Duration, Flag, Nullable, Size, Text, Whole
from bff.config.mistakes import Mistake, refuse
from bff.config.paths import PREFIX, RoutePath, fixed, shape
from bff.config.settings import NAME, Scope, Settings, written
from bff.config.units import MiB

_HOST = Text(
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "a host name in lower case, without a port", 'such as "files.example.com"'
)
_METHOD = Text(
    r"^(?!(CONNECT|TRACE)$)[A-Z][A-Z-]*$", "a method in capitals, and neither CONNECT nor TRACE", 'such as "GET"'
)


class WebSocket(Settings):
    """WebSockets that pass through."""

    max_open: Annotated[int, Whole()] = 1_000
    """How many WebSockets may be open at one moment, in one gateway process. They take none of the upstream's
    `max_in_flight`."""

    per_client: Annotated[int, Whole()] = 50
    """How many of them one client may have; of callers without a credential, one address."""

    max_size: Annotated[int, Size()] = 1 * MiB
    """The largest message, either way. A larger one closes the socket with code 1009. Danger: a message is held in
    memory whole, and a few of them for each socket."""

    idle: Annotated[float, Duration()] = 300.0
    """How long nobody may say anything; then the socket is closed with code 1001. Pings are no messages: who is gone is
    noticed by those, sooner."""

    origins: tuple[Annotated[str, ORIGIN], ...] = ()
    """The origins of other hosts whose pages may connect, such as `https://app.example.com`; `*` is any, but none with
    a cookie that counts. Pages of the host itself may always, and so may whoever is no browser."""


class Route(Settings):
    """Requests that go to a service as they are, under the same auth, quotas and telemetry."""

    path: Annotated[str, RoutePath()]
    """Which paths: plain segments, `{name}` for any one, `{name...}` at the end for all the rest. The gateway's own
    paths come first."""

    host: Annotated[str | None, Nullable(_HOST)] = None
    """Which host they are sent to. `null` is any."""

    methods: tuple[Annotated[str, _METHOD], ...] = ()
    """Which methods pass; GET brings HEAD. Unless some are named: GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS,
    where no other route names them for the same path. CONNECT and TRACE never pass."""

    upstream: Annotated[str, NAME]
    """The service that answers."""

    strip_prefix: Annotated[str | None, Nullable(PREFIX)] = None
    """What is cut off the path's beginning: with `/api`, the service sees `/api/x` as `/x`."""

    replace_prefix: Annotated[str | None, Nullable(PREFIX)] = None
    """What the service sees in place of all that stands before the path's first parameter: with `/v1`, the path
    `/files/{path...}` makes `/files/x` into `/v1/x`."""

    scopes: tuple[Scope, ...] = ()
    """What a caller needs, all of them."""

    price: Annotated[int, Whole(0)] = 1
    """Points that one request costs."""

    max_body: Annotated[int, Size()] = 10_485_760
    """The largest body of a request. It is never held in memory whole."""

    timeout: Annotated[float, Duration()] = 30.0
    """How long the service may take until its answer begins. The upstream's own timeout is for connectors."""

    idle_timeout: Annotated[float, Duration()] = 60.0
    """How long a body may stand still, either way. There is no limit on how long it may flow."""

    translate: Annotated[bool, Flag()] = True
    """Say in answers where the service's things are as clients see it: `Location`, `Content-Location` and `Refresh`
    that lead to its own origin or follow a prefix that is changed, and the domain and path of cookies."""

    websocket: Annotated[WebSocket | None, BeforeValidator(written), Field(exclude_if=lambda found: found is None)] = (
        None
    )
    """Let WebSockets pass too. Without this section none does; `websocket: {}` lets them, with the defaults."""

    @property
    def rewrite(self) -> tuple[str, str]:
        """What goes from the path's beginning, and what comes in its place; neither ends with a slash."""
        if self.replace_prefix is not None:
            return fixed(self.path), self.replace_prefix
        return self.strip_prefix or "", ""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if mistakes := [*self._unswitchable(), *self._unstrippable()]:
            raise refuse(*mistakes)
        return self

    def _unswitchable(self) -> Iterator[Mistake]:
        if self.websocket is not None and self.methods and "GET" not in self.methods:
            yield Mistake("needs GET among the methods, by which a WebSocket is asked for", "", ("websocket",))

    def _unstrippable(self) -> Iterator[Mistake]:
        if self.strip_prefix is None:
            return
        if self.replace_prefix is not None:
            yield Mistake("must not be set beside strip_prefix", "keep one of the two", ("replace_prefix",))
        elif not f"{fixed(self.path)}/".startswith(f"{self.strip_prefix}/"):
            yield Mistake("must be what path begins with", "whole segments, without parameters", ("strip_prefix",))


def clashes(routes: tuple[Route, ...]) -> Iterator[Mistake]:
    """Routes that match what an earlier one matches, placed below `routes`."""
    first: dict[tuple[str | None, str, str], int] = {}
    for at, route in enumerate(routes):
        names = route.methods or ("",)  # no method: those that no other route names
        earlier = [first.setdefault((route.host, shape(route.path), method), at) for method in names]
        if min(earlier) != at:
            yield Mistake("is the path of a route once more", "", (at, "path"), ("routes", min(earlier), "path"))


def shadowed(routes: tuple[Route, ...], graphql: str) -> Iterator[Mistake]:
    """Routes that no request can reach, since the gateway itself answers there; placed below `routes`."""
    endpoint = graphql.rstrip("/")
    own = {endpoint, "/healthz", "/readyz", "/metrics"}
    for at, route in enumerate(routes):
        if route.path.rstrip("/") in own or route.path.startswith(f"{endpoint}/assets/"):
            yield Mistake(
                "is a path that the gateway itself answers",
                f"choose one other than {graphql}, /healthz, /readyz and /metrics",
                (at, "path"),
            )
