"""The JSON of a leaf: what a service would write for a scalar or an enum, so that its field accepts it. Pure."""

from __future__ import annotations

import enum
from typing import Any

from graphql import GraphQLError, GraphQLNamedType, is_enum_type, is_leaf_type, is_specified_scalar_type

from bff.mock.dice import Dice
from bff.mock.words import day, number_of, text_of

# What custom scalars are written as, by name; one that is not here gets the first of these that it accepts.
FORMS = {
    "Date": "{day}",
    "DateTime": "{day}T{hour:02}:{minute:02}:00+00:00",
    "Time": "{hour:02}:{minute:02}:00",
    "Decimal": "{number}.{minute:02}",
    "UUID": "{low:08x}-0000-4000-8000-{high:012x}",
    "Base64": "bW9jaw==",
    "Base64URL": "bW9jaw==",
    "JSON": "{word}",
    "URL": "https://example.com/{low}",
    "Void": "",
}


def leaf(type_: GraphQLNamedType, words: str, dice: Dice, place: str) -> Any:
    """A value of the leaf type for what is called `words`; `place` is what it is drawn for."""
    if is_enum_type(type_):
        value = dice.pick(sorted(type_.values), place)
        return _plain(type_.values[value].value)
    if not is_specified_scalar_type(type_):
        return _custom(type_, words, dice, place)
    if type_.name == "Boolean":
        return dice.number(2, place) == 1
    if type_.name == "Int":
        return number_of(words, dice, place)
    if type_.name == "Float":
        return number_of(words, dice, place) + dice.number(100, place, "part") / 100
    return text_of(words, dice, place)


def fits(type_: GraphQLNamedType, value: Any) -> bool:
    """Whether a field of this leaf type accepts this JSON; the check that the plan makes of every answer."""
    custom = not is_specified_scalar_type(type_) and not is_enum_type(type_)
    try:
        if is_leaf_type(type_):
            type_.coerce_output_value(type_.coerce_input_value(value) if custom else value)
    except (GraphQLError, TypeError, ValueError, ArithmeticError):
        return False
    return is_leaf_type(type_)


def as_leaf(type_: GraphQLNamedType, text: Any) -> Any:
    """A text out of a URL as the JSON that a service would write for it: 7 for "7" where the field is a number."""
    if type_.name in {"Int", "Float"} and isinstance(text, str):
        try:
            return int(text) if type_.name == "Int" else float(text)
        except ValueError:
            return text
    if type_.name == "Boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _custom(type_: GraphQLNamedType, words: str, dice: Dice, place: str) -> Any:
    drawn: dict[str, Any] = {
        "day": day(dice, place),
        "hour": dice.number(24, place, 4),
        "minute": dice.number(60, place, 5),
        "low": dice.number(1 << 32, place, 6),
        "high": dice.number(1 << 48, place, 7),
        "number": number_of(words, dice, place),
        "word": text_of(words, dice, place),
    }
    forms = [FORMS[type_.name]] if type_.name in FORMS else list(FORMS.values())
    tries: list[Any] = [form.format(**drawn) for form in forms]
    tries += [drawn["number"], drawn["number"] / 4, drawn["word"], True, {}, []]
    return next((value for value in tries if fits(type_, value)), None)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value
