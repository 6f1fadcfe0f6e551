"""A refusal that is one of several objects: its types stand in the mutation's union, and a rule tells them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.openapi.graph.rules import together
from bff.openapi.graph.wanted import Rule
from tests.openapi.live import Live, live
from tests.openapi.test_calls import TEXT, document, json_of, ref

TAKEN = {"type": "object", "required": ["by"], "properties": {"by": TEXT, "kind": {"const": "taken"}}}
FULL = {"type": "object", "required": ["most"], "properties": {"most": {"type": "integer"}, "kind": {"const": "full"}}}
KINDS = {
    "propertyName": "kind",
    "mapping": {"taken": "#/components/schemas/Taken", "full": "#/components/schemas/Full"},
}
EITHER: dict[str, Any] = {"oneOf": [ref("Taken"), ref("Full")]}
TOLD: dict[str, Any] = {**EITHER, "discriminator": KINDS}
PETS = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
ASKS = "mutation { it { __typename ... on Taken { by } ... on Full { most } %s } }"


def writing(fine: Any, **refused: Any) -> dict[str, Any]:
    answers = {status.strip("_"): {"description": "", **json_of(schema)} for status, schema in refused.items()}
    made = document("/x", "post", {"responses": {"200": {"description": "", **json_of(fine)}, **answers}})
    made["components"]["schemas"] |= {
        "Taken": TAKEN,
        "Full": FULL,
        "Problem": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": TEXT, "why": TEXT},
            "discriminator": {"propertyName": "kind"},
        },
        "Late": {"allOf": [ref("Problem"), {"type": "object", "properties": {"by": TEXT}}]},
    }
    return made


async def comes(project: Live, of: str, value: Any) -> None:
    found = await project.ask(ASKS % of)
    assert found == {"data": {"it": value}}


@pytest.mark.parametrize("schema", [EITHER, TOLD, {"anyOf": EITHER["oneOf"]}], ids=["members", "told", "anyOf"])
@pytest.mark.parametrize("status", ["409 Conflict", "422 Unprocessable"])
async def test_a_refusal_of_several_kinds_is_the_type_that_it_is(schema: Any, status: str, tmp_path: Path) -> None:
    written = writing(ref("Cat"), _409=schema, _422=schema)
    async with live(tmp_path, written, {"by": "ana", "kind": "taken"}, status) as project:
        await comes(project, "... on Cat { lives }", {"__typename": "Taken", "by": "ana"})
        assert "error-union" not in project.levels
        assert "plain-error" not in project.levels


@pytest.mark.parametrize(
    ("fine", "of", "said", "value"),
    [
        (ref("Cat"), "... on Cat { lives }", {"lives": 9}, {"__typename": "Cat", "lives": 9}),
        (TEXT, "... on ItText { value }", "done", {"__typename": "ItText", "value": "done"}),
        ({"type": "array", "items": TEXT}, "... on ItList { value }", ["a"], {"__typename": "ItList", "value": ["a"]}),
    ],
    ids=str,
)
async def test_a_success_beside_such_a_refusal_is_what_it_was(
    fine: Any, of: str, said: Any, value: Any, tmp_path: Path
) -> None:
    async with live(tmp_path, writing(fine, _422=EITHER), said) as project:
        await comes(project, of, value)


async def test_the_refusal_beside_a_text_is_told_too(tmp_path: Path) -> None:
    async with live(tmp_path, writing(TEXT, _422=EITHER), {"most": 3}, "422 No") as project:
        await comes(project, "... on ItText { value }", {"__typename": "Full", "most": 3})


@pytest.mark.parametrize(("kind", "name"), [("Late", "Late"), ("other", "Problem")])
async def test_a_refusal_that_others_extend_is_one_of_them(kind: str, name: str, tmp_path: Path) -> None:
    said = {"kind": kind, "why": "so", "by": "ana"}
    async with live(tmp_path, writing(ref("Cat"), _4XX=ref("Problem")), said, "418 No") as project:
        found = await project.ask("mutation { it { __typename ... on Problem { why } ... on Late { by } } }")
        assert found["data"]["it"]["__typename"] == name


@pytest.mark.parametrize(
    ("fine", "refused", "code"),
    [
        (PETS, EITHER, "error-union"),  # a success by its kind, a refusal by its members: no rule says both
        (ref("Cat"), {"oneOf": [ref("Taken"), TEXT]}, "plain-error"),
        (ref("Cat"), {"oneOf": [{"type": "object", "properties": {"a": TEXT}},
                                {"type": "object", "properties": {"b": TEXT}}]}, "plain-error"),
        (ref("Cat"), {"type": "array", "items": ref("Taken")}, "plain-error"),
    ],
    ids=["two rules", "text", "untold", "list"],
)  # fmt: skip
async def test_what_cannot_be_told_stays_an_error_and_is_said(
    fine: Any, refused: Any, code: str, tmp_path: Path
) -> None:
    async with live(tmp_path, writing(fine, _422=refused), {"by": "ana"}, "422 No") as project:
        found = await project.ask("mutation { it { __typename } }")
        assert found["errors"][0]["extensions"]["code"] == "UPSTREAM_STATUS"
        assert code in project.levels


def test_two_rules_are_one_where_no_object_could_be_either() -> None:
    cats, dogs = Rule(by="kind", values=(("cat", "Cat"),)), Rule(by="kind", values=(("dog", "Dog"),))
    assert together(cats, dogs) == Rule(by="kind", values=(("cat", "Cat"), ("dog", "Dog")))
    assert together(cats, Rule(by="kind", values=(("cat", "Other"),))) is None
    assert together(cats, Rule(by="type", values=(("dog", "Dog"),))) is None
    assert together(Rule(), cats) == together(cats, Rule()) == together(cats, cats) == cats
    told = Rule(members=(("Cat", ("lives",)),))
    assert together(cats, told) is None
    assert together(Rule(boxes=(("string", "Text"),)), told) == Rule(members=told.members, boxes=(("string", "Text"),))
    assert together(Rule(boxes=(("any", "Value"),)), told) is None
