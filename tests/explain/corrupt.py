"""Documents that are wrong somewhere, made of right ones: what people and scanners send to find out what there is."""

from __future__ import annotations

import random
import re
from typing import Any

NAME = re.compile(r"[_A-Za-z]\w*")
ARGUMENTS = re.compile(r"\([^()]*\)")
SELECTIONS = re.compile(r"\{[^{}]*\}")
VALUE = re.compile(r'"[^"]*"|\b\d+\b|\btrue\b|\bfalse\b|\bnull\b')
VALUES = ("7", '"x"', "null", "true", "[1, [2]]", "{a: 1}", "SOMEWHERE", "$nowhere", "99999999999", '"2026-99-99"')
JSON_VALUES: tuple[Any, ...] = (None, 7, "x", True, [], [[1]], {}, {"a": 1}, {"place": 7}, "ASIA", 2**40)


def corrupted(text: str, chance: random.Random) -> str:
    """The document with one to three mistakes in it."""
    for _ in range(chance.randrange(3) + 1):
        text = chance.choice(MISTAKES)(text, chance)
    return text


def corrupted_variables(variables: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Some of them without a value, or with one of another type."""
    kept = {name: value for name, value in variables.items() if chance.randrange(4)}
    return {name: value if chance.randrange(3) else chance.choice(JSON_VALUES) for name, value in kept.items()}


def _somewhere(pattern: re.Pattern[str], text: str, chance: random.Random, by: str) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = chance.choice(found)
    return text[: place.start()] + by.replace("\\0", place[0]) + text[place.end() :]


def _misspelt(text: str, chance: random.Random) -> str:
    return _somewhere(NAME, text, chance, chance.choice(("\\0s", "x\\0", "airprot", "Ciyt", "trps", "nmae")))


def _unselected(text: str, chance: random.Random) -> str:
    return _somewhere(SELECTIONS, text, chance, "")


def _selected(text: str, chance: random.Random) -> str:
    return _somewhere(NAME, text, chance, chance.choice(("\\0 { x }", "\\0 { __typename }", "\\0 { }")))


def _without_arguments(text: str, chance: random.Random) -> str:
    return _somewhere(ARGUMENTS, text, chance, chance.choice(("", "(x: 1)", "(x: $y)", "(frist: 3)")))


def _revalued(text: str, chance: random.Random) -> str:
    return _somewhere(VALUE, text, chance, chance.choice(VALUES))


def _directed(text: str, chance: random.Random) -> str:
    return _somewhere(NAME, text, chance, chance.choice(("\\0 @nope", "\\0 @skip", "\\0 @include(fi: true)")))


def _asking(text: str, chance: random.Random) -> str:
    asked = ("__schema { x: types { name } }", '__type(name: "x") { name }', "...F", "... on Nothing { x }")
    return _somewhere(re.compile(r"\{"), text, chance, f"{{ {chance.choice(asked)} ")


def _declared(text: str, chance: random.Random) -> str:
    return _somewhere(
        re.compile(r": *[A-Z]\w*[!\]]*"), text, chance, chance.choice((": Nothing", ": [Int!]", ": Strng"))
    )


MISTAKES = (
    _misspelt,
    _misspelt,
    _unselected,
    _selected,
    _without_arguments,
    _revalued,
    _directed,
    _asking,
    _declared,
)
