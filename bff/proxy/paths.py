"""Request targets: read once, refused when a server behind us could read them as another path, else kept as they came.

Pure. Routes are matched on the decoded segments; what is forwarded are the bytes that the client sent (RFC 9110 7.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from bff.errors import UnsafePath

_ILLEGAL = re.compile(r"[^!-~]|#")  # RFC 3986 2: a target is visible ASCII; a fragment is never sent
_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TWICE = re.compile(r"%[0-9A-Fa-f]{2}")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f/\\\\]")  # what nobody needs to hide in a segment, other than to be misread


@dataclass(frozen=True, slots=True)
class Target:
    """A safe request target."""

    path: str  # raw: "/files/a%20b"
    query: str  # raw, with its mark: "?x=1"; "?" when it is empty, "" when there is none
    segments: tuple[str, ...]  # of the path, decoded: ("files", "a b")

    def below(self, dropped: int, prefix: str) -> str:
        """What to forward: the raw path with its first `dropped` segments replaced by `prefix`, and the raw query."""
        if not dropped and not prefix:
            return self.path + self.query
        kept = self.path.split("/")[1 + dropped :]
        return "/".join([prefix, *kept]) + self.query


def read(raw: bytes) -> Target:
    """The target of a request line. Raises `UnsafePath`; the message says what is wrong, and repeats nothing.

    Refused: anything but an origin-form (RFC 9112 3.2.1); a path with dot segments, empty segments, backslashes, path
    parameters; escapes that are malformed, hide a separator or a control character, are escaped twice, or are no UTF-8.
    """
    text = raw.decode("latin-1")
    if _ILLEGAL.search(text):
        raise UnsafePath("The request target holds characters that must be percent-encoded.")
    path, mark, query = text.partition("?")
    if not path.startswith("/"):
        raise UnsafePath("The request target must be a path.")
    return Target(path, mark + query, _segments(path))


def _segments(path: str) -> tuple[str, ...]:
    if ";" in path or "\\" in path:
        raise UnsafePath("The path holds a semicolon or a backslash.")
    if _MALFORMED.search(path):
        raise UnsafePath("The path holds a malformed percent-encoding.")
    *folders, last = (_decoded(segment) for segment in path.split("/")[1:])
    if "" in folders:
        raise UnsafePath("The path holds an empty segment.")
    return (*folders, last)


def _decoded(segment: str) -> str:
    try:
        text = unquote_to_bytes(segment).decode() if "%" in segment else segment
    except UnicodeDecodeError:
        raise UnsafePath("The path is not UTF-8.") from None
    if text in {".", ".."}:
        raise UnsafePath("The path holds a dot segment.")
    if _TWICE.search(text):
        raise UnsafePath("The path is percent-encoded twice.")
    if _HIDDEN.search(text):
        raise UnsafePath("The path hides a separator or a control character.")
    return text
