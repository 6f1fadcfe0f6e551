"""Where a document is: a file or a URL, and its bytes. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bff.openapi.fetch import LARGEST

Fetch = Callable[[str], bytes]


def is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def content_of(path: Path) -> bytes:
    """What a file holds, as far as it would be read. Raises OSError."""
    if not path.is_file():  # a pipe or a device could be read for ever
        raise FileNotFoundError(0, "no such file")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
