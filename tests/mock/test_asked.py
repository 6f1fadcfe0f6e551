"""A request read backwards: the variables that it was made of."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bff import upstream
from bff.connectors import Connector
from bff.connectors.media import FORM
from bff.mock import Fault, parse_fault, written
from bff.mock.asked import asked
from bff.plan.call import fill
from bff.plan.carried import carried
from bff.upstreams import Request

service = upstream("service")
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(
    lambda text: text not in {".", ".."}
)
plain_texts = st.text("abcXYZ019", min_size=1, max_size=8)
plain_lists = st.lists(plain_texts, min_size=1, max_size=4)
lists = st.lists(texts, min_size=1, max_size=4)


def request_of(connector: Connector, values: dict[str, Any], *each: dict[str, Any]) -> Request:
    content_type, body = (
        (None, None) if connector.body is None else connector.encode(fill(connector.body, values, each))
    )
    assert body is None or isinstance(body, bytes)
    headers = carried(connector, values, content_type, ())
    target = connector.template.expand(values)
    return Request(connector.method, target, math.inf, headers, body, connector.label)


@pytest.mark.parametrize(
    ("connector", "strategies"),
    [
        (service.get("/things/{id}"), {"id": texts}),
        (service.get("/things/{a}/of/{b}{?q}"), {"a": texts, "b": texts, "q": texts}),
        (service.get("/things{/id}"), {"id": texts}),
        (service.get("/things{?id*}", key="id"), {"id": lists}),
        (service.get("/things{?ids,limit}", key={"ids": "id"}), {"ids": lists, "limit": texts}),
        (service.get("/things?fixed=1{&tag*}"), {"tag": lists}),
        (service.get("/things{?ids}", key={"ids": "id"}, joins={"ids": "|"}), {"ids": plain_lists}),
        (service.get("/things{?f}", names={"f": "filter[a]"}), {"f": texts}),
        (service.get("/things/{a}{.b}"), {"a": plain_texts, "b": plain_texts}),
        (service.get("/things{;a,b}"), {"a": texts, "b": texts}),
        (service.get("/things", cookies={"session": "s"}), {"s": plain_texts}),
        (service.get("/things", headers={"x-token": "token"}), {"token": texts}),
        (service.post("/things", body="input", media=FORM), {"input": st.dictionaries(texts, texts, min_size=1)}),
        (service.post("/things", body="input"), {"input": st.dictionaries(texts, texts | lists)}),
        (service.post("/query", body={"filter": {"ids": "id"}}, key="id"), {"id": lists}),
    ],
    ids=lambda value: value.label if isinstance(value, Connector) else "",
)
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_what_was_put_in_comes_out(connector: Connector, strategies: dict[str, Any], data: st.DataObject) -> None:
    values = data.draw(st.fixed_dictionaries(strategies))
    assert asked(connector, request_of(connector, values)) == values


def test_composite_keys_come_out_as_lists_of_equal_length() -> None:
    connector = service.post("/rates", body=[{"a": "x", "b": "y"}], key=("x", "y"))
    request = request_of(connector, {}, {"x": "1", "y": "2"}, {"x": "3", "y": "4"})
    assert asked(connector, request) == {"x": ["1", "3"], "y": ["2", "4"]}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cities:status=503", Fault(status=503)),
        ("cities:status=503, rate=0.25,latency=200ms,gaps=1", Fault(503, 0.25, 0.2, 1.0)),
        ("cities:latency=1s", Fault(latency=1.0)),
    ],
)
def test_a_fault_is_read_and_written_again(text: str, fault: Fault) -> None:
    assert parse_fault(text) == ("cities", fault)
    assert parse_fault(f"cities:{written(fault)}") == ("cities", fault)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cities", "is SERVICE:NAME=VALUE"),
        ("cities:", "'' is no fault; there are status, rate, latency, gaps"),
        ("cities:speed=9", "'speed' is no fault"),
        ("cities:status=200", "a status is a number from 400 to 599"),
        ("cities:rate=2", "a share is a number from 0 to 1"),
        ("cities:gaps=nan", "a share is a number from 0 to 1"),
        ("cities:latency=5", "a latency is a duration with a unit, such as 200ms"),
    ],
)
def test_what_is_no_fault_is_refused_saying_what_would_be(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_fault(text)
