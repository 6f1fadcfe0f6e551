"""What a client may spend. Knows no client, and nothing of how it is counted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from bff.config.kinds import Flag, Nullable, Text, Whole
from bff.config.mistakes import Mistake, refuse
from bff.config.settings import Settings

MODE = Text("^(allowed|log-only|required)$", "allowed, log-only or required")
Mode = Literal["allowed", "log-only", "required"]
MOST_POINTS = 1_000_000_000  # doubles count them exactly, in whatever unit of time


class Tier(Settings):
    """What a client may spend, and how much of it at once. Every client spends its own."""

    points_per_minute: Annotated[int, Whole(1, MOST_POINTS)]
    """How many points flow back to a client in a minute, evenly."""

    burst: Annotated[int | None, Nullable(Whole(1, MOST_POINTS))] = None
    """The most points that a client can have saved up. `null` is as many as flow back in a minute. Danger: in its first
    minute a client can spend this and `points_per_minute` too."""

    max_price: Annotated[int | None, Nullable(Whole(1, MOST_POINTS))] = None
    """Points that one operation may cost, by its worst case. `null` is `limits.max_price`, or `burst` where that is
    less, since what is dearer could never be paid."""

    max_upstream_calls: Annotated[int | None, Nullable(Whole())] = None
    """Calls to services that one operation may make, by its worst case. `null` is `limits.max_upstream_calls`."""

    requests_per_second: Annotated[int | None, Nullable(Whole(1, 1_000_000))] = None
    """Requests that a client may send in a second, whatever they cost. `null` is as many as it can pay."""

    max_concurrent: Annotated[int, Whole(1, 1_000_000)] = 20
    """Requests of one client at the same moment."""

    introspection: Annotated[bool | None, Nullable(Flag())] = None
    """Answer questions about the schema itself. `null` is `graphql.introspection`."""

    suggestions: Annotated[bool | None, Nullable(Flag())] = None
    """Suggest names that exist for those that do not, in errors. `null` is as `introspection`, unless
    `graphql.suggestions` is off. Without either, no error names what was not sent."""

    error_sources: Annotated[bool | None, Nullable(Flag())] = None
    """Say in errors which service failed, and with which status. `null` is `graphql.error_sources`."""

    explain: Annotated[bool | None, Nullable(Flag())] = None
    """Show a client how its operations are planned and what each part costs. `null` is `graphql.explain`."""

    graphiql: Annotated[bool | None, Nullable(Flag())] = None
    """Show GraphiQL to browsers that open the endpoint. `null` is `graphql.graphiql`. A browser opens it without a
    credential, so it is the tier of `auth.anonymous` that counts, unless something in front adds one."""

    share: Annotated[bool, Flag()] = True
    """Run equal queries of the same moment once. Equal is: the document, the operation, the variables, the scopes that
    count in it, and whatever services are told of the caller; where code runs, all scopes and claims. Who asks after a
    write does not share what began before it. Each client pays as if it had asked alone."""

    persisted: Annotated[Mode | None, Nullable(MODE)] = None
    """What becomes of documents that are in no manifest: `allowed`, `log-only` or `required`. `null` is
    `persisted.mode`."""

    @property
    def capacity(self) -> int:
        """`burst`, or its default."""
        return self.points_per_minute if self.burst is None else self.burst

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_price is not None and self.max_price > self.capacity:
            wrong = f"must not be over burst, which is {self.capacity}: it could never be paid"
            raise refuse(Mistake(wrong, "raise burst too", ("max_price",)))
        return self
