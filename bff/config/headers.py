"""Header names that configuration may neither forward nor set, each with the reason. Knows names, no values.

Sources: RFC 9110 7.6.1 (hop-by-hop), 12.5.3 (Accept-Encoding), 13.1 (conditions), 14.2 (ranges); RFC 9112 6 (framing).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CONNECTION = "it belongs to one connection and ends at the gateway"
_FRAMING = "it says where a message ends, and the gateway writes its own messages"
_CONTENT = "it describes the caller's body, and the gateway sends its own"
_CONDITION = "it asks about the gateway's answer, not about the upstream's"

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"), _CONNECTION),
        **dict.fromkeys(("proxy-authenticate", "proxy-authorization"), _CONNECTION),
        **dict.fromkeys(("content-length", "transfer-encoding", "expect"), _FRAMING),
        **dict.fromkeys(("content-encoding", "content-type"), _CONTENT),
        **dict.fromkeys(("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"), _CONDITION),
        **dict.fromkeys(("if-range", "range"), _CONDITION),
        "host": "it follows from the upstream's url",
        "accept-encoding": "the gateway decompresses answers itself, under max_decoded",
    }
)
