"""Whether a caller may pass: what the proxy asks, and what an answer holds. Knows neither credentials nor quotas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bff.errors import BffError
from bff.proxy.routes import Route
from bff.upstreams import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known about a request before anything of it is acted on."""

    route: Route
    method: str
    headers: Headers  # as they came, credentials included; lower-case names
    client: str | None  # the address that is believed to be the client's
    trace_id: str
    switching: bool = False  # it is the handshake of a WebSocket


async def nothing(spent: int) -> None:
    """The settlement of an admission that reserved nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """That a request may pass, and what goes with it."""

    caller: str  # for logs and metrics
    anonymous: bool = False  # many go by this name
    expires: float | None = None  # when the credential does, on the wall clock
    answer: Headers = ()  # for the client: RateLimit fields
    onward: Headers = ()  # for the upstream: verified claims. They replace whatever the client sent by these names
    settle: Callable[[int], Awaitable[None]] = nothing  # called exactly once, with the points that were spent


class Refused(Exception):
    """A refusal that has headers of its own for the client, beside those its error demands."""

    def __init__(self, error: BffError, headers: Headers) -> None:
        super().__init__(str(error))
        self.error = error
        self.headers = headers


class Policy(Protocol):
    """Who may pass."""

    async def admit(self, asked: Asked) -> Admission:
        """Raises `Unauthenticated`, `Forbidden`, `QuotaExceeded`, or one of them in `Refused`. Reads no body."""


class OpenPolicy:
    """Everybody may pass, at no cost. For tests and for networks where somebody else decides."""

    async def admit(self, asked: Asked) -> Admission:
        del asked
        return Admission(caller="anonymous")
