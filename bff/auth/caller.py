"""Who makes a request, once that is established. A record; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller, or an anonymous one where a tier is configured for them.

    `client` is whose quota is spent: a client of `bff.yaml`, or for a token without one, issuer and subject.
    """

    client: str
    tier: str
    subject: str | None = None  # of the token
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = record(default_factory=dict)  # verified ones; empty for API keys
    expires: float | None = None  # when its token is no longer taken, on the wall clock; None: it has none

    @property
    def anonymous(self) -> bool:
        return self.client == ANONYMOUS


ANONYMOUS = "anonymous"
