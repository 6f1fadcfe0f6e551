from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.auth import Caller
from bff.errors import Unauthenticated

from .crafting import EC, HS, SECRET_ISSUER, an_authenticator, bearer, token

AUTHENTICATOR = an_authenticator(anonymous="explorer")
TOKENS = {"RS256": token(), "ES256": token(EC, "ES256"), "HS256": token(HS, "HS256", iss=SECRET_ISSUER)}
CHARACTERS = st.characters(max_codepoint=255)


def accepted(text: str) -> Caller | None:
    try:
        return asyncio.run(AUTHENTICATOR.caller(bearer(text)))
    except Unauthenticated:
        return None


def mutated(text: str, at: int, length: int, by: str) -> str:
    return text[: at % len(text)] + by + text[at % len(text) + length :]


@pytest.mark.parametrize("algorithm", TOKENS)
@given(st.integers(0, 2_000), st.integers(0, 4), st.text(CHARACTERS, max_size=4))
def test_a_token_with_any_change_is_not_accepted(algorithm: str, at: int, length: int, by: str) -> None:
    good = TOKENS[algorithm]
    changed = mutated(good, at, length, by)
    assert bool(accepted(changed)) == (changed == good)


@pytest.mark.parametrize("algorithm", TOKENS)
def test_no_other_last_character_gives_the_same_signature(algorithm: str) -> None:
    good = TOKENS[algorithm]
    others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
    assert [char for char in others if accepted(good[:-1] + char)] == [good[-1]]


@given(st.text(CHARACTERS, max_size=64))
def test_no_text_is_more_than_a_refusal(text: str) -> None:
    assert accepted(text) is None
