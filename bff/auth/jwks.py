"""Where an issuer's keys come from: its JWKS, through the upstream stack, fetched once for all who wait.

What is decided (when to fetch, what is a usable key) stands in `refresh` and `key_set`. The address is configuration's,
never a token's; no redirect is followed, since the wire follows none.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bff.auth.issuer import Issuer
from bff.auth.key_set import KeySet, read_key_set, secret_key_set
from bff.auth.refresh import Freshness, Held, Need, need
from bff.errors import UpstreamError, UpstreamStatus
from bff.upstreams import Request, Upstream, read

LARGEST = 256 * 1024  # bytes of the document

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where keys come from."""

    async def keys(self, kid: str | None) -> KeySet | None:
        """The keys in force, fetched first if `kid` makes that needed. None: there are none, or none young enough.

        Never raises on its own account. Equal keys are the same object as long as they are in force.
        """

    async def aclose(self) -> None: ...


class Fixed:
    """Keys that do not change while the process lives."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def keys(self, kid: str | None) -> KeySet | None:  # noqa: ARG002 - the shape of a Source
        return self._keys

    async def aclose(self) -> None:
        """Nothing is held."""


class Jwks:
    """The keys that an issuer publishes. Belongs to one event loop."""

    def __init__(
        self,
        issuer: Issuer,
        upstream: Upstream,
        rules: Freshness | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._upstream = upstream
        self._rules = rules or Freshness()
        self._clock = clock
        self._held = Held()
        self._fetch: asyncio.Task[None] | None = None
        self._closed = False

    async def keys(self, kid: str | None) -> KeySet | None:
        fetching = self._fetch is not None
        wanted = need(self._held, kid, self._rules, self._clock(), fetching=fetching)
        if wanted is not Need.NOTHING and not self._closed:
            fetch = self._fetch or self._begin(kid)
            if wanted is Need.NOW:
                # Not awaited itself: who gives up waiting must not end the fetch that others wait for.
                await asyncio.wait({fetch})
        return self._held.alive(self._rules, self._clock())

    async def aclose(self) -> None:
        self._closed = True
        if self._fetch:
            self._fetch.cancel()
            await asyncio.wait({self._fetch})

    def _begin(self, kid: str | None) -> asyncio.Task[None]:
        self._fetch = asyncio.create_task(self._refresh(kid), name=f"jwks of {self._upstream.name}")
        return self._fetch

    async def _refresh(self, kid: str | None) -> None:
        """For the sake of `kid`, or of nobody. Noted here and not by who waits: who hangs up would not note it."""
        try:
            keys = read_key_set(await self._download(), self._issuer.algorithms)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task: whatever it is, the keys from before stay
            self._held = self._held.failed(self._clock())
            self._say("cannot be had, those from before stay in force", _cause(error))
        else:
            self._replace(keys)
        finally:
            self._fetch = None
            now = self._clock()
            if self._held.lacks(kid, self._rules, now):
                self._held = replace(self._held, in_vain=now)

    def _replace(self, keys: KeySet) -> None:
        before = self._held.keys
        self._held = self._held.renewed(keys, self._clock())
        if self._held.keys is not before and keys.skipped:
            self._say("are not all usable", "; ".join(keys.skipped))

    async def _download(self) -> bytes:
        deadline = asyncio.get_running_loop().time() + self._rules.timeout
        headers = (*self._upstream.settings.headers, ("accept", "application/jwk-set+json, application/json"))
        label = f"GET {self._issuer.jwks}"
        request = Request("GET", self._issuer.jwks, deadline, headers, label=label)
        reply = await self._upstream.sender.send(request)
        with reply:
            if reply.status != 200:
                raise UpstreamStatus(self._upstream.name, http_status=reply.status, detail=f"status {reply.status}")
            return await read(reply, max_decoded=LARGEST)

    def _say(self, what: str, why: str) -> None:
        # By path and upstream: lines of the log are stripped of addresses, which an issuer's name mostly is.
        _log.warning("The keys at %s of the upstream %s %s: %s", self._issuer.jwks, self._upstream.name, what, why)


def open_source(issuer: Issuer, upstream: Upstream | None) -> Source:
    """The keys of `issuer`; `upstream` is where its `jwks` lies. Raises ValueError if that is needed and missing."""
    if issuer.symmetric:
        return Fixed(secret_key_set(issuer.secret, issuer.algorithms))
    if upstream is None:
        raise ValueError(f"Issuer {issuer.issuer!r}: its jwks need an upstream.")
    return Jwks(issuer, upstream)


def _cause(error: Exception) -> str:
    return f"{error} {error.detail}".strip() if isinstance(error, UpstreamError) else str(error)
