"""How a document is called by whoever knows nothing but its text."""

from __future__ import annotations

from hashlib import sha256


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
