"""What a source is opened with: a declaration, the values of its variables, and what of the caller goes along.

Two openings whose `equal` is equal may be one. Nothing of a caller is in here but what its service is told anyway.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from bff import codec
from bff.connectors import Poll, Stream
from bff.errors import BadUserInput
from bff.plan.scope import Scope
from bff.telemetry.trace import TRACE_HEADERS
from bff.upstreams import Headers, Upstream


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """One source, about to be opened."""

    source: Stream | Poll
    values: Mapping[str, Any]
    upstreams: Mapping[str, Upstream]
    incoming: Headers  # of the caller's headers those that this upstream gets, as they came
    claims: Mapping[str, Any]  # of the caller's claims those that this upstream gets
    headers: Headers  # what they make, with the constant ones

    @property
    def upstream(self) -> Upstream:
        return self.upstreams[self.source.upstream]

    @property
    def equal(self) -> Hashable:
        """All that can change what comes. Raises BadUserInput for what no call can carry."""
        try:
            return self.source, codec.fingerprint(dict(self.values)), self.headers
        except ValueError:  # half of a surrogate pair
            raise BadUserInput("This value cannot be looked up: it is no text.") from None

    def scope(self) -> Scope:
        """Means for one call. It may take as long as its upstream's timeout."""
        return Scope(self.upstreams, math.inf, self.incoming, claims=self.claims)


def opening(source: Stream | Poll, values: Mapping[str, Any], scope: Scope) -> Opening:
    """What `scope` gives to this source, and nothing else of it."""
    settings = scope.upstreams[source.upstream].settings
    told = {claim for _, claim in settings.claims}
    return Opening(
        source=source,
        values=values,
        upstreams=scope.upstreams,
        incoming=tuple(pair for pair in scope.incoming if pair[0] in settings.forward or pair[0] == "connection"),
        claims={name: value for name, value in scope.claims.items() if name in told},
        headers=tuple(pair for pair in scope.headers_for(source.upstream) if pair[0] not in TRACE_HEADERS),
    )
