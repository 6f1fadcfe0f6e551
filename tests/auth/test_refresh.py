from __future__ import annotations

from dataclasses import replace

import pytest

from bff.auth.key_set import read_key_set
from bff.auth.refresh import Freshness, Held, Need, need

from .crafting import EC, OTHER_RSA, RSA, document

RULES = Freshness(max_age=600, ahead=480, cooldown=30, retry=5, stale=3600)
KEYS = read_key_set(document(RSA.jwk()), ("RS256",))
TWO = read_key_set(document(RSA.jwk(), OTHER_RSA.jwk()), ("RS256",))
NOTHING = Held()
FRESH = Held(KEYS, fetched=0, tried=0)
NOW, LATER, NO = Need.NOW, Need.LATER, Need.NOTHING


@pytest.mark.parametrize(
    ("held", "kid", "at", "expected"),
    [
        (NOTHING, "rsa", 0, NOW),
        (NOTHING.failed(0), "rsa", 4.9, NO),
        (NOTHING.failed(0), "rsa", 5, NOW),
        (FRESH, "rsa", 1, NO),
        (FRESH, None, 1, NO),
        (FRESH, "rsa", 479, NO),
        (FRESH, "rsa", 480, LATER),
        (FRESH.failed(480), "rsa", 509, NO),
        (FRESH.failed(480), "rsa", 510, LATER),
        (FRESH, "rsa", 600, NOW),
        (FRESH.failed(599), "rsa", 600, NOW),
        (FRESH.failed(600), "rsa", 601, NO),
        (FRESH.failed(600), "rsa", 630, LATER),
        (FRESH.failed(3590), "rsa", 3599, NO),
        (FRESH.failed(3590), "rsa", 3600, NOW),
        (FRESH.failed(3599), "rsa", 3600, NO),
        (replace(FRESH, keys=TWO), None, 1, NO),
        (FRESH, "new", 1, NOW),
        (replace(FRESH, in_vain=1), "new", 30.9, NO),
        (replace(FRESH, in_vain=1), "new", 31, NOW),
        (replace(FRESH, in_vain=470), "new", 480, LATER),
    ],
)
def test_when_keys_are_fetched_and_who_waits(held: Held, kid: str | None, at: float, expected: Need) -> None:
    assert need(held, kid, RULES, at, fetching=False) is expected


@pytest.mark.parametrize(
    ("held", "kid", "at", "expected"),
    [
        (NOTHING, "rsa", 0, NOW),
        (replace(FRESH, in_vain=1), "new", 2, NOW),
        (FRESH, "rsa", 500, LATER),
        (FRESH, "rsa", 600, NOW),
        (FRESH.failed(600), "rsa", 640, LATER),
    ],
)
def test_a_fetch_under_way_is_waited_for_only_by_who_cannot_go_on(
    held: Held, kid: str, at: float, expected: Need
) -> None:
    assert need(held, kid, RULES, at, fetching=True) is expected


def test_equal_keys_stay_the_same_object() -> None:
    again = read_key_set(document(RSA.jwk()), ("RS256",))
    other = read_key_set(document(RSA.jwk(), EC.jwk()), ("RS256", "ES256"))
    assert FRESH.renewed(again, 10) == replace(FRESH, fetched=10, tried=10)
    assert FRESH.renewed(other, 10).keys is other
