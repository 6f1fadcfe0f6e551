from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.errors import Unauthenticated
from bff.webhooks.signature import Message, believed

from .sender import NOW, OTHER, SECRET, key, sign

BODY = b'{"test": 2432232314}'


def judged(headers: dict[str, str], body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), now: float = NOW) -> Any:
    try:
        return believed(headers, body, [key(secret) for secret in secrets], now=now, tolerance=300)
    except Unauthenticated as refused:
        return refused.detail.partition(",")[0]


def test_the_known_example_is_believed() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert judged(headers) == Message("msg_p5jXN8AQM9LWM0D4loKWxJek", BODY)


@pytest.mark.parametrize("behind", ["sender", "receiver", "both"])
def test_either_side_can_change_its_secret_without_losing_a_message(behind: str) -> None:
    sends = {"sender": (OTHER,), "receiver": (SECRET, OTHER), "both": (OTHER, SECRET)}[behind]
    takes = {"sender": (SECRET, OTHER), "receiver": (SECRET,), "both": (SECRET,)}[behind]
    assert judged(sign(BODY, "m", NOW, *sends), secrets=takes) == Message("m", BODY)


def test_other_kinds_of_signatures_are_passed_over() -> None:
    headers = sign(BODY)
    headers["webhook-signature"] = f"v1a,abc v2,def {headers['webhook-signature']} nonsense"
    assert judged(headers) == Message("msg_1", BODY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": sign(BODY)["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": sign(BODY)["webhook-signature"].replace("v1,", "v1a,")},
        {"webhook-signature": sign(BODY, "msg_1", NOW, OTHER)["webhook-signature"]},
        {"webhook-signature": " ".join(["v1,x"] * 10 + [sign(BODY)["webhook-signature"]])},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(NOW + 1)},
    ],
)
def test_what_no_secret_has_signed_is_refused(wrong: dict[str, str]) -> None:
    assert judged(sign(BODY) | wrong) == "no signature is that of a secret"


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-id": ""},
        {"webhook-id": "a.1"},
        {"webhook-id": "a b"},
        {"webhook-id": "x" * 257},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 13},
    ],
)
def test_what_cannot_be_an_id_or_a_time_is_refused_though_it_were_signed(wrong: dict[str, str]) -> None:
    assert judged(sign(BODY) | wrong) == "no webhook-id or webhook-timestamp"


@pytest.mark.parametrize(
    ("now", "good"), [(NOW - 301, False), (NOW - 300, True), (NOW + 300, True), (NOW + 301, False)]
)
def test_a_signature_is_good_for_a_while_before_and_after_its_time(now: float, good: bool) -> None:
    assert judged(sign(BODY), now=now) == (Message("msg_1", BODY) if good else "signed too long ago")


@given(st.binary(max_size=100), st.binary(max_size=100), st.integers(0, 1_000))
def test_no_other_body_passes_under_a_signature(body: bytes, other: bytes, at: int) -> None:
    changed = body[:at] + other + body[at:]
    found = judged(sign(body), changed)
    assert found == (Message("msg_1", body) if changed == body else "no signature is that of a secret")
