"""From a decoded answer to rows, and from rows to the keys they belong to. Pure; matched by value, never by position.

What a service may do and still be understood: shuffle, leave out, repeat, and add rows. What it may not: answer in
another shape than declared, which is an error for the keys that were asked for, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bff.connectors.connector import Connector
from bff.connectors.path import JsonPath, member, read_all, reader, segments, shown
from bff.errors import BadUserInput, UpstreamMalformed

Key = tuple[str, ...]

MAX_KEY = 2_000  # bytes, percent-encoded: a request target holds at least one, so that any batch can be split

SHORT = 2**64  # beyond, a number may be too long for a key
INT = {int}
_EMBEDDED = "_embedded"
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def key_text(value: Any) -> str:
    """A key to ask for, as text, so that GraphQL's "7" and a service's 7 and 7.0 are the same, and true is not 1.

    Raises BadUserInput for what no call can carry: alone, before it joins others in one call.
    """
    if type(value) is int and -SHORT <= value < SHORT:
        return str(value)
    text = _text(value)
    if isinstance(value, (dict, list)) or not _legal(text):
        raise BadUserInput("This value cannot be looked up: it is not the text of a key, or too long for one.")
    return text


def key_of(connector: Connector, values: Mapping[str, Any]) -> Key:
    """The key that these variables ask for. Raises BadUserInput, as `key_text` does."""
    if not connector.key:
        return ()
    key = tuple([key_text(values[name]) for name in connector.key])
    for at, join in connector.joined:
        if join in key[at]:
            raise BadUserInput(f"This value cannot be looked up: it contains {join!r}, which stands between keys.")
    return key


def keys_of(connector: Connector, loads: Collection[Mapping[str, Any]]) -> list[Key]:
    """The keys that all of these variables ask for. Raises BadUserInput, as `key_of` does."""
    if not connector.key:
        return [()] * len(loads)
    if len(connector.key) != 1 or connector.joined:
        return [key_of(connector, values) for values in loads]
    (name,) = connector.key
    found = [values[name] for values in loads]
    plain = set(map(type, found)) == INT and min(found) >= -SHORT and max(found) < SHORT
    return list(zip(map(str if plain else key_text, found), strict=True))


def _legal(text: str) -> bool:
    """Whether a call could carry this key: no control character, no half of a surrogate pair, within MAX_KEY."""
    if text.isalnum() and text.isascii():
        return len(text) <= MAX_KEY
    return not _ILLEGAL.search(text) and len(quote(text, safe="")) <= MAX_KEY


def rows_of(connector: Connector, answer: Any) -> list[Any]:
    """The rows of a list answer; null there is none. Raises UpstreamMalformed where the declared path holds no list."""
    found = reader(connector.rows)(answer)
    if not isinstance(found, list):
        if found is None and _is_said(connector, answer):
            return []
        raise _malformed(connector, f"a list was expected at {connector.rows!r}, not {type(found).__name__}")
    return [stamped(connector, row) for row in found] if connector.typename else found


def _is_said(connector: Connector, answer: Any) -> bool:
    """Whether an answer says itself that there are no rows: by null in their place, or in HAL by holding nothing.

    Go writes an empty list as null; `_embedded` is left out where it would be empty (draft-kelly-json-hal-11, 4.1.2).
    """
    *steps, last = segments(connector.rows) or ("",)
    if not last:
        return answer is None and not connector.batched
    around = reader(tuple(steps))(answer)
    if around is None:
        return steps == [_EMBEDDED] and isinstance(answer, dict)
    return isinstance(around, dict) and last in around


def row_of(connector: Connector, answer: Any) -> Any:
    """The one row of an answer, whatever it is: whether that is what its field has, the field's type says."""
    row = reader(connector.rows)(answer) if connector.rows else answer
    return stamped(connector, row) if connector.typename else row


def stamped(connector: Connector, row: Any, typename: str | None = None) -> Any:
    """The row with the GraphQL type that its connector says it has; rows are shared, so never changed in place."""
    return stamped_as(typename or connector.typename, row)


def stamped_as(typename: str | None, row: Any) -> Any:
    """The row with this GraphQL type."""
    return {**row, "__typename": typename} if typename and isinstance(row, dict) else row


def matched(connector: Connector, answer: Any, keys: Sequence[Key]) -> list[Any]:
    """What each key gets, in the order of `keys`: a row or None, or with `many` a list of rows.

    Of repeated rows for one key the first counts; rows that nobody asked for are left out. Raises UpstreamMalformed
    for a row without its key, since nobody could say whose it is.
    """
    if connector.by_key:
        return _by_member(connector, answer, keys)
    rows = rows_of(connector, answer)
    if connector.many:
        lists: dict[Key, list[Any]] = {key: [] for key in keys}
        for key, row in zip(_keys(connector, rows), rows, strict=True):
            if key in lists:
                lists[key].append(row)
        return [lists[key] for key in keys]
    found = list(_keys(connector, rows))
    if found == keys:
        return rows  # as they were asked for, which most services do; compared by value all the same
    first = dict(zip(reversed(found), reversed(rows), strict=True))
    return list(map(first.get, keys))


def nothing(connector: Connector) -> Any:
    """What a key gets when the service says that there is nothing."""
    return [] if connector.many else None


def _keys(connector: Connector, rows: Sequence[Any]) -> Iterable[Key]:
    """The key of each row; read part by part, since the values of one part are mostly of one type."""
    parts = [_part(path, rows) for path in connector.key.values()]
    if any([None in part for part in parts]):  # noqa: C419 - half the time of a generator
        raise _malformed(connector, f"a row without its key {'/'.join(map(shown, connector.key.values()))}")
    return zip(*[map(str if set(map(type, part)) <= INT else _text, part) for part in parts], strict=True)


def _part(path: JsonPath, rows: Sequence[Any]) -> list[Any]:
    name = member(path)
    found = None if name is None else read_all(rows, name)
    return list(map(reader(path), rows)) if found is None else found


def _by_member(connector: Connector, answer: Any, keys: Sequence[Key]) -> list[Any]:
    members = reader(connector.rows)(answer)
    if not isinstance(members, dict):
        raise _malformed(connector, f"an object of rows by key was expected at {connector.rows!r}")
    found = [members.get(key[0]) for key in keys]
    if connector.many and not all(value is None or isinstance(value, list) for value in found):
        raise _malformed(connector, "a list of rows was expected for each key")
    return [nothing(connector) if value is None else _stamped_all(connector, value) for value in found]


def _stamped_all(connector: Connector, value: Any) -> Any:
    return [stamped(connector, row) for row in value] if connector.many else stamped(connector, value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(getattr(value, "value", value))


def _malformed(connector: Connector, detail: str) -> UpstreamMalformed:
    return UpstreamMalformed(connector.upstream, detail=f"{connector.label}: {detail}")
