"""Relay connections over paged calls: a field of type `Connection[City]` whose connector has a `paging`."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

Node = TypeVar("Node")


@strawberry.type
class PageInfo:
    """Where a page stands in its list (Relay Cursor Connections)."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[Node]):
    """One row of a page and the cursor to go on after it."""

    cursor: str
    node: Node


@strawberry.type
class Connection(Generic[Node]):
    """One page of a list."""

    edges: list[Edge[Node]]
    page_info: PageInfo
    total_count: int | None
