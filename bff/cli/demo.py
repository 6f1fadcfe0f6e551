"""Whom `bff dev` lets in beside those that `bff.yaml` names: a client for each tier, and an issuer of tokens.

The parent makes it and its worker is told by a hidden option. No configuration can ask for it: `bff serve` that has no
parent refuses the option.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from bff.config import Client, Config, Issuer, Key

ISSUER, AUDIENCE = "https://demo.invalid/", "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the worker is told: where the issuer's public keys are, and the SHA-256 of the key of each tier."""

    jwks: str
    digests: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError or TypeError for what `written` did not write."""
        return cls(**json.loads(text))

    def written(self) -> str:
        return json.dumps(asdict(self))

    def admitted(self, settings: Config) -> Config:
        """The settings with these callers; without `auth` anyone may call, and nothing is added."""
        if settings.auth is None:
            return settings
        from bff.auth.demo import ALGORITHM  # with cryptography, which nobody else waits for

        anonymous = settings.auth.anonymous
        tier = next((name for name in settings.tiers if name != anonymous), anonymous or "")
        issuer = Issuer(issuer=ISSUER, audience=(AUDIENCE,), jwks=self.jwks, algorithms=(ALGORITHM,), tier=tier)
        auth = settings.auth.model_copy(update={"jwt": (*settings.auth.jwt, issuer)})
        return settings.model_copy(update={"auth": auth, "clients": {**settings.clients, **self._clients()}})

    def _clients(self) -> dict[str, Client]:
        return {f"demo-{tier}": Client(tier=tier, keys=(Key(sha256=it),)) for tier, it in self.digests.items()}
