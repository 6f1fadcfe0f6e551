"""What clients may say over a WebSocket, as text: a message of the protocol, or a refusal, whatever comes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.errors import BadRequest
from bff.operation import Answer
from bff.origins.sockets import may_connect
from bff.socket import messages
from bff.socket.messages import Beat, Complete, Init, Subscribe

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from(["connection_init", "subscribe", "complete", "ping", "pong", "next", "start"]) | json_values
said = st.fixed_dictionaries(
    {},
    optional={
        "type": types,
        "id": st.just("1") | json_values,
        "payload": st.fixed_dictionaries({"query": st.just("{ a }")}) | json_values,
        "more": json_values,
    },
)


@given(said.map(json.dumps) | json_values.map(json.dumps) | st.text())
def test_whatever_comes_is_a_message_or_refused_in_words(text: str) -> None:
    with suppress(BadRequest):
        assert isinstance(messages.read(text), Init | Subscribe | Complete | Beat)


@given(st.text(min_size=1, max_size=messages.LONGEST_ID), json_values)
def test_what_is_said_is_json_on_one_line_with_the_id_as_it_came(id_: str, value: Any) -> None:
    try:
        id_.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no frame of text holds
        return
    answer = Answer([], {"a": value}, ran=True).text
    for text, expected in (
        (messages.following(id_, answer), {"id": id_, "type": "next", "payload": {"data": {"a": value}}}),
        (messages.complete(id_), {"id": id_, "type": "complete"}),
        (messages.error(id_, [{"message": "no"}]), {"id": id_, "type": "error", "payload": [{"message": "no"}]}),
    ):
        assert json.loads(text) == expected
        assert "\n" not in text


@given(st.text(max_size=200))
def test_a_reason_fits_a_close_frame_and_is_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert text.startswith(messages.reason(text))
    assert len(messages.reason(text).encode()) <= messages.LONGEST_REASON


@pytest.mark.parametrize(
    ("origin", "host", "origins", "allowed"),
    [
        (None, "api.example.com", (), True),
        ("https://api.example.com", "api.example.com", (), True),
        ("https://API.example.com", "api.example.com:443", (), True),
        ("http://api.example.com:80", "api.example.com", (), True),
        ("http://api.example.com:4000", "api.example.com:4000", (), True),
        ("https://api.example.com:4000", "api.example.com", (), False),
        ("https://api.example.com.evil.example", "api.example.com", (), False),
        ("https://evil.example", "api.example.com", ("*",), True),
        ("https://app.example.com", "api.example.com", ("https://app.example.com",), True),
        ("http://app.example.com", "api.example.com", ("https://app.example.com",), False),
        ("file://", "", (), False),
        ("null", "null", (), False),
        ("ws://api.example.com", "api.example.com", (), False),
        ("", "", (), False),
    ],
)
def test_pages_may_connect_to_their_own_host_and_where_they_are_named(
    origin: str | None, host: str, origins: tuple[str, ...], *, allowed: bool
) -> None:
    assert may_connect(origin, host, frozenset(origins)) is allowed
