"""What a mutation answers: the thing itself, or what the service says is wrong, each a type of one union.

What is no object is held by a type whose member is `value`. Knows no parameter and no printing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bff.openapi.graph.answers import Answer, others, problems
from bff.openapi.graph.names import pascal, words
from bff.openapi.graph.options import home_of
from bff.openapi.graph.places import Place
from bff.openapi.graph.rules import together
from bff.openapi.graph.titles import Title
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import JSON, Rule, TypeKey, Use, Wanted
from bff.openapi.model import Operation
from bff.openapi.report import Report

_NO_RULE = Rule()
_KINDS = frozenset({"string", "integer", "number", "boolean"})


@dataclass(frozen=True, slots=True)
class Result:
    """The type of a mutation's field, and what its connector is told of it."""

    use: Use
    options: dict[str, object]
    boxed: bool = False  # the value is held by a type of its own, so that a list is one value


@dataclass(frozen=True, slots=True)
class _Success:
    """The types of a success, and how they are told: all of one type, or by a rule."""

    types: tuple[str, ...]
    options: dict[str, object] = field(default_factory=dict)
    rule: Rule = _NO_RULE
    boxed: bool = False


def results_of(
    operation: Operation, answer: Answer, title: Title, place: Place, *, types: Types, report: Report
) -> Result:
    """The answer of a mutation, with what can be wrong where that is data."""
    told = dict(problems(operation, types, place, report))
    extra: dict[int | str, str] = dict(others(operation, types, place, report))
    success = _success(operation, answer, title, place, types) if told or extra else _Success(())
    told, rule = _telling(told, success.rule, operation, types, report)
    missing: dict[str, object] = {} if 404 in told else {"missing": ()}
    errors: dict[int | str, str] = {**extra, **told}
    if not errors:
        return Result(answer.use, missing)
    key = f"{operation.key} result"
    members = tuple(
        dict.fromkeys((*success.types, *(name for each in errors.values() for name in _types(each, types))))
    )
    said = "What it brings, or why it does not."
    draft = Wanted("union", key, place.home, operation.at, said, types=members, rule=rule)
    types.draft(draft, f"{place.plain}Result")
    told = {status: each if _is_type(each, types) else key for status, each in told.items()}  # told by the union's rule
    outcomes = {name: _typed(found) for name, found in (("answers", extra), ("errors", told)) if found}
    return Result(Use(key, "own", composite=True), {**missing, **success.options, **outcomes}, success.boxed)


def _is_type(key: str, types: Types) -> bool:
    return types.drafts[key].kind == "type"


def _types(key: str, types: Types) -> tuple[str, ...]:
    """The type of an answer, or those of a union."""
    return (key,) if _is_type(key, types) else types.drafts[key].types


def _telling(
    told: dict[int | str, str], rule: Rule, operation: Operation, types: Types, report: Report
) -> tuple[dict[int | str, str], Rule]:
    """The errors that can be told apart, and the one rule, from that of a success on, that the union then has."""
    kept = {}
    for status, key in told.items():
        both = rule if _is_type(key, types) else together(rule, types.drafts[key].rule)
        if both is None:
            what = f"what comes with {status} is one of several, told otherwise than the rest: an error, and no data"
            report.loss("error-union", operation.at, what)
        else:
            rule, kept[status] = both, key
    return kept, rule


def _typed(found: Mapping[int | str, str]) -> dict[int | str, TypeKey]:
    return {status: TypeKey(key) for status, key in sorted(found.items(), key=lambda row: str(row[0]))}


def _success(operation: Operation, answer: Answer, title: Title, place: Place, types: Types) -> _Success:
    draft = types.drafts.get(answer.use.name) if answer.use.module == "own" else None
    if draft and draft.kind == "type":
        silent: dict[str, object] = {"empty": {"done": True}} if answer.silent else {}
        return _Success((draft.name,), {"typename": TypeKey(draft.name), **silent})
    if draft and draft.kind == "union":
        return _Success(draft.types, rule=draft.rule)
    if answer.silent and answer.schema is None:
        key = f"{operation.key} done"
        types.add_done(Place(key, f"{pascal(words(title.field))}Done", home_of(operation)), operation.at)
        return _Success((key,), {"typename": TypeKey(key), "empty": {"done": True}})
    return _box(answer, place, types)


def _box(answer: Answer, place: Place, types: Types) -> _Success:
    """A type that holds what is no object, or none of a type."""
    kind = _kind(answer, types)
    key = types.choices.boxed(answer.use, answer.schema, place, answer.size, entries=answer.entries)
    return _Success((key,), rule=Rule(boxes=((kind, key),)), boxed=True)


def _kind(answer: Answer, types: Types) -> str:
    """Which JSON it is that is held: a map is an object; what is no JSON comes as text."""
    if answer.entries:
        return "object"
    if answer.use.lists:
        return "array"
    if answer.schema is None:
        return "string"
    kind = str(getattr(types.resolved(answer.schema), "kind", ""))
    return kind if kind in _KINDS and answer.use != JSON else "any"
