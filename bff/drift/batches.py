"""How a service answers for many keys: which to ask for, and what its answer says of order and gaps. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bff.connectors import Connector
from bff.connectors.path import reader, shown
from bff.connectors.rows import key_text
from bff.drift.report import Kind

KNOWN = 8  # keys that rows are expected for
Order = Literal["as asked", "its own", "by key", "unknown"]
Gaps = Literal["left out", "null", "empty", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one answer to a batch shows, and what of it a gateway cannot live with."""

    order: Order
    gaps: Gaps
    repeated: int
    surplus: int
    found: int  # of the known keys
    wrong: tuple[tuple[Kind, str], ...]


def shuffled(known: Sequence[Any], impossible: str) -> list[str]:
    """Keys in an order that no service would choose by itself, with one in the middle that nothing has."""
    keys = [key_text(key) for key in known[:KNOWN]]
    mixed = [*keys[1::2], *reversed(keys[::2])]
    middle = len(mixed) // 2
    return [*mixed[:middle], impossible, *mixed[middle:]]


def unlike(known: Sequence[Any], count: int) -> list[str]:
    """`count` keys that look like the known ones and are none of them: digits for digits, letters for letters."""
    texts = [key_text(key) for key in known]
    taken, found = set(texts), []
    shape = max(texts, key=len, default="0")
    for made in _alike(shape):
        if made not in taken:
            found.append(made)
        if len(found) == count:
            break
    return found


def _alike(shape: str) -> Iterator[str]:
    """Texts of the same form, from the last on: ZZZ, ZZY, …; numbers that are too high: 99999, 99998, …"""
    if shape.isdecimal():
        top = 10 ** min(9, len(shape) + 3)  # within 32 bits
        yield from (str(top - number) for number in range(1, top // 10))
        return
    places = list(re.finditer(r"[0-9A-Za-z]", shape))
    for number in range(math.prod(len(_alphabet(place[0])) for place in places[-4:])):
        text, left = list(shape), number
        for place in reversed(places):
            alphabet = _alphabet(place[0])
            text[place.start()] = alphabet[-1 - left % len(alphabet)]
            left //= len(alphabet)
        yield "".join(text)


def _alphabet(letter: str) -> str:
    if letter.isdigit():
        return "123456789"
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter.isupper() else "abcdefghijklmnopqrstuvwxyz"


def behaviour(connector: Connector, answer: Any, asked: Sequence[str], impossible: str) -> Behaviour:
    """What an answer to `asked` shows. `answer` is whole, with the rows where the connector says."""
    rows = reader(connector.rows)(answer)
    if connector.by_key:
        return _by_member(connector, rows, asked, impossible)
    if not isinstance(rows, list):
        return _nothing(
            f"no list at '{shown(connector.rows)}' of the answer" if connector.rows else "the answer is no list"
        )
    read = reader(next(iter(connector.key.values())))
    texts = [key_text(key) for key in map(read, rows) if isinstance(key, str | int | float)]
    counted = Counter(texts)
    known = [key for key in asked if key != impossible]
    return Behaviour(
        order=_order(texts, known),
        gaps="null" if None in rows else "unknown" if impossible in counted else "left out",
        repeated=0 if connector.many else len(texts) - len(counted),
        surplus=sum(count for key, count in counted.items() if key not in asked),
        found=sum(key in counted for key in known),
        wrong=tuple(_wrong(connector, rows, texts, known)),
    )


def _wrong(connector: Connector, rows: list[Any], texts: list[str], known: list[str]) -> Iterator[tuple[Kind, str]]:
    member = shown(next(iter(connector.key.values())))
    keyless = len(rows) - len(texts)
    if None in rows:
        yield "GAPS", "null stands in for a row that is not there, and the whole call is refused for it"
    elif keyless:
        yield "KEY", f"'{member}', which rows are matched by, is missing in {keyless} of {len(rows)} rows"
    elif rows and not set(texts) & set(known):
        yield "KEY", f"no row's '{member}' is a key that was asked for"


def _by_member(connector: Connector, rows: Any, asked: Sequence[str], impossible: str) -> Behaviour:
    if not isinstance(rows, dict):
        return _nothing(
            f"no object at '{shown(connector.rows)}' of the answer" if connector.rows else "the answer is no object"
        )
    gaps: Gaps = "left out" if impossible not in rows else "null" if rows[impossible] is None else "empty"
    known = [key for key in asked if key != impossible]
    found = sum(rows.get(key) is not None for key in known)
    return Behaviour("by key", gaps, 0, sum(key not in asked for key in rows), found, ())


def _order(texts: Sequence[str], known: Sequence[str]) -> Order:
    came = list(dict.fromkeys(text for text in texts if text in known))
    if len(came) < 2:
        return "unknown"
    return "as asked" if came == [key for key in known if key in came] else "its own"


def _nothing(message: str) -> Behaviour:
    return Behaviour("unknown", "unknown", 0, 0, 0, (("SHAPE", message),))
