"""Relay connections over paged calls: a field of type `Connection[City]` whose connector has a `paging`."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

Node = TypeVar("Node")


@strawberry.type
class PageInfo:
    """Where a page stands in its list (Relay Cursor Connections)."""

    has_next_page: bool = strawberry.field(description="Whether rows follow after this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows stand before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of its first row; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Send it as `after` for the next page; null on an empty one.")


@strawberry.type
class Edge(Generic[Node]):
    """One row of a page and the cursor to go on after it."""

    cursor: str = strawberry.field(description="Send it as `after` to go on after this row.")
    node: Node = strawberry.field(description="The row itself.")


@strawberry.type
class Connection(Generic[Node]):
    """One page of a list."""

    edges: list[Edge[Node]] = strawberry.field(description="The rows, each with its cursor.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    total_count: int | None = strawberry.field(description="Rows on all pages; null where the service tells no total.")
