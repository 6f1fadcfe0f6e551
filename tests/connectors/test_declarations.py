"""What a connector says is understood or refused where it is written, with what would be right."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bff import Cursor, upstream
from bff.connectors.statuses import exact, ranges

things = upstream("things")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"headers": {"x y": "a"}}, "'x y' is no name of a header"),
        ({"headers": {"x\r\nevil": "a"}}, "is no name of a header"),
        ({"headers": {"Accept": "a"}}, "say accept="),
        ({"headers": {"Content-Type": "a"}}, "say media="),
        ({"headers": {"Cookie": "a"}}, "say cookies="),
        ({"headers": {"Host": "a"}}, "it belongs to the connection"),
        ({"cookies": {"a=b": "a"}}, "'a=b' is no name of a cookie"),
        ({"cookies": {"a;b": "a"}}, "is no name of a cookie"),
        ({"media": "form", "body": "a"}, "media='form' is no media type"),
        ({"media": "text/plain"}, "say body="),
        ({"media": "application/x-www-form-urlencoded", "body": [{"a": "a"}]}, "so it is no list"),
        ({"media": "text/plain", "body": {"a": "a"}}, "one value: say body="),
        ({"accept": "json"}, "accept='json' is no media type"),
        ({"accept": "text/plain", "rows": "items"}, "rows= speaks of JSON"),
        ({"accept": "text/plain", "key": "a", "body": "a"}, "key= speaks of JSON"),
        ({"brackets": True, "body": "a"}, "say media='application/x-www-form-urlencoded'"),
        ({"lists": {"a": ","}, "body": "a"}, "lists= speaks of a form"),
        ({"empty": object()}, "empty= is a value that no JSON can hold"),
        ({"errors": {"4": "A"}}, "'4' is no status of an answer: use 422, '4XX', or 'default'"),
        ({"errors": {"6XX": "A"}}, "'6XX' is no status"),
        ({"errors": {100: "A"}}, "100 is no status"),
        ({"errors": {True: "A"}}, "True is no status"),
        ({"errors": {422: "A"}, "many": True}, "no field has both"),
        ({"errors": {422: "A"}, "paging": Cursor(limit="a", cursor="b")}, "a paged call has pages only"),
        ({"names": {"c": "d"}}, "names= speaks of 'c'"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_with_what_would_be_right(
    options: dict[str, Any], says: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(says)):
        things.post("/things{?a,b}", **options)


def test_only_a_post_can_be_said_to_be_safe() -> None:
    assert things.get("/x").safe
    assert not things.post("/x").safe
    assert things.post("/x", safe=True).safe
    with pytest.raises(ValueError, match="a DELETE changes something"):
        things.delete("/x", safe=True)


def test_every_name_that_a_field_must_bind_is_known_once() -> None:
    found = things.post(
        "/x/{a}{?b}", headers={"x-c": "c"}, cookies={"d": "d"}, body={"e": "e", "a": "a"}, names={"b": "B"}
    )
    assert found.variables == ("a", "b", "c", "d", "e")


def test_statuses_stand_for_themselves_then_for_their_hundred_then_for_the_rest() -> None:
    declared: dict[int | str, str] = {422: "Invalid", "409": "Conflict", "4xx": "Wrong", "default": "Problem"}
    assert exact(declared) == {422: "Invalid", 409: "Conflict"}
    found = ranges(declared, {422, 409, 404})
    assert (found[400], found[500], found[302]) == ("Wrong", "Problem", "Problem")
    assert not {200, 204, 299, 404, 409, 422} & set(found)
    assert ranges({"2XX": "Fine", 0: "Problem"}, ())[200] == "Fine"


def test_answers_are_another_word_for_errors() -> None:
    found = things.put("/x", body="b", answers={202: "Accepted"}, errors={409: "Conflict"})
    assert found.errors == {202: "Accepted", 409: "Conflict"}
    assert found.outcomes == {"Accepted", "Conflict"}
