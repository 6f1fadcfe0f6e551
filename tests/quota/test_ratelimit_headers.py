from __future__ import annotations

import re

import pytest

from bff.errors import QuotaExceeded
from bff.limits.quota import Account, Standing, Tier, refusal, standing
from bff.limits.ratelimit_headers import fields, rate_limit, rate_limit_policy
from bff.limits.store import refused

EXPLORER = Tier(points_per_window=600, burst=600)
WHOLE = Tier(points_per_window=600, burst=900, window=60, requests_per_second=20, max_concurrent=4)

# A List of Strings with parameters, RFC 9651 4.1.1 and 4.1.3: what a strict parser takes, and not a space more.
STRING = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"'
ITEM = rf"{STRING}(?:;[a-z*][a-z0-9_.*-]*=(?:-?[0-9]{{1,15}}|{STRING}))*"
LIST = re.compile(rf"{ITEM}(?:, {ITEM})*", re.ASCII)


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        (EXPLORER, '"points";q=600;w=60'),
        (WHOLE, '"points";q=600;w=60, "requests";q=20;w=1, "concurrent";q=4;qu="concurrent-requests"'),
    ],
)
def test_the_policy_names_every_limit_of_the_tier(tier, expected):
    assert rate_limit_policy(tier) == expected
    assert LIST.fullmatch(expected)


@pytest.mark.parametrize(
    ("found", "retry_after", "expected"),
    [
        (Standing(600, 550, 5), None, '"points";r=550;t=5'),
        (Standing(600, 550, 5, requests_remaining=19), None, '"points";r=550;t=5, "requests";r=19'),
        (Standing(600, 0, 60, 19, 0), None, '"points";r=0;t=60, "requests";r=19, "concurrent";r=0'),
        (Standing(600, 0, 60), 2, '"points";r=0;t=2'),
        (Standing(600, 10**20, 0), None, '"points";r=999999999999999;t=0'),
    ],
)
def test_what_remains_is_said_for_each_of_them(found, retry_after, expected):
    assert rate_limit(found.numbers, retry_after) == expected.encode()
    assert LIST.fullmatch(expected)


def test_an_answer_has_both_fields():
    assert fields(EXPLORER, Standing(600, 550, 5).numbers) == (
        ("RateLimit-Policy", '"points";q=600;w=60'),
        ("RateLimit", '"points";r=550;t=5'),
    )


def test_a_refusal_says_when_to_come_back_in_whole_seconds():
    account = Account(0, spent=595 * 60_000)
    found = refusal(account, EXPLORER, 20)
    assert found
    error = refused(found, EXPLORER, 20, standing(account, EXPLORER))
    assert type(error) is QuotaExceeded
    assert error.extensions == {
        "code": "QUOTA_EXCEEDED",
        "retryAfter": 2,
        "price": 20,
        "limit": 600,
        "remaining": 5,
        "reset": 60,
    }
    assert fields(EXPLORER, error.numbers, error.retry_after) == (
        ("RateLimit-Policy", '"points";q=600;w=60'),
        ("RateLimit", '"points";r=5;t=2'),
        ("Retry-After", "2"),
    )
