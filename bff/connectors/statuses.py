"""Statuses whose body is data, as they are declared: one by one, by the hundred, or all that are left. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

Status = int | str
_RANGE = re.compile(r"([2-5])XX\Z", re.IGNORECASE)
_DEFAULT = {0, "0", "default"}
_KNOWN = range(200, 600)


def exact(declared: Mapping[Status, str]) -> dict[int, str]:
    """Statuses that are declared themselves. Raises ValueError for what is no status."""
    return {_number(key): name for key, name in declared.items() if key not in _DEFAULT and not _hundred(key)}


def ranges(declared: Mapping[Status, str], taken: Collection[int]) -> dict[int, str]:
    """Statuses that "4XX" or "default" stand for: not those in `taken`, and by default none of success (OpenAPI)."""
    rest = next((name for key, name in declared.items() if key in _DEFAULT), None)
    found = dict.fromkeys(_KNOWN[100:], rest) if rest else {}
    for key, name in declared.items():
        if hundred := _hundred(key):
            found |= dict.fromkeys(range(hundred, hundred + 100), name)
    return {status: name for status, name in found.items() if name and status not in taken}


def _number(key: Status) -> int:
    number = int(key) if isinstance(key, str) and key.isdecimal() else key
    if isinstance(number, bool) or not isinstance(number, int) or number not in _KNOWN:
        raise ValueError(f"{key!r} is no status of an answer: use 422, '4XX', or 'default' for all that are left")
    return number


def _hundred(key: Status) -> int:
    match = _RANGE.match(key) if isinstance(key, str) else None
    return int(match[1]) * 100 if match else 0
