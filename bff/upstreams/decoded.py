"""Reading a reply as what it says, decoded once for all who get the same bytes. Knows no JSON: it is told a decoder."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from bff.upstreams.body import read
from bff.upstreams.seam import Reply

T = TypeVar("T")

# Bytes in memory for each byte of JSON. Rows of services take 2 to 6, measured with msgspec on CPython 3.11; lists of
# empty objects, the worst there is, 24.
PER_BYTE = 8

_ABSENT = object()


async def read_decoded(
    reply: Reply, decode: Callable[[bytes], T], *, max_decoded: int, key: Hashable | None = None
) -> T:
    """What `decode` makes of the whole, unpacked body; the reply is closed, whatever happens.

    The value is shared by everybody who reads the same answer under the same `key` and the same `max_decoded`: nobody
    may change it. `key` says how it is read and must outlive the call, such as a connector; without one it is `decode`
    itself, which then is no function that is made anew each time. Raises what `read` and `decode` raise.
    """
    memo = reply.memo
    if memo is None:
        return decode(await read(reply, max_decoded=max_decoded))
    way = (decode if key is None else key, max_decoded)
    found = memo.get(way, _ABSENT)
    if found is not _ABSENT:
        reply.close()
        return cast("T", found)
    raw = await read(reply, max_decoded=max_decoded)
    value = decode(raw)
    memo.keep(way, value, len(raw) * PER_BYTE)
    return value
