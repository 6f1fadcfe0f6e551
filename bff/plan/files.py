"""The scalar `Upload`, which Strawberry lets be anything: whether a graph has it, and that it is a file."""

from __future__ import annotations

from graphql import GraphQLNamedType
from strawberry.file_uploads import UploadDefinition

from bff.connectors.file import incoming
from bff.plan.graph import Graph


def is_file(type_: GraphQLNamedType) -> bool:
    """Whether this is Strawberry's scalar, and not another one that is called so."""
    return type_.extensions.get("strawberry-definition") is UploadDefinition


def takes_files(graph: Graph) -> bool:
    """Whether there is a place where a file may be sent."""
    return any(is_file(type_) for type_ in graph.schema.type_map.values())


def only_files(type_: GraphQLNamedType) -> None:
    """Let this scalar be nothing but a file that came: a text in its place would be sent to a service as one."""
    vars(type_).update(coerce_input_value=incoming, parse_value=incoming)
