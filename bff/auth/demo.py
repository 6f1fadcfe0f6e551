"""An issuer of tokens for `bff dev` and for tests. The only module that knows cryptography.

Its key is made at start and lives in memory. It asks nobody who they are: whoever wires it refuses to outside dev.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bff.auth import base64url
from bff.auth.authenticate import Trusted
from bff.auth.issuer import Issuer
from bff.auth.jwks import Fixed
from bff.auth.key_set import read_key_set

ALGORITHM, KID = "RS256", "demo"


class DemoIssuer:
    """Issues tokens to whoever asks."""

    def __init__(
        self, issuer: str = "https://demo.invalid/", audience: str = "demo", clock: Callable[[], float] = time.time
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwks(self) -> dict[str, Any]:
        """The JWKS document, to be served or to be read by `trusted`."""
        numbers = self._key.public_key().public_numbers()
        n, e = (base64url.encode(number.to_bytes((number.bit_length() + 7) // 8)) for number in (numbers.n, numbers.e))
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": KID, "n": n, "e": e}]}

    def token(self, subject: str, scopes: Iterable[str] = (), client: str | None = None, seconds: int = 3600) -> str:
        """An access token (RFC 9068) that is good for `seconds` from now."""
        now = int(self._clock())
        claims = {"iss": self.issuer, "aud": self.audience, "sub": subject, "iat": now, "exp": now + seconds}
        claims |= {"scope": " ".join(scopes)} | ({"client_id": client} if client else {})
        return self.sign({"alg": ALGORITHM, "typ": "at+jwt", "kid": KID}, claims)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Any header over any claims, signed with RS256."""
        signed = ".".join(base64url.encode(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url.encode(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def trusted(self, tier: str) -> Trusted:
        """The issuer as the gateway of the same process trusts it, over no network."""
        issuer = Issuer(
            issuer=self.issuer,
            audience=self.audience,
            algorithms=(ALGORITHM,),
            tier=tier,
            jwks="/jwks.json",
            client_claim="client_id",
        )
        return Trusted(issuer, Fixed(read_key_set(json.dumps(self.jwks()).encode(), issuer.algorithms)))
