"""What a configuration may say, and its operator should hear all the same. Refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bff.config.model import Config
from bff.errors import Problem


def doubts(config: Config) -> tuple[Problem, ...]:
    """Warnings, for `bff check` and the log; each names a setting."""
    return tuple(_doubts(config))


def _doubts(config: Config) -> Iterator[Problem]:
    if config.auth is None:
        yield Problem("auth", "is not configured: anyone may call this gateway", "docs/configuration.md says how")
    for name, client in config.clients.items():
        if not client.keys:
            yield Problem(f"clients.{name}", "has no key: nobody can call as this client")
    for at, network in enumerate(config.listen.trusted_proxies):
        if network.prefixlen == 0:
            yield Problem(f"listen.trusted_proxies[{at}]", "is everybody: any caller can claim any address")
