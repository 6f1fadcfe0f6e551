"""The gateway's own Cache-Control follows from those of its parts."""

from __future__ import annotations

import pytest

from bff.telemetry import Freshness
from bff.upstreams import response_policy, response_vary

NOW = 1_000.0


def part(left: float, *, private: bool = False) -> Freshness:
    return Freshness(NOW + left, private)


@pytest.mark.parametrize(
    ("parts", "identified", "policy"),
    [
        ([], False, "no-store"),
        ([], True, "no-store"),
        ([None], False, "no-store"),
        ([part(60), None], False, "no-store"),
        ([None, part(60)], False, "no-store"),
        ([part(60)], False, "public, max-age=60"),
        ([part(60), part(37.9)], False, "public, max-age=37"),
        ([part(60), part(37, private=True)], False, "private, max-age=37"),
        ([part(60, private=True), part(37)], False, "private, max-age=37"),
        ([part(60)], True, "private, max-age=60"),
        ([part(60), part(0.9)], False, "no-store"),
        ([part(60), part(-5)], False, "no-store"),
    ],
)
def test_an_answer_is_fresh_as_long_as_its_least_fresh_part_and_anybodys_if_all_are(
    parts: list[Freshness | None], identified: bool, policy: str
) -> None:
    assert response_policy(parts, now=NOW, identified=identified) == policy


def test_an_answer_differs_by_credentials_and_by_what_is_forwarded() -> None:
    assert response_vary([]) == ("authorization", "x-api-key")
    forwards = [frozenset({"accept-language"}), frozenset({"authorization"})]
    assert response_vary(forwards) == ("accept-language", "authorization", "x-api-key")
