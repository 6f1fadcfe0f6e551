"""Durations and sizes as people write them: "250ms", "2s", "256KiB". Knows numbers and units; no setting, no file.

Whole numbers only, and always with a unit: a bare 30 has been seconds to one reader and milliseconds to the next.
"""

from __future__ import annotations

import re

MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
BYTES = {"B": 1, "KB": 1_000, "MB": 1_000**2, "GB": 1_000**3, "KiB": 1_024, "MiB": 1_024**2, "GiB": 1_024**3}
KiB, MiB = BYTES["KiB"], BYTES["MiB"]

DURATION = r"^([0-9]{1,9})(ms|s|m|h)$"
SIZE = r"^([0-9]{1,12})(B|KB|MB|GB|KiB|MiB|GiB)$"


def parse_duration(text: str) -> float:
    """Seconds. ValueError when `text` is not a whole number and one of ms, s, m, h."""
    return _amount(text, DURATION, MILLISECONDS) / 1_000


def parse_size(text: str) -> int:
    """Bytes. ValueError when `text` is not a whole number and one of B, KB, MB, GB (1000) or KiB, MiB, GiB (1024)."""
    return _amount(text, SIZE, BYTES)


def print_duration(seconds: float) -> str:
    """What `parse_duration` reads back, in the largest unit that is exact; below a millisecond is rounded away."""
    return _exact(round(seconds * 1_000), MILLISECONDS) if seconds else "0s"


def print_size(size: int) -> str:
    """What `parse_size` reads back, in the largest unit that is exact."""
    return _exact(size, BYTES) if size else "0B"


def _amount(text: str, form: str, units: dict[str, int]) -> int:
    found = re.fullmatch(form, text, re.ASCII)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * units[found[2]]


def _exact(amount: int, units: dict[str, int]) -> str:
    name = max((name for name, unit in units.items() if amount % unit == 0), key=units.__getitem__)
    return f"{amount // units[name]}{name}"
