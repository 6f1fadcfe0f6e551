"""Whose word about a caller is taken: issuers of tokens. Verifies no token and fetches no key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, SecretStr, model_validator

from bff.config.algorithms import SHORTEST_SECRET, Algorithm
from bff.config.hidden import Secret
from bff.config.kinds import Duration, Nullable, Several, Text
from bff.config.mistakes import Mistake, refuse
from bff.config.settings import NAME, Settings
from bff.config.urls import SecureUrl

CLAIM = Text(r"^[!#-\[\]-~]+$", "the name of a claim", 'such as "scope"')
_COOKIE = Text(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "the name of a cookie (RFC 6265)", 'such as "__Host-token"')
_AUDIENCE = Text(r"^[!-~]+$", "what tokens call this gateway, without spaces", 'such as "travel"')


def _some(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    if not algorithms:
        raise refuse(Mistake("must not be empty", "name those that the issuer signs with, such as [RS256]"))
    return algorithms


class Issuer(Settings):
    """Someone whose tokens (JWT, RFC 7519) are believed."""

    issuer: Annotated[str, SecureUrl()]
    """The `iss` of its tokens, letter by letter: an https URL. Plain http is only for this machine."""

    audience: Annotated[tuple[str, ...], Several(_AUDIENCE)]
    """What its tokens call this gateway, one name or a list: `aud` must hold one of them. Danger: a name that other
    services share lets in tokens that were made for those."""

    jwks: Annotated[str | None, Nullable(SecureUrl(query=True))] = None
    """Where its public keys are, as a JWK Set (RFC 7517): an https URL. Plain http is only for this machine."""

    secret: Annotated[SecretStr | None, Nullable(Secret())] = None
    """The key that it shares with the gateway, from `${NAME}`, in place of `jwks`. Danger: who can verify with it can
    sign with it."""

    algorithms: Annotated[tuple[Annotated[str, Algorithm()], ...], AfterValidator(_some)]
    """The algorithms that it signs with: of RS256, RS384, RS512, ES256, ES384 and ES512 with `jwks`, of HS256, HS384
    and HS512 with `secret`. A token cannot choose another."""

    tier: Annotated[str, NAME]
    """What callers with its tokens may spend."""

    scopes_claim: Annotated[str, CLAIM] = "scope"
    """The claim that lists a token's scopes."""

    client_claim: Annotated[str | None, Nullable(CLAIM)] = None
    """The claim, such as `azp`, that names one of `clients`: its tier counts then, not the issuer's. `null` is none,
    and each subject spends its own. Danger: only for an issuer that may speak for all clients."""

    leeway: Annotated[float, Duration(zero=True, at_most=60)] = 30.0
    """How far the issuer's clock and ours may differ; 60s at most."""

    max_lifetime: Annotated[float, Duration()] = 86_400.0
    """How long a token may live, from `iat` to `exp`. Danger: a token that was stolen works until it ends."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        mistakes = list(self._wrong_key()) or list(self._wrong_algorithms())
        if mistakes:
            raise refuse(*mistakes)
        return self

    def _wrong_key(self) -> Iterator[Mistake]:
        if self.jwks is None and self.secret is None:
            yield Mistake("must have jwks or secret", "without a key, no token can be verified")
        if self.jwks is not None and self.secret is not None:
            yield Mistake("must not be set beside jwks", "keep one of the two", ("secret",))

    def _wrong_algorithms(self) -> Iterator[Mistake]:
        """A public key must never be taken for a shared one (RFC 8725 3.1)."""
        for at, algorithm in enumerate(self.algorithms):
            if (algorithm in SHORTEST_SECRET) != (self.secret is not None):
                needed = "secret" if algorithm in SHORTEST_SECRET else "jwks"
                yield Mistake(f"is an algorithm that needs {needed}", "jwks: RS and ES, secret: HS", ("algorithms", at))
        length = len(self.secret.get_secret_value().encode()) if self.secret else 0
        shortest = max((SHORTEST_SECRET.get(algorithm, 0) for algorithm in self.algorithms), default=0)
        if self.secret is not None and length < shortest:
            yield Mistake(f"must be at least {shortest} bytes long for these algorithms", "RFC 7518 3.2", ("secret",))


class Auth(Settings):
    """Who may call. Without this section anyone may, under `limits` and without a quota."""

    anonymous: Annotated[str | None, Nullable(NAME)] = None
    """The tier of callers without a credential. `null` refuses them."""

    jwt: tuple[Issuer, ...] = ()
    """Whose tokens are believed."""

    cookie: Annotated[str | None, Nullable(_COOKIE)] = None
    """The cookie that a token may come in, where there is no `Authorization`; `null` is none. Danger: browsers send it
    for other sites' pages too; what those could have made is refused (docs/http.md), and `SameSite` helps."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.cookie is not None and not self.jwt:
            raise refuse(Mistake("holds tokens that nobody could have made", "add an issuer to jwt", ("cookie",)))
        return self


def clashes(issuers: tuple[Issuer, ...]) -> Iterator[Mistake]:
    """Issuers that come twice, placed below `auth.jwt`: whose keys would count?"""
    first: dict[str, int] = {}
    for at, issuer in enumerate(issuers):
        earlier = first.setdefault(issuer.issuer, at)
        if earlier != at:
            yield Mistake("is an issuer once more", "", (at, "issuer"), ("auth", "jwt", earlier, "issuer"))
