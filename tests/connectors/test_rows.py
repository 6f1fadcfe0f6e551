"""Rows are matched to keys by value, whatever a service does to their order and number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff import upstream
from bff.connectors.rows import key_text, matched, row_of, rows_of
from bff.errors import UpstreamMalformed

cities = upstream("cities")
one = cities.get("/cities{?id*}", key="id")
many = cities.get("/cities{?country*}", key="country", many=True, rows="items")
composite = cities.post(
    "/holidays/batch", body=[{"country": "country", "year": "year"}], key=("country", "year"), many=True
)
by_key = cities.get("/cities{?id*}", key="id", by_key=True, rows="found")


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, **more}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([row(1), row(2), row(3)], [row(1), row(2), row(3)]),
        ([row(3), row(1), row(2)], [row(1), row(2), row(3)]),
        ([row(2)], [None, row(2), None]),
        ([], [None, None, None]),
        ([row(1, first=True), row(1), row(2), row(2)], [row(1, first=True), row(2), None]),
        ([row(9), row(1), row(8)], [row(1), None, None]),
        ([{"id": "1"}, {"id": 2.5}], [{"id": "1"}, None, None]),
        ([{"id": 1.0}, {"id": "2.0"}, {"id": True}], [{"id": 1.0}, None, None]),
    ],
    ids=["in order", "shuffled", "missing", "nothing", "duplicated", "surplus", "ids as text", "ids as floats"],
)
def test_one_row_for_each_key(answer: Any, expected: list[Any]) -> None:
    assert matched(one, answer, [("1",), ("2",), ("3",)]) == expected


def test_many_rows_for_each_key_keep_their_order() -> None:
    rows = [{"country": "PT", "id": 1}, {"country": "ES", "id": 2}, {"country": "PT", "id": 3}, {"country": "XX"}]
    assert matched(many, {"items": rows}, [("ES",), ("PT",), ("FR",)]) == [[rows[1]], [rows[0], rows[2]], []]


def test_a_composite_key_is_matched_as_a_whole() -> None:
    rows = [{"country": "PT", "year": 2026}, {"country": "PT", "year": 2025}, {"country": "ES", "year": 2026}]
    assert matched(composite, rows, [("PT", "2025"), ("ES", "2025")]) == [[rows[1]], []]


def test_rows_may_be_members_named_by_their_key() -> None:
    assert matched(by_key, {"found": {"2": row(2)}}, [("1",), ("2",)]) == [None, row(2)]


@pytest.mark.parametrize(
    "answer", [{"items": []}, None, "text", 7, [{"no": "id"}], [None], ["text"], [{"id": None}]], ids=repr
)
def test_an_answer_of_another_shape_is_an_error_for_its_keys_and_never_a_guess(answer: Any) -> None:
    with pytest.raises(UpstreamMalformed):
        matched(one, answer, [("1",)])


def test_a_list_is_never_cut_down_to_its_first_nor_one_row_made_a_list() -> None:
    assert row_of(cities.get("/cities/{id}"), [row(1)]) == [row(1)]  # which a field of one City refuses
    with pytest.raises(UpstreamMalformed):
        rows_of(cities.get("/cities", many=True), row(1))


@pytest.mark.parametrize(
    ("path", "answer", "is_none"),
    [
        ("", None, True),
        ("items", {"items": None}, True),
        ("items", {}, False),
        ("items", "text", False),
        ("page.items", {"page": {"items": None}}, True),
        ("page.items", {"page": None}, False),
        ("_embedded.cities", {"_links": {}}, True),
        ("_embedded.cities", {"_embedded": {}}, False),
        ("_embedded.cities", [], False),
    ],
)
def test_a_list_that_is_null_or_embedded_nowhere_has_no_rows(path: str, answer: Any, *, is_none: bool) -> None:
    connector = cities.get("/cities", many=True, rows=path)
    if is_none:
        assert rows_of(connector, answer) == []
    else:
        with pytest.raises(UpstreamMalformed):
            rows_of(connector, answer)


@pytest.mark.parametrize(("value", "text"), [(7, "7"), ("7", "7"), (True, "true"), (False, "false"), (1.5, "1.5")])
def test_keys_are_compared_as_text_and_true_is_not_one(value: Any, text: str) -> None:
    assert key_text(value) == text


@given(
    keys=st.lists(st.integers(0, 30), unique=True),
    present=st.sets(st.integers(0, 30)),
    data=st.data(),
)
def test_every_key_gets_its_own_row_or_nothing(keys: list[int], present: set[int], data: st.DataObject) -> None:
    rows = data.draw(st.permutations([row(number) for number in present] * 2))
    found = matched(one, rows, [(str(key),) for key in keys])
    assert found == [row(key) if key in present else None for key in keys]


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: cities.get("/cities", key="id"), "'id' is no variable"),
        (lambda: cities.get("/cities{?a*,b*}", key=("a", "b")), "needs body="),
        (lambda: cities.get("/cities{?id*}", key="id", max_batch=0), "max_batch must be at least 1"),
        (lambda: cities.get("/cities{?id}", by_key=True), "by_key needs a key"),
        (lambda: cities.get("/cities/{id", key="id"), "without its partner"),
    ],
)
def test_a_connector_that_cannot_work_is_refused_where_it_is_declared(declare: Any, says: str) -> None:
    with pytest.raises(ValueError, match=r"^.+$") as refused:
        declare()
    assert says in str(refused.value)
