"""Who calls: clients and their keys, or everybody; and where a cookie may be a credential, whose pages may use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bff import config as settings
from bff.auth import Authenticator, Caller, Client, Trusted
from bff.operation import EVERYBODY
from bff.origins.csrf import Crossing
from bff.upstreams import Headers

Callers = Callable[[Headers], Awaitable[Caller]]


def open_authenticator(config: settings.Config, trusted: tuple[Trusted, ...]) -> Authenticator | None:
    """None: anyone may call."""
    if config.auth is None:
        return None
    clients = [_client(name, client) for name, client in config.clients.items()]
    return Authenticator(clients, trusted, anonymous=config.auth.anonymous, cookie=config.auth.cookie)


def callers_of(authenticator: Authenticator | None) -> Callers:
    return authenticator.caller if authenticator else _everybody


def crossing(config: settings.Config) -> Crossing | None:
    """What of other sites' pages is refused, where a cookie may be a credential: ours, or a service's."""
    cookie = _cookie(config)
    forwarded = any("cookie" in upstream.forward for upstream in config.upstreams.values())
    if cookie is None and not forwarded:
        return None
    cors = config.graphql.cors
    return Crossing(cookie, forwarded, frozenset(cors.origins if cors.credentials else ()))


def crossing_routes(config: settings.Config) -> Crossing | None:
    """The same for what passes through: a service that gets cookies there guards itself, as without us."""
    cookie = _cookie(config)
    return Crossing(cookie) if cookie is not None else None


def _cookie(config: settings.Config) -> str | None:
    return config.auth.cookie if config.auth else None


def _client(name: str, client: settings.Client) -> Client:
    return Client(
        name=name,
        tier=client.tier,
        key_digests=tuple(bytes.fromhex(key.sha256) for key in client.keys),
        scopes=frozenset(client.scopes),
    )


async def _everybody(_: Headers) -> Caller:
    return EVERYBODY
