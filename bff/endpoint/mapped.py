"""An operation whose files come beside it: which file belongs to which place of its variables. Pure.

The GraphQL multipart request specification (jaydenseric/graphql-multipart-request-spec): `operations` is a request in
JSON with null where a file belongs, `map` says by name of a part at which places of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bff.envelope import MAX_MEMBERS, MAX_NESTING, Envelope, decoded, from_object
from bff.errors import BadRequest, RequestTooLarge

LONGEST_SHOWN = 100  # characters of what a client chose
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")


def places(text: bytes, most: int) -> dict[str, tuple[str, ...]]:
    """The map: places by name of a part. Raises BadRequest; RequestTooLarge for more than `most` files."""
    found = decoded(text, "Field 'map'")
    if not isinstance(found, dict) or not all(_is_list(each) for each in found.values()):
        raise BadRequest('Field \'map\' must be an object of lists, such as {"0": ["variables.file"]}.')
    if not found:
        raise BadRequest("Field 'map' is empty: an operation without files is sent as application/json.")
    if len(found) > most:
        raise RequestTooLarge(f"The request has {len(found)} files; at most {most} are accepted.")
    if sum(map(len, found.values())) > MAX_MEMBERS:
        raise BadRequest(f"Field 'map' has more than {MAX_MEMBERS} places.")
    return {name: tuple(each) for name, each in found.items()}


def with_files(text: bytes, mapped: Mapping[str, tuple[str, ...]], file: Callable[[str], Any]) -> Envelope:
    """The envelope in `operations`, with `file(name)` at each of its places. Raises BadRequest."""
    found = decoded(text, "Field 'operations'")
    if isinstance(found, list):
        raise BadRequest("Batched operations have no files: send one JSON object as 'operations'.")
    if not isinstance(found, dict):
        raise BadRequest('Field \'operations\' must be a JSON object such as {"query": "…"}.')
    for name, paths in mapped.items():
        for path in paths:
            _put(found, path, file(name))
    return from_object(found)


def used_often(envelope: Envelope, paths: tuple[str, ...]) -> bool:
    """Whether a file at these places may be wanted more than once, so that it has to be kept to its end."""
    variable = re.escape(paths[0].split(".")[1])
    return len(paths) > 1 or not envelope.query or len(re.findall(rf"\${variable}\b", envelope.query)) > 2


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _put(operations: dict[str, Any], path: str, file: Any) -> None:
    """Replace the null at this place. There is one only where the client put one: nothing is made on the way."""
    first, *steps = path.split(".")
    if first != "variables" or not steps or len(steps) > MAX_NESTING:
        raise _wrong(path)
    holder: Any = operations
    step: str | int = first
    for following in steps:
        holder = _member(holder, step, path)
        step = int(following) if isinstance(holder, list) and _INDEX.fullmatch(following) else following
    if _member(holder, step, path) is not None:
        raise _wrong(path)
    holder[step] = file


def _member(holder: Any, step: str | int, path: str) -> Any:
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    raise _wrong(path)


def shown(text: str) -> str:
    """Something that a client chose, for its own eyes: short, and on one line."""
    return f"'{text}'" if len(text) <= LONGEST_SHOWN and text.isprintable() else f"{text[:LONGEST_SHOWN]!r}…"


def _wrong(path: str) -> BadRequest:
    return BadRequest(f"Field 'map' names {shown(path)}, where 'operations' has no null: such as \"variables.file\".")
