"""What a tier may see, as it says itself or inherits."""

from __future__ import annotations

import pytest

from bff import config

TIER = "{points_per_minute: 10%s}"


@pytest.mark.parametrize(
    ("graphql", "tier", "introspection", "suggestions"),
    [
        ("", "", True, True),
        ("introspection: false", "", False, False),
        ("suggestions: false", "", True, False),
        ("suggestions: true, introspection: false", "", False, False),  # a tier says for itself that it is told names
        ("introspection: false", ", introspection: true", True, True),
        ("suggestions: false", ", introspection: true", True, False),
        ("suggestions: false", ", suggestions: true", True, True),
        ("", ", introspection: false", False, False),
        ("", ", introspection: false, suggestions: true", False, True),
        ("", ", suggestions: false", True, False),
    ],
)
def test_suggestions_follow_introspection_unless_somebody_says_otherwise(
    graphql: str, tier: str, introspection: bool, suggestions: bool
) -> None:
    text = f"graphql: {{{graphql}}}\nauth: {{anonymous: a}}\ntiers: {{a: {TIER % tier}}}"
    found = config.parse(text, {}).allotment("a")
    assert (found.introspection, found.suggestions) == (introspection, suggestions)


@pytest.mark.parametrize("setting", ["explain", "graphiql", "error_sources"])
@pytest.mark.parametrize(
    ("of_all", "own", "holds"),
    [(True, "null", True), (False, "null", False), (True, "false", False), (False, "true", True)],
)
def test_a_switch_of_a_tier_goes_before_that_of_all(setting: str, of_all: bool, own: str, holds: bool) -> None:
    tier = TIER % f", {setting}: {own}"
    text = f"graphql: {{{setting}: {str(of_all).lower()}}}\nauth: {{anonymous: a}}\ntiers: {{a: {tier}}}"
    assert getattr(config.parse(text, {}).allotment("a"), setting) is holds
