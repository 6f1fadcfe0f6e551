"""docs/auth.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from bff.auth.compact import FORBIDDEN, TYPES
from bff.auth.issuer import LONGEST_LEEWAY
from bff.auth.jwk import LARGEST_RSA, SMALLEST_RSA
from bff.auth.refresh import Freshness

from .crafting import an_issuer

PAGE = (Path(__file__).parents[2] / "docs" / "auth.md").read_text("utf-8")


def row(start: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| {start}"))


def test_it_names_every_header_member_that_is_never_accepted() -> None:
    assert set(row("refused headers").split("`")[1::2]) == FORBIDDEN


def test_it_names_every_type_of_token() -> None:
    assert {word.lower() for word in row("`typ`").split("`")[3::2]} == TYPES


def test_its_figures_are_those_of_the_code() -> None:
    rules, issuer = Freshness(), an_issuer()
    assert f"again after {rules.ahead / 60:.0f} minutes" in row("fetched")
    assert f"{rules.max_age / 60:.0f} minutes" in row("believed")
    assert f"({rules.timeout:.0f} s at most)" in row("believed")
    assert f"every {rules.cooldown:.0f} s" in row("the issuer is down")
    assert f"every {rules.retry:.0f} s" in row("no keys at all")
    assert f"`leeway` is {issuer.leeway} s unless configured, {LONGEST_LEEWAY} s at most" in PAGE
    assert f"under {SMALLEST_RSA} or over {LARGEST_RSA} bits" in PAGE
    assert (rules.stale, issuer.max_lifetime) == (3_600, 86_400)  # an hour, one day
