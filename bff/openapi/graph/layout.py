"""Python expressions as lines that `ruff format` would leave as they are. Pure; knows what fits, not what it says.

A text never reaches the source but through `literal`, and a name never but through `bff.openapi.graph.names`: whatever
a document holds, nothing of it is run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 120
STEP = "    "
_QUOTES = '"""'
_LONGEST = 80  # characters of a word
_LONG = "# ruff: noqa: E501 - names are as long as the service's"
_LETTERS = "# ruff: noqa: RUF001, RUF002, RUF003, RUF100 - words are the service's own"
# Letters of other scripts than Latin, and signs, that ruff may take for ASCII's in disguise.
_ALIKE = re.compile(
    "[\u0131\xb4\xb8\xd7\u0250-\u1dff\u2010-\u2015\u2018\u2019\u201b\u2032\u2039\u203a\u2043\u2044\u2113\u2212\u2215"
    "\u2c00-\ud7ff\uf900-\uffef\U0001d400-\U0001d7ff]"
)

# What typesetters make of a plain sign: read as that, and told apart from it by nobody.
_PLAIN = {
    **dict.fromkeys((0x2018, 0x2019, 0x201B, 0x2032, 0xB4), "'"),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0x2043), "-"),
    **dict.fromkeys((0x2044, 0x2215), "/"),
    0xD7: "x",
}
_COLUMNS = {"W": 2, "F": 2}  # by the width of East Asian characters (Unicode, annex 11)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}  # backslashes first


@dataclass(frozen=True, slots=True)
class Text:
    """Source that stays on its line: a name, a number, a type."""

    text: str


@dataclass(frozen=True, slots=True)
class Str:
    """A text of the document's, as a string literal; in several lines where it has to be."""

    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Something in brackets: the arguments of a call, the members of a dict, what stands in a subscript."""

    head: str
    kind: Literal["call", "dict", "list", "subscript", "parameters"]
    items: tuple[tuple[str, Node], ...]  # what stands before each ("description="), and itself
    after: str = ""  # what stands behind it: " = None"


@dataclass(frozen=True, slots=True)
class Bars:
    """Alternatives: `A | B | C`."""

    parts: tuple[str, ...]


Node = Text | Str | Group | Bars

_BRACKETS = {
    "call": ("(", ")"),
    "parameters": ("(", ")"),
    "dict": ("{", "}"),
    "list": ("[", "]"),
    "subscript": ("[", "]"),
}


def call(head: str, *positional: Node, **named: Node | None) -> Group:
    """`head(positional, name=named)`; what is None is left out."""
    items = [("", each) for each in positional] + [
        (f"{name}=", each) for name, each in named.items() if each is not None
    ]
    return Group(head, "call", tuple(items))


def flat(node: Node) -> str:
    """The node on one line."""
    match node:
        case Text():
            return node.text
        case Str():
            return literal(node.value)
        case Bars():
            return " | ".join(node.parts)
        case Group():
            opening, closing = _BRACKETS[node.kind]
            inside = ", ".join(before + flat(item) for before, item in node.items)
            return f"{node.head}{opening}{inside}{closing}{node.after}"


def put(before: str, node: Node, after: str = "", indent: str = "") -> list[str]:
    """The lines of `before node after`, the first of them indented too."""
    whole = f"{indent}{before}{flat(node)}{after}"
    if columns(whole) <= WIDTH or (isinstance(node, Group) and not node.items):
        return [whole]
    match node:
        case Group():
            return _group(before, node, after, indent)
        case Str():
            return _string(before, node, after, indent)
        case Bars() if before:
            return [f"{indent}{before}(", *_bars(node, indent + STEP), f"{indent}){after}"]
        case Bars():
            *lines, last = _bars(node, indent, after)
            return [*lines, f"{last}{after}"]
        case Text():
            return [whole]


def _group(before: str, node: Group, after: str, indent: str) -> list[str]:
    opening, closing = _BRACKETS[node.kind]
    inner = indent + STEP
    together = f"{inner}{', '.join(item_before + flat(item) for item_before, item in node.items)}"
    if node.kind not in {"dict", "list"} and columns(together) <= WIDTH:
        lines = [f"{together}," if node.kind == "parameters" and len(node.items) == 1 else together]
    else:
        comma = "," if len(node.items) > 1 or node.kind in {"dict", "list", "parameters"} else ""
        lines = [line for item_before, item in node.items for line in _item(node, item_before, item, comma, inner)]
    return [f"{indent}{before}{node.head}{opening}", *lines, f"{indent}{closing}{node.after}{after}"]


def _item(group: Group, before: str, item: Node, comma: str, indent: str) -> list[str]:
    """One of several; a parameter's type may be too long for a line, and then only its bar can be moved."""
    lines = put(before, item, comma, indent)
    if group.kind != "parameters" or not isinstance(item, Text) or columns(lines[0]) <= WIDTH:
        return lines
    head, bar, none = lines[0].partition(" | None")
    return [head, f"{indent}{bar.lstrip()}{none}"] if bar else lines


