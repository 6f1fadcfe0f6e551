"""What connectors are declared with, from what is known of an operation: their options and arguments. Pure."""

from __future__ import annotations

from dataclasses import replace

from bff.openapi.graph.answers import Answer
from bff.openapi.graph.batches import Batch
from bff.openapi.graph.call import Call
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import STR, Argument, Code, Use
from bff.openapi.model import Operation
from bff.openapi.schema import MISSING


def home_of(operation: Operation) -> str:
    """The file of types that no component has a name for: by the operation's tag, or the path's first word."""
    steps = [step for step in operation.path.split("/") if step and not step.startswith("{")]
    return next(iter([*operation.tags, *steps]), "answers")


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
    if call.reserved:
        found["reserved"] = tuple(call.reserved)
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
        if bound.arguments[0] == ("", argument.python):
            return variable
    return argument.python


def variables_of(call: Call, argument: Argument) -> set[str]:
    """Those that it fills; an object in the query fills one by each of its members."""
    bound = {name: str(code.arguments[0][1]).partition(".")[0] for name, code in call.bindings.items()}
    return {name for name, python in bound.items() if python == argument.python} or {argument.python}


def out_of_the_way(call: Call, argument: Argument) -> Argument:
    """An argument of the service's own that is called as one of Relay's: `after` is `queryAfter`."""
    if argument.name not in {"first", "after"}:
        return argument
    moved = replace(argument, name=f"query{argument.name.capitalize()}", python=f"query_{argument.python}")
    variable = variable_of(call, argument)
    how = call.bindings[variable].arguments[1:] if variable in call.bindings else ()
    call.bindings[variable] = Code("argument", (("", moved.python), *how))
    return moved


def required_first(arguments: list[Argument]) -> list[Argument]:
    """Python wants parameters without a default first."""
    return sorted(arguments, key=lambda each: each.use.nullable or each.default is not MISSING)
