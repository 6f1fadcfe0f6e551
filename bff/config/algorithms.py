"""The signature algorithms that an issuer may use (RFC 7518 3.1), and why others are refused. Verifies nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bff.config.kinds import Kind
from bff.config.mistakes import Mistake, refuse

ASYMMETRIC = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
SHORTEST_SECRET: Mapping[str, int] = MappingProxyType({"HS256": 32, "HS384": 48, "HS512": 64})  # bytes; RFC 7518 3.2

_NOT_VERIFIED = "the gateway cannot verify it; RS256 and ES256 are as good"
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "none": "a token that nobody signed proves nothing (RFC 8725 3.2)",
        **dict.fromkeys(("PS256", "PS384", "PS512", "EdDSA"), _NOT_VERIFIED),
    }
)


@dataclass(frozen=True)
class Algorithm(Kind):
    """One signature algorithm that can be verified; names are compared as they stand (RFC 7515 4.1.1)."""

    def read(self, value: object) -> str:
        known = (*ASYMMETRIC, *SHORTEST_SECRET)
        if isinstance(value, str) and value in known:
            return str(value)
        reason = _REFUSED.get(value) if isinstance(value, str) else None
        if reason is not None:
            raise refuse(Mistake("is an algorithm that is not accepted", reason))
        raise refuse(Mistake("must be a signature algorithm", f"there are {', '.join(known)}"))

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^({'|'.join((*ASYMMETRIC, *SHORTEST_SECRET))})$"}
