"""Where a document is: a file or a URL, and its bytes. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

LARGEST = 64 * 1024**2  # bytes, unpacked; the largest known, Microsoft Graph's, has 50 MB

Fetch = Callable[[str], bytes]


class Unfetchable(Exception):
    """A URL that brings no document; `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def content_of(path: Path) -> bytes:
    """What a file holds, as far as it would be read. Raises OSError."""
    if not path.is_file():  # a pipe or a device could be read for ever
        raise FileNotFoundError(0, "no such file")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
