"""The table of errors in docs/proxy.md is the one in the code."""

from __future__ import annotations

import re
from pathlib import Path

from bff import errors

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \| (\d{3}) \|", re.MULTILINE)


def told() -> dict[str, int]:
    return {code: int(status) for code, status in ROW.findall((ROOT / "docs/proxy.md").read_text("utf-8"))}


def kinds(module: object) -> dict[str, int]:
    found = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, errors.BffError)]
    return {kind.code: kind.status for kind in found}


def test_every_code_in_the_table_has_the_status_it_says() -> None:
    assert told().items() <= kinds(errors).items()
