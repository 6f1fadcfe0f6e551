"""Which answers are sent compressed, to whom, and how: a Reply -> the Reply that is sent. Knows no socket.

What comes in parts stays in parts, each readable when it arrives. Streams that may last for hours stay as they are:
each would hold the memory of a compressor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bff.endpoint.compress import InParts, compressed
from bff.endpoint.reply import Pairs, Reply
from bff.negotiate import GRAPHQL_RESPONSE, HTML, JSON, MULTIPART, coding_of

COMPRESSIBLE = frozenset({JSON, GRAPHQL_RESPONSE, HTML})
_ENDLESS = "subscriptionspec"  # of multipart/mixed, which answers in parts are too


class Packing:
    """Compresses in one of `codings`, first those it likes best, what has at least `least` bytes."""

    __slots__ = ("_codings", "_least")

    def __init__(self, codings: Iterable[str], least: int) -> None:
        self._codings = tuple(codings)
        self._least = least

    async def packed(self, reply: Reply, accepted: str) -> Reply:
        """The reply as it is sent to who accepts these codings (the request's Accept-Encoding)."""
        coding = coding_of(accepted, self._codings)
        if coding is None or not _compressible(reply):
            return reply
        headers = [*reply.headers, (b"content-encoding", coding.name.encode())]
        if reply.parts is not None:
            return replace(reply, headers=headers, parts=InParts(coding.name, reply.parts))
        if len(reply.body) < self._least and not coding.needed:
            return reply
        return replace(reply, headers=headers, body=await compressed(coding.name, reply.body))


def _compressible(reply: Reply) -> bool:
    media_type, _, parameters = _told(reply.headers, b"content-type").lower().partition(";")
    if _told(reply.headers, b"content-encoding"):
        return False
    if reply.parts is not None:
        return media_type.strip() == MULTIPART and _ENDLESS not in parameters
    return media_type.strip() in COMPRESSIBLE and bool(reply.body)


def _told(headers: Pairs, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in headers if key == name), "")
