"""The scalar `Upload`, which Strawberry lets be anything: where a graph has it, that it is a file, where it may go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLNamedType, get_named_type, is_input_object_type
from strawberry.file_uploads import UploadDefinition

from bff.connectors import Connector, FromArgument
from bff.connectors.file import incoming
from bff.connectors.media import FORM, is_json
from bff.errors import Problem
from bff.plan.field import Field
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


def file_errors(field: Field) -> Iterator[Problem]:
    """Calls that could not send a file which their field takes."""
    holding = {python for name, python in field.arguments.items() if _holds_file(field.declared.args[name].type, set())}
    for call in field.calls if holding else ():
        bound = {name: each for name, each in call.bindings.items() if isinstance(each, FromArgument) and not each.path}
        yield from _misplaced(field, call.connector, {name for name, each in bound.items() if each.name in holding})


def _misplaced(field: Field, connector: Connector, files: set[str]) -> Iterator[Problem]:
    elsewhere = {*connector.template.names, *connector.headers.values(), *connector.cookies.values()}
    for name in sorted(files & elsewhere):
        wrong = f"'{name}' takes a file, and {connector.label} has it in its URL or its head"
        yield Problem(field.coordinate, wrong, f'body="{name}"')
    media = connector.media
    if files - elsewhere and (is_json(media) or media == FORM):
        wrong = f"a file cannot be sent as {media}, which is what {connector.label} sends"
        yield Problem(
            field.coordinate, wrong, 'media="multipart/form-data", or the type of the file, such as "image/*"'
        )


def _holds_file(type_: Any, seen: set[str]) -> bool:
    """Whether a file may be in a value of this input type."""
    named = get_named_type(type_)
    if not is_input_object_type(named):
        return is_file(named)
    if named.name in seen:
        return False
    seen.add(named.name)
    return any(_holds_file(member.type, seen) for member in named.fields.values())
