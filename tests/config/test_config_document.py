"""The YAML reader by itself: values, positions, hostile documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.config.document import DEEPEST, MOST, Entries, Items, Scalar, Spot, read_document


def _value(text: str) -> object:
    root = read_document(f"key: {text}").root
    assert isinstance(root, Entries)
    node = root.entries[0].node
    assert isinstance(node, Scalar)
    return node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4000", 4000),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("off", "off"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ('"4000"', "4000"),
        ("'true'", "true"),
        ('""', ""),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_a_value_without_quotes_is_what_yaml_1_2_says(text: str, value: object) -> None:
    found = _value(text)
    assert found == value
    assert type(found) is type(value)


def test_everything_knows_where_it_stands() -> None:
    root = read_document("\n\na: [x, {b: y}]\n").root
    assert isinstance(root, Entries)
    items = root.entries[0].node
    assert isinstance(items, Items)
    inner = items.nodes[1]
    assert isinstance(inner, Entries)
    spots = [root.entries[0].at, items.at, items.nodes[0].at, inner.entries[0].at, inner.entries[0].node.at]
    assert spots == [Spot(3, 1), Spot(3, 4), Spot(3, 5), Spot(3, 9), Spot(3, 12)]


def test_an_absent_value_stands_at_its_key() -> None:
    root = read_document("limits:\ngraph: x\n").root
    assert isinstance(root, Entries)
    assert root.entries[0].node.at == Spot(1, 1)


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n"])
def test_an_empty_file_holds_nothing_and_has_no_flaw(text: str) -> None:
    document = read_document(text)
    assert (document.root, document.flaws) == (None, ())


def _laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 10)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (_laughs(), f"must not hold more than {MOST} values", 4),
        ("a: &a [*a]", "must not use an alias before its anchor is complete", 1),
        ("a: *b", "must not use an alias before its anchor is complete", 1),
        ("[" * 100_000, f"must not be nested deeper than {DEEPEST} levels", 1),
        ("a:\n  - " + "- " * 50 + "x", f"must not be nested deeper than {DEEPEST} levels", 2),
        ("- x\n" * (MOST + 1), f"must not hold more than {MOST} values", MOST),
        ("a: 1\n---\nb: 2", "must be one document, and a second begins here", 3),
        ("[1, 2]: x", "must have plain text as its keys", 1),
        ("a: 1\nb: [", "is not YAML: ", 2),
        ("a: \x00", "is not YAML: a character that YAML does not allow", 1),
        ("a: 1\n\tb: 2", "is not YAML: ", 2),
    ],
)
def test_what_cannot_be_read_is_one_flaw_with_its_line(text: str, message: str, line: int) -> None:
    document = read_document(text)
    assert document.root is None
    flaw = document.flaws[-1]
    assert flaw.message.startswith(message)
    assert flaw.at.line == line


def test_a_chain_of_aliases_is_cut_by_the_number_of_values_before_it_is_deep() -> None:
    chain = "\n".join(["a0: &a0 [x]", *(f"a{at}: &a{at} [*a{at - 1}]" for at in range(1, 1_000))])
    assert read_document(chain).flaws[-1].message == f"must not hold more than {MOST} values"


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!str", "!local", "!"])
def test_a_tag_is_a_flaw_and_runs_nothing(tag: str) -> None:
    assert [flaw.message for flaw in read_document(f"a: {tag} [x]").flaws] == ["must not have a YAML tag"]


def test_a_key_that_comes_twice_is_a_flaw_where_it_comes_again() -> None:
    document = read_document("a: {b: 1, b: 2}\na: 3\n")
    found = [(flaw.place, flaw.at, flaw.hint) for flaw in document.flaws]
    assert found == [
        (("a", "b"), Spot(1, 11), "the first is in line 1"),
        (("a",), Spot(2, 1), "the first is in line 1"),
    ]
    assert document.root is not None


@given(st.text(alphabet="abc:-[]{}&*!|>'\"#%@`,? \n\t\\0\x85\ufeff\x07$", max_size=60))
def test_any_text_is_read_or_has_a_flaw_in_it(text: str) -> None:
    document = read_document(text)
    assert document.flaws or document.root is None or document.root.at.line >= 1
    assert all(flaw.at.line >= 1 and flaw.at.column >= 1 for flaw in document.flaws)
