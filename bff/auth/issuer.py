"""Who may issue tokens for us, and under which rules. A record that refuses to be wrong; decides nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

SYMMETRIC = {"HS256": 32, "HS384": 48, "HS512": 64}  # the shortest secret, bytes: the size of the hash (RFC 7518 3.2)
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})

LONGEST_LEEWAY = 60  # seconds
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer of tokens. Raises ValueError, saying what would be right.

    `audience`: one or more names of ours; a token has to be for one of them. `jwks`: where the issuer's keys are below
    the URL of its upstream ("/jwks.json"), for algorithms with public keys; `secret`: the key of the HS algorithms.
    `tier`: of tokens that name no client of ours. `scopes_claim`: a list, or words in one text. `client_claim`: a
    claim ("azp", "client_id") that names a client of ours; only set it for an issuer that may speak for all of them.
    `leeway` and `max_lifetime` are seconds.
    """

    issuer: str
    audience: str | tuple[str, ...]
    algorithms: tuple[str, ...]
    tier: str
    jwks: str = ""
    secret: bytes = field(default=b"", repr=False)
    scopes_claim: str = "scope"
    client_claim: str | None = None
    leeway: int = 30
    max_lifetime: int = 24 * 60 * 60

    def __post_init__(self) -> None:
        if mistake := self._mistake():
            raise ValueError(f"Issuer {self.issuer!r}: {mistake}.")

    @property
    def audiences(self) -> tuple[str, ...]:
        return (self.audience,) if isinstance(self.audience, str) else self.audience

    @property
    def symmetric(self) -> bool:
        return self.algorithms[0] in SYMMETRIC

    def _mistake(self) -> str:
        return _of_names(self) or _of_algorithms(self.algorithms) or _of_keys(self) or _of_times(self)


def _of_names(issuer: Issuer) -> str:
    # A caller without a client is called "issuer subject", so that the first space ends the issuer.
    if not 0 < len(issuer.issuer) <= _LONGEST_NAME or any(char.isspace() for char in issuer.issuer):
        return "its name is empty, too long or has a space"
    if not issuer.audiences or not all(issuer.audiences):
        return "an audience is needed, or any token it issues for anybody would do"
    return ""


def _of_algorithms(algorithms: tuple[str, ...]) -> str:
    if not algorithms:
        return "at least one algorithm is needed"
    if foreign := [name for name in algorithms if name not in ASYMMETRIC | SYMMETRIC.keys()]:
        known = ", ".join(sorted(ASYMMETRIC | SYMMETRIC.keys()))
        return f"{', '.join(foreign)} cannot be verified here (python-jose has no PS or EdDSA); it can be {known}"
    if not (ASYMMETRIC.issuperset(algorithms) or SYMMETRIC.keys() >= set(algorithms)):
        return "HS algorithms and those with public keys do not mix (a public key would do as a secret)"
    return ""


def _of_keys(issuer: Issuer) -> str:
    if issuer.symmetric == bool(issuer.jwks) or issuer.symmetric != bool(issuer.secret):
        return "HS algorithms need a secret and no jwks; the others need jwks and no secret"
    if issuer.jwks and not issuer.jwks.startswith("/"):
        return "jwks is a path below its upstream's URL and begins with /"
    shortest = max(SYMMETRIC.get(name, 0) for name in issuer.algorithms)
    return f"its secret has less than {shortest} bytes" if len(issuer.secret) < shortest else ""


def _of_times(issuer: Issuer) -> str:
    if not 0 <= issuer.leeway <= LONGEST_LEEWAY:
        return f"leeway is 0 to {LONGEST_LEEWAY} seconds"
    return "" if issuer.max_lifetime > 0 else "max_lifetime is longer than nothing"
