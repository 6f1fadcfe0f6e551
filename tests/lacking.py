"""What a test does without the program that it needs."""

from __future__ import annotations

import os
from typing import Never

import pytest


def lacking(what: str, remedy: str) -> Never:
    """Skips where a person may lack it; fails in CI, where nothing may go untested."""
    message = f"{what} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
