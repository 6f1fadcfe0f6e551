from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.auth.keys import Key, new_key, parse

KEY, DIGEST = new_key()
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_new_key_has_a_prefix_an_id_256_bits_and_a_checksum() -> None:
    assert re.fullmatch(r"bff_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}", KEY)


def test_a_new_key_comes_with_its_sha_256() -> None:
    assert sha256(KEY.encode()).hexdigest() == DIGEST


def test_a_new_key_is_read_back() -> None:
    assert parse(KEY) == Key(KEY[4:14], bytes.fromhex(DIGEST))


def test_no_two_keys_are_alike() -> None:
    assert len({new_key()[0] for _ in range(1_000)}) == 1_000


def test_keys_made_before_are_still_keys() -> None:
    """The format is a promise: digests of such keys stand in configurations."""
    assert parse("bff_0123456789_" + "0" * 43 + "2J0GE4") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bff",
        "bff_",
        KEY[:-1],
        KEY[1:],
        KEY + "0",
        KEY + "\n",
        " " + KEY,
        KEY.upper(),
        KEY.replace("bff_", "Bff_"),
        KEY.replace("_", "-"),
        KEY[:20] + "é" + KEY[21:],
        KEY[:20] + "\u0661" + KEY[21:],
        KEY[:20] + "\x00" + KEY[21:],
        KEY * 2,
        "0" * 1_000_000,
        "bff_" + "0" * 1_000_000,
        "bff_0123456789_" + "0" * 49,
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_what_is_no_key_is_not_read(text: str) -> None:
    assert parse(text) is None


@given(st.integers(0, len(KEY) - 1), st.sampled_from(BASE62 + "_-. é"))
def test_one_changed_character_is_noticed(at: int, char: str) -> None:
    changed = KEY[:at] + char + KEY[at + 1 :]
    assert (parse(changed) is not None) == (changed == KEY)


@given(st.integers(0, len(KEY) - 2))
def test_two_swapped_characters_are_noticed(at: int) -> None:
    swapped = KEY[:at] + KEY[at + 1] + KEY[at] + KEY[at + 2 :]
    assert (parse(swapped) is not None) == (swapped == KEY)
