"""JSON pointers (RFC 6901), also as URL fragments. Knows no document."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from bff.openapi.schema import At
from bff.openapi.wrong import Path, Wrong


def steps(pointer: str) -> list[str]:
    """The keys that lead to a value. `pointer` is "" or begins with a slash."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def from_fragment(fragment: str) -> str:
    """The pointer in a URL's fragment, where anything may be percent-encoded."""
    return unquote(fragment)


def look(root: Any, document: str, pointer: str, asked: At) -> tuple[Any, At]:
    """The value and its place, spelled the one way. Raises Wrong at `asked`, whose $ref leads nowhere."""
    value, at = root, At(document)
    for step in steps(pointer):
        value, at = _inner(value, step, at, asked), at / step
    return value, at


def _inner(value: Any, step: str, at: At, asked: At) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
        return value[int(step)]
    raise Wrong(asked, f"refers to {at / step}, which is not there", _near(value, step))


def _near(value: Any, step: str) -> str:
    if not isinstance(value, dict):
        return ""
    same = [key for key in value if key.lower() == step.lower()]
    return f'did you mean "{same[0]}"?' if same else ""


def path(root: Any, pointer: str) -> Path:
    """The pointer's steps with list indexes as numbers, as far as it leads."""
    found: list[str | int] = []
    for step in steps(pointer):
        if isinstance(root, list) and step.isdigit() and int(step) < len(root):
            found.append(int(step))
            root = root[int(step)]
        else:
            found.append(step)
            root = root.get(step) if isinstance(root, dict) else None
    return tuple(found)
