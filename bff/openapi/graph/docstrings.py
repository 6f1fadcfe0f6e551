"""Descriptions as docstrings, where they can be ones: else the decorator has them. Pure."""

from __future__ import annotations

import re
import string
import textwrap

from bff.openapi.graph.layout import WIDTH, clean, columns

# What tools take for the head of a section (numpy's and Google's conventions), or dislike at the beginning.
_SECTIONS = frozenset(
    [
        *("args", "arguments", "attributes", "example", "examples", "extended summary", "keyword args", "methods"),
        *("keyword arguments", "note", "notes", "other parameters", "other params", "parameters", "raises", "receives"),
        *(
            "references",
            "return",
            "returns",
            "see also",
            "short summary",
            "tip",
            "todo",
            "warning",
            "warnings",
            "warns",
        ),
        *("yield", "yields", "attention", "caution", "danger", "error", "hint", "important", "tips"),
    ]
)
# A word, the space before it with it; of a text in wide characters, each of them is one, with marks that follow it.
_PIECE = re.compile(r"\s*(?:[\u1100-\uffff][\u3001\u3002\uff01-\uff1f]*|[^\s\u1100-\uffff]+)|\s+")
_CODE = re.compile(r"[a-z]+[A-Z]")
_WORD = re.compile(r"[a-z]+(?=[\s.,:;!?]|\Z)")


def docstring(text: str, indent: str) -> list[str] | None:
    """The lines of a docstring; None for a text that should be none, or is none."""
    text = _capital(clean(text))
    if not text or not _suited(text):
        return None
    first, *others = text.split("\n")
    others = textwrap.dedent("\n".join(others)).split("\n") if others else []
    closing = 0 if others else 3  # on the same line
    lines = [
        *_wrapped(first, len(indent) + 3 + closing),
        *(line for each in others for line in _wrapped(each, len(indent))),
    ]
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    head, *tail = lines
    return [f'{indent}"""{head}', *(f"{indent}{line}" if line else "" for line in tail), f'{indent}"""']


def _suited(text: str) -> bool:
    """A docstring may not hold what would end it, or would be read as something else; nor begin with a name of code."""
    odd = "\\" in text or '"""' in text or text[0] == '"' or text[-1] == '"'
    heads = any(line.strip().rstrip(":").lower() in _SECTIONS for line in text.split("\n"))
    first = text.split(maxsplit=1)[0]
    return not odd and not heads and first.lower().strip(string.punctuation) != "this" and not _CODE.match(first)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:] if _WORD.match(text) else text


def _wrapped(line: str, used: int) -> list[str]:
    """The line in as many as it takes: broken at spaces, and where it is too long between wide characters too."""
    room = WIDTH - used
    if columns(line) <= room:
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    found, current = [], ""
    for piece in _PIECE.findall(line):
        if current.strip() and columns(current + piece.rstrip()) > room:
            found.append(current.rstrip())
            current = margin + piece.lstrip()
        else:
            current += piece
    return [*found, current.rstrip()]
