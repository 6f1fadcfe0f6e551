"""What one operation may ask for. Knows no client."""

from __future__ import annotations

from typing import Annotated

from bff.config.kinds import Duration, Size, Whole
from bff.config.settings import Settings
from bff.config.units import KiB


class Limits(Settings):
    """What one operation may ask for. All of it is checked before a service is called, `timeout` apart."""

    timeout: Annotated[float, Duration()] = 10.0
    """How long an operation may take. What is late becomes an error at its field; the rest is answered."""

    max_body: Annotated[int, Size()] = 256 * KiB
    """The largest request body, decompressed. A larger one is answered 413, unread."""

    body_timeout: Annotated[float, Duration()] = 30.0
    """How long a request's body may take, from its first piece to its last, files apart. A slower one is a 408."""

    max_operations: Annotated[int, Whole()] = 1
    """Operations in one request. Several come as a JSON array, such as Apollo's BatchHttpLink sends, and are paid for
    together; 1 takes no array. Danger: the slowest of them delays all the others."""

    max_depth: Annotated[int, Whole(1, 50)] = 15
    """How deep fields may nest. Danger: graphql-core runs out of stack somewhere above 120, hence at most 50."""

    max_root_fields: Annotated[int, Whole()] = 20
    """Fields at the top of one operation, aliases and fragments counted."""

    max_aliases: Annotated[int, Whole(0)] = 30
    """Aliases in one operation. Danger: each may repeat an expensive field."""

    max_tokens: Annotated[int, Whole()] = 5_000
    """Lexical tokens in one document; the parser stops at the first one more."""

    max_directives: Annotated[int, Whole(0)] = 50
    """Directives in one operation."""

    max_price: Annotated[int, Whole()] = 1_000
    """Points that one operation may cost, by its worst case. `bff plan` shows what a query costs."""

    max_upstream_calls: Annotated[int, Whole()] = 100
    """Calls to services that one operation may make, by its worst case. Danger: this is how much larger one request
    becomes behind the gateway."""

    max_page: Annotated[int, Whole()] = 100
    """Items that one list may be asked for."""

    documents: Annotated[int, Whole()] = 1_000
    """Documents kept parsed, validated and planned; the one that was not used for longest goes first. Danger:
    they are held in memory, in every process."""
