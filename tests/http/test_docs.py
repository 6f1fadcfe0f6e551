"""docs/http.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bff import errors
from bff.config import Limits
from bff.config.units import print_duration, print_size
from bff.document import MAX_ERRORS
from bff.envelope import MAX_MEMBERS, MAX_NESTING
from bff.execute.fault import MOST_ERRORS
from bff.limits.shape import MAX_SELECTIONS

PAGE = (Path(__file__).parents[2] / "docs/http.md").read_text("utf-8")
REFUSALS = re.findall(r"^\| (\d{3}) \| `([A-Z_]+)` \|", PAGE, re.MULTILINE)
SETTINGS = re.findall(r"^\| .* \| (\S+) \| `limits\.(\w+)` \|$", PAGE, re.MULTILINE)
CONSTANTS = re.findall(r"^\| (.*) \| (\d+) \| \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_code_has_the_status_that_the_page_says(status: str, code: str) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BffError)]
    assert int(status) in {kind.status for kind in kinds if kind.code == code}


@pytest.mark.parametrize(("default", "setting"), SETTINGS)
def test_a_limit_has_the_default_that_the_page_says(default: str, setting: str) -> None:
    value = getattr(Limits(), setting)
    assert default in {str(value), print_size(int(value)), print_duration(value)}


def test_every_limit_without_a_setting_is_the_one_in_the_code() -> None:
    assert [int(value) for _, value in CONSTANTS] == [MAX_SELECTIONS, MAX_MEMBERS, MAX_NESTING, MAX_ERRORS, MOST_ERRORS]


def test_the_page_was_read() -> None:
    assert (len(REFUSALS), len(SETTINGS)) == (17, 12)
