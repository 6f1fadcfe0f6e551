"""Durations and sizes: what is read, what is refused, and that printing and reading agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.config import units


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("2s", 2.0), ("5m", 300.0), ("1h", 3600.0), ("0s", 0.0), ("007s", 7.0)]
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("512B", 512), ("256KiB", 262_144), ("10MiB", 10_485_760), ("1MB", 1_000_000), ("3KB", 3_000), ("1GiB", 1024**3)],
)
def test_a_size_is_read_as_bytes(text: str, size: int) -> None:
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2", "s", "2 s", "1.5s", "-1s", "+1s", "2S", "2s\n", " 2s", "1d", "٣s", "1e3s"])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        units.parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "2", "B", "1 MB", "1.5MiB", "-1B", "1mb", "1kb", "1MiB\n", "1TB", "1" * 5_000 + "B"]
)
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        units.parse_size(text)


@given(st.integers(0, 999_999_999))
def test_a_printed_duration_reads_back_as_itself(milliseconds: int) -> None:
    seconds = milliseconds / 1_000
    assert units.parse_duration(units.print_duration(seconds)) == seconds


@given(st.integers(0, 999_999_999_999))
def test_a_printed_size_reads_back_as_itself(size: int) -> None:
    assert units.parse_size(units.print_size(size)) == size


@given(st.from_regex(units.DURATION, fullmatch=True).filter(lambda text: not text.endswith("\n")))
def test_the_pattern_that_editors_check_is_the_form_that_is_read(text: str) -> None:
    if text.isascii():
        assert units.parse_duration(text) >= 0
