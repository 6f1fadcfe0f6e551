"""Keys and tokens for development: made by `bff dev`, good until it ends, kept nowhere.

The issuer asks nobody who they are, so its public keys are on the loopback interface only, and only this process's own
workers and companions are told where.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from bff.auth import new_key
from bff.auth.demo import DemoIssuer
from bff.cli.demo import AUDIENCE, ISSUER, Demo
from bff.config import Config

USER = "ana"
LIFETIME = 24 * 60 * 60  # seconds; the longest that a gateway believes unless told otherwise
PATIENCE = 5.0  # seconds for a request to come


class Identity:
    """An issuer, and a key for each tier that there ever was."""

    def __init__(self) -> None:
        self._issuer = DemoIssuer(ISSUER, AUDIENCE)
        self._made: dict[str, tuple[str, str]] = {}
        self.jwks = ""  # where the public keys are while they are published

    def keys(self, settings: Config) -> dict[str, str]:
        """The key of each tier; none where anyone may call."""
        tiers = settings.tiers if settings.auth else ()
        return {tier: self._key(tier)[0] for tier in tiers}

    def demo(self, settings: Config) -> Demo:
        return Demo(self.jwks, {tier: self._key(tier)[1] for tier in self.keys(settings)})

    def token(self, scopes: Iterable[str]) -> str:
        """For the user `USER`."""
        return self._issuer.token(USER, scopes, seconds=LIFETIME)

    @asynccontextmanager
    async def published(self) -> AsyncIterator[None]:
        """While this lasts, the public keys are at `jwks`, for this machine."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.jwks = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"
        async with server:
            yield

    def _key(self, tier: str) -> tuple[str, str]:
        if tier not in self._made:
            self._made[tier] = new_key()
        return self._made[tier]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The same to whatever is asked: there is nothing else here."""
        body = json.dumps(self._issuer.jwks()).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"
        with suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(f"{head}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()
