"""What of a WebSocket's handshake (RFC 6455 4) crosses the gateway: the subprotocols, and what any request may say.

Pure. Keys, versions and extensions are each hop's own: two connections meet here, and messages pass, not bytes.
"""

from __future__ import annotations

import re

from bff.errors import BadRequest
from bff.upstreams import Headers

SUBPROTOCOL = "sec-websocket-protocol"
_OWN = frozenset({"sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-version"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = frozenset({"content-length", "transfer-encoding"})  # a 101 has neither (RFC 9110 15.2.2)


def onward(headers: Headers) -> Headers:
    """Of headers that may pass, those that a handshake may have. Raises `BadRequest` for subprotocols that are none."""
    said = [word.strip() for name, value in headers if name == SUBPROTOCOL for word in value.split(",")]
    offered = [word for word in said if word]
    if not all(_TOKEN.fullmatch(word) for word in offered):
        raise BadRequest("The handshake offers a subprotocol that is not a token.")
    kept = [pair for pair in headers if pair[0] not in _OWN and pair[0] != SUBPROTOCOL]
    return (*kept, (SUBPROTOCOL, ", ".join(offered))) if offered else tuple(kept)


def accepted(passing: Headers) -> tuple[Headers, str | None]:
    """Of a 101's headers that may pass, those that ours may have; and the subprotocol that was chosen."""
    chosen = next((value for name, value in passing if name == SUBPROTOCOL), None)
    return tuple(pair for pair in passing if pair[0] not in _OWN | _FRAMING and pair[0] != SUBPROTOCOL), chosen