def _string(before: str, node: Str, after: str, indent: str) -> list[str]:
    """A text in several literals, one under the other: Python joins them."""
    if before.endswith(" = "):
        inner = indent + STEP
        pieces = list(_pieces(node.value, WIDTH - len(inner), 0))
        return [f"{indent}{before}(", *_lines(pieces, "", inner), f"{indent}){after}"]
    first, *others = _pieces(node.value, WIDTH - len(indent), len(before))
    if not others:
        return [f"{indent}{before}{literal(first)}{after}"]
    return [f"{indent}{before}{literal(first)}", *_lines(others, after, indent)]


def _lines(parts: Sequence[str], after: str, indent: str) -> list[str]:
    *lines, last = [f"{indent}{literal(part)}" for part in parts]
    return [*lines, f"{last}{after}"]


def assigned(name: str, annotation: str, value: Node, indent: str) -> list[str]:
    """`name: annotation = value` in a class, where the annotation alone may be too long for a line."""
    before = f"{name}: {annotation} = "
    start = len(f"{indent}{before}{value.head}(") if isinstance(value, Group) else WIDTH + 1
    short = min(columns(f"{indent}{before}{flat(value)}"), start) <= WIDTH
    if short or isinstance(value, Str):
        return put(before, value, "", indent)
    inner = indent + STEP
    if columns(f"{indent}{before}(") <= WIDTH:
        return [f"{indent}{before}(", *put("", value, "", inner), f"{indent})"]
    if annotation.startswith('"'):
        return put(before, value, "", indent)
    alternatives = Bars(tuple(annotation.split(" | ")))
    return [f"{indent}{name}: (", *_bars(alternatives, inner), *put(") = ", value, "", indent)]


def _pieces(text: str, width: int, taken: int) -> Iterator[str]:
    """Parts that make up the text, each short enough as a literal with a comma.

    `taken` is what the first line has before it.
    """
    piece, room = "", width - taken - 1
    for word in _words(text):
        if piece and (columns(literal(piece + word)) > room or piece.endswith("\n\n")):
            yield piece
            piece, room = "", width - 1
        piece += word
    yield piece


def _words(text: str) -> Iterator[str]:
    """Words with the spaces after them; what is too long for any line in parts, if it can be after a comma."""
    start = 0
    for index in range(1, len(text)):
        if text[index - 1] in " \n" and text[index] not in " \n":
            yield text[start:index]
            start = index
        elif index - start == _LONGEST:
            end = text.rfind(",", start, index) + 1 or index
            yield text[start:end]
            start = end
    yield text[start:]


def _bars(node: Bars, indent: str, after: str = "") -> list[str]:
    """The formatter puts each alternative on a line of its own, the bar before it; those that fit together stay so."""
    whole = f"{indent}{flat(node)}"
    if len(whole + after) <= WIDTH:
        return [whole]
    return [f"{indent}{'| ' if index else ''}{part}" for index, part in enumerate(node.parts)]


def literal(text: str) -> str:
    """A string literal that is this text, whatever is in it."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    text = text.replace(quote, f"\\{quote}")
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    return f"{quote}{text}{quote}"


def _escaped(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def clean(text: str) -> str:
    """A description without what nobody can read: control characters, and those that turn the direction of text.

    Quotes, dashes and spaces are plain ones.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).translate(_PLAIN).split("\n")
    return "\n".join(_readable(line).rstrip() for line in lines).strip()


def _readable(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    kinds = [(char, unicodedata.category(char)[0]) for char in line]
    return "".join(" " if kind == "Z" else char for char, kind in kinds if kind != "C")


def columns(line: str) -> int:
    """How wide a line is for ruff: a character of Chinese, Japanese or Korean takes two columns, an accent none."""
    if line.isascii():
        return len(line)
    return sum(
        0 if unicodedata.combining(char) else _COLUMNS.get(unicodedata.east_asian_width(char), 1) for char in line
    )


def joined(blocks: Sequence[Sequence[str]], apart: int) -> str:
    """A module: blocks of lines with `apart` empty lines between them."""
    return ("\n" * (apart + 1)).join("\n".join(block) for block in blocks if block) + "\n"


def excused(module: str) -> str:
    """A module that says so where words of the service break a rule of ours: its names are longer than a line, or its
    letters could be taken for others.
    """
    said = [_LONG] if any(map(_is_long, module.split("\n"))) else []
    said += [_LETTERS] if not module.isascii() and _ALIKE.search(module) else []
    if not said:
        return module
    end = module.index(_QUOTES, len(_QUOTES)) + len(_QUOTES)  # of its docstring
    rest = module[end:].lstrip("\n")
    return "\n".join([module[:end], "", *said, *([] if rest.startswith("# ruff") else [""]), rest])


def _is_long(line: str) -> bool:
    """Whether ruff would say so (E501): it lets one word be, an address at the end, and what silences it."""
    told = line.partition("  # noqa")[0]
    before, _, last = told.rpartition(" ")
    return columns(told) > WIDTH and bool(before.strip()) and ("://" not in last or columns(before) >= WIDTH)
