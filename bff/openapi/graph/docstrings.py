"""Descriptions as docstrings, where they can be ones: else the decorator has them. Pure."""

from __future__ import annotations

import re
import textwrap

from bff.openapi.graph.layout import WIDTH, clean

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
    """A docstring may not hold what would end it, or would be read as something else."""
    odd = "\\" in text or '"""' in text or text[0] == '"' or text[-1] == '"'
    heads = any(line.strip().rstrip(":").lower() in _SECTIONS for line in text.split("\n"))
    return not odd and not heads and text.split(maxsplit=1)[0].lower() != "this"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:] if _WORD.match(text) else text


def _wrapped(line: str, used: int) -> list[str]:
    if len(line) + used <= WIDTH:
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        WIDTH - used,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
