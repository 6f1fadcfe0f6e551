"""What connectors are declared with, from what is known of an operation: their options and arguments. Pure."""

from __future__ import annotations

from dataclasses import replace

from bff.connectors.media import is_json
from bff.openapi.graph.answers import Answer
from bff.openapi.graph.batches import Batch
from bff.openapi.graph.parameters import Call
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import STR, Argument, Code, Use
from bff.openapi.model import Body, Media, Operation
from bff.openapi.schema import MISSING, Array, Map, Object, Schema, Schemas, Union, resolved


def home_of(operation: Operation) -> str:
    """The file of types that no component has a name for: by the operation's tag, or the path's first word."""
    steps = [step for step in operation.path.split("/") if step and not step.startswith("{")]
    return next(iter([*operation.tags, *steps]), "answers")


def best_media(body: Body) -> Media | None:
    ranks = ("application/json", "*/*", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
    ranked = [each for kind in ranks for each in body.content if each.type == kind]
    vendors = [each for each in body.content if each.type.endswith("json")]
    plain = [each for each in ranked if each.type in ranks[:2]]
    return next(iter([*plain, *vendors, *ranked, *body.content]), None)


def is_written(media: str) -> bool:
    """Whether connectors write objects and lists in this media type."""
    return is_json(media) or media in {"*/*", "application/x-www-form-urlencoded", "multipart/form-data"}


def in_brackets(media: Media, schemas: Schemas) -> bool:
    """Whether a form writes all its objects and lists as `a[b]=1&c[0]=x` (the encoding `deepObject`)."""
    body = resolved(media.schema, schemas)
    if media.type != "application/x-www-form-urlencoded" or not isinstance(body, Object):
        return False
    nested = {each.name for each in body.properties if _is_nested(resolved(each.schema, schemas), schemas)}
    return bool(nested) and nested <= {each.property for each in media.encoding if each.style == "deepObject"}


def _is_nested(schema: Schema, schemas: Schemas) -> bool:
    members = [resolved(each, schemas) for each in schema.members] if isinstance(schema, Union) else [schema]
    return any(isinstance(each, Object | Array | Map) for each in members)


def shape(answer: Answer, *, many: bool | None = None) -> dict[str, object]:
    options: dict[str, object] = {}
    if answer.rows:
        options["rows"] = answer.rows
    if answer.many if many is None else many:
        options["many"] = True
    if answer.accept:
        options["accept"] = answer.accept
    if answer.silent:
        options["empty"] = True
    return options


def carried(call: Call) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in ("headers", "cookies", "names", "joins"):
        if getattr(call, name):
            found[name] = dict(getattr(call, name))
    return found


def key_options(variable: str, batch: Batch) -> dict[str, object]:
    key: object = variable if variable == batch.member else {variable: batch.member}
    return {"key": key, **({"max_batch": batch.most} if batch.most != 100 else {})}


def key_use(row: Use, types: Types, batch: Batch) -> Use:
    draft = types.drafts.get(row.name)
    found = next((each.use for each in draft.members if each.wire == batch.member), STR) if draft else STR
    return found.or_null(False)


def variable_of(call: Call, argument: Argument) -> str:
    """The template variable that an argument fills."""
    for variable, bound in call.bindings.items():
        if bound.arguments == (("", argument.python),):
            return variable
    return argument.python


def out_of_the_way(call: Call, argument: Argument) -> Argument:
    """An argument of the service's own that is called as one of Relay's: `after` is `queryAfter`."""
    if argument.name not in {"first", "after"}:
        return argument
    moved = replace(argument, name=f"query{argument.name.capitalize()}", python=f"query_{argument.python}")
    call.bindings[variable_of(call, argument)] = Code("argument", (("", moved.python),))
    return moved


def required_first(arguments: list[Argument]) -> list[Argument]:
    """Python wants parameters without a default first."""
    return sorted(arguments, key=lambda each: each.use.nullable or each.default is not MISSING)
