"""Text from anywhere -> text that cannot steer a terminal or forge a line of a log. Pure."""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """`text` with control, format and separator characters as escapes; the characters in `keep` stay as they are."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
