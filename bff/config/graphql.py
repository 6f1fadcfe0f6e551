"""The GraphQL endpoint: where it is, and what it tells. Knows no graph."""

from __future__ import annotations

from typing import Annotated

from bff.config.compression import Compression
from bff.config.cors import Cors
from bff.config.kinds import Flag, Nullable, Text
from bff.config.settings import Settings
from bff.config.uploads import Uploads


class GraphQL(Settings):
    """The GraphQL endpoint."""

    path: Annotated[
        str,
        Text(
            "^/(?!(healthz|readyz|metrics)$)[A-Za-z0-9._~/-]*$",
            "a path other than /healthz, /readyz and /metrics",
            'such as "/graphql"',
        ),
    ] = "/graphql"
    """Where the endpoint is."""

    graphiql: Annotated[bool, Flag()] = True
    """Show GraphiQL, the query editor, to browsers that open the endpoint."""

    introspection: Annotated[bool, Flag()] = True
    """Answer questions about the schema itself; GraphiQL and code generators ask them. Without it no error names what
    was not sent, unless `suggestions` are on. Danger: whoever may guess still finds out what exists."""

    suggestions: Annotated[bool | None, Nullable(Flag())] = None
    """Suggest names that exist for those that do not, in errors. `null` is as `introspection`. Danger: with them on,
    and introspection off, errors tell the schema bit by bit."""

    explain: Annotated[bool, Flag()] = False
    """Show how operations are planned, what each part costs, and which calls were made, to callers who ask. Danger:
    plans name services and the calls that are made on them."""

    error_sources: Annotated[bool, Flag()] = True
    """Say in errors which service failed, and with which status. The log says it always."""

    incremental: Annotated[bool, Flag()] = True
    """Heed `@defer` and `@stream` for clients that accept an answer in parts. Without it the schema does not have them.
    """

    cors: Cors = Cors()
    """Which pages of other origins may read what is answered; none unless named."""

    compression: Compression = Compression()
    """Answers that are sent compressed, to those who accept it."""

    uploads: Uploads = Uploads()
    """Files that come beside an operation, where the graph takes any."""
