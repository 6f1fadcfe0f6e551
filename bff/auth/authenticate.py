"""Who calls, from the headers of a request: a Caller or a refusal, the same for every cause. Knows no server.

    credentials   at most one key and one token                 `credentials`
    key           form, checksum, then whose it is              `keys`, `client`
    token         form, issuer, key by kid, signature, claims   `compact`, `jwks`, `jwt`, `claims`
    caller        whom they name together                       `identify`

What is wrong with a credential is never answered by treating its bearer as somebody who sent none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from bff.auth import compact, jwt, keys
from bff.auth.caller import ANONYMOUS, Caller
from bff.auth.claims import Token, check_time
from bff.auth.client import Client, Clients
from bff.auth.credentials import read_credentials
from bff.auth.identify import by_both, by_key, by_token
from bff.auth.issuer import Issuer
from bff.auth.jwks import Source
from bff.auth.key_set import KeySet
from bff.auth.refused import Refused
from bff.auth.verified import Entry, Verified
from bff.errors import Unauthenticated
from bff.upstreams import Headers

REALM = "bff"


@dataclass(frozen=True, slots=True)
class Trusted:
    """An issuer, and where its keys come from."""

    issuer: Issuer
    source: Source


class Authenticator:
    """Knows the clients and the issuers. Belongs to one event loop; close it when no request is left."""

    def __init__(
        self,
        clients: Iterable[Client] = (),
        issuers: Iterable[Trusted] = (),
        *,
        anonymous: str | None = None,
        cookie: str | None = None,
        clock: Callable[[], float] = time.time,
        remembered: int = 4096,
    ) -> None:
        """`anonymous` is the tier of those who send no credential; None: they are refused. `cookie` is the name of one
        that may hold a token: whoever names one keeps other sites' pages from using it (bff.origins.csrf). `clock` is
        the wall clock: tokens have calendar times. `remembered` is how many verified tokens are kept. Raises ValueError
        for two clients or two issuers that cannot be told apart, and if nobody at all could ever call.
        """
        self._clients = Clients(clients)
        self._issuers = _by_name(issuers)
        self._anonymous = anonymous
        self._cookie = cookie
        self._clock = clock
        self._verified = Verified(remembered)
        self._accepted = _accepted(self._clients, self._issuers.keys())
        if not self._accepted and anonymous is None:
            raise ValueError(
                "No client has a key, no issuer is trusted and nobody may be anonymous: nobody could call."
            )

    async def start(self) -> None:
        """Fetch what issuers publish, so that no request waits for it; who does not answer is asked again later."""
        await asyncio.gather(*(trusted.source.keys(None) for trusted in self._issuers.values()))

    async def aclose(self) -> None:
        for trusted in self._issuers.values():
            await trusted.source.aclose()

    async def caller(self, headers: Headers) -> Caller:
        """Who sent `headers` (ASGI's: lower-case names). Raises Unauthenticated and nothing else."""
        try:
            key, token = read_credentials(headers, self._cookie)
            client = self._owner(key) if key is not None else None
            if token is not None:
                return await self._bearer(token, client)
        except Refused as refusal:
            wrong = str(refusal)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong lets nobody in; its text may hold what was sent
            wrong = f"{type(error).__name__} at a credential"
        else:
            return by_key(client) if client else self._nobody()
        raise self._refusal(wrong, error="invalid_token")  # out of its reach, which a compiler may forget to hide

    async def _bearer(self, text: str, client: Client | None) -> Caller:
        token, issuer = await self._token(text)
        return by_both(client, token, issuer) if client else by_token(token, self._clients, issuer)

    def _nobody(self) -> Caller:
        if self._anonymous is None:
            raise self._refusal("no credential")
        return Caller(ANONYMOUS, self._anonymous)

    def _owner(self, text: str) -> Client:
        owner = self._clients.of_digest(sha256(text.encode()).digest())
        if owner is not None:
            return owner
        key = keys.parse(text)
        if key is None:
            raise Refused("the API key is mistyped or none")
        return self._clients.owner(key)

    async def _token(self, text: str) -> tuple[Token, Issuer]:
        if len(text) > compact.LONGEST:
            raise Refused("the token is longer than 8 KiB")  # before anything is computed of it
        now, digest = self._clock(), sha256(text.encode()).digest()
        entry = self._verified.find(digest, now)
        if entry and (issuer := await self._remembered(entry)):
            return entry.token, issuer
        entry, issuer = await self._verify(text)
        self._verified.keep(digest, entry)
        return entry.token, issuer

    async def _remembered(self, entry: Entry) -> Issuer | None:
        """Its issuer, if its keys are still those that the token was verified with."""
        trusted = self._issuers[entry.token.issuer]
        if await trusted.source.keys(entry.kid) is not entry.keys:
            return None
        check_time(entry.token, trusted.issuer, self._clock())
        return trusted.issuer

    async def _verify(self, text: str) -> tuple[Entry, Issuer]:
        parsed = compact.parse(text)
        trusted = self._issuers.get(parsed.issuer)
        if trusted is None:
            raise Refused("nobody here trusts the token's issuer")
        in_force = await trusted.source.keys(parsed.kid)
        if in_force is None:
            raise Refused("there are no keys of the token's issuer")
        now = self._clock()  # read after the wait
        token = jwt.verify(text, parsed, trusted.issuer, _key(in_force, parsed.kid), now)
        return Entry(token, parsed.kid, in_force, now), trusted.issuer

    def _refusal(self, detail: str, error: str = "") -> Unauthenticated:
        return Unauthenticated(_challenge(self._accepted, error), detail=detail)


def _key(in_force: KeySet, kid: str | None) -> jwt.VerifyingKey:
    if (key := in_force.find(kid)) is None:
        raise Refused("the token's issuer has no such key")
    return key


def _by_name(issuers: Iterable[Trusted]) -> dict[str, Trusted]:
    found: dict[str, Trusted] = {}
    for trusted in issuers:
        if found.setdefault(trusted.issuer.issuer, trusted) is not trusted:
            raise ValueError(f"Two issuers are called {trusted.issuer.issuer!r}.")
    return found


def _accepted(clients: Clients, issuers: Iterable[str]) -> tuple[str, ...]:
    """The challenges of what is accepted here (RFC 9110 11.6.1). API keys have no registered scheme."""
    key = (f'ApiKey realm="{REALM}", header="X-API-Key"',) if clients.have_keys else ()
    return (*((f'Bearer realm="{REALM}"',) if any(issuers) else ()), *key)


def _challenge(accepted: tuple[str, ...], error: str) -> str:
    """The WWW-Authenticate value. Without a credential there is no error to tell (RFC 6750 3.1)."""
    first, *others = accepted or (f'Bearer realm="{REALM}"',)
    return ", ".join([f'{first}, error="{error}"' if error else first, *others])
