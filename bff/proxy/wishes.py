"""Requests that wish to go on in another protocol (RFC 9110 7.8): which of them can, and the others without the wish.

Pure: header names are lower case, as they are in ASGI.
"""

from __future__ import annotations

from collections.abc import Sequence

Pairs = Sequence[tuple[bytes, bytes]]

_WISH = frozenset({b"upgrade", b"http2-settings"})
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


def for_socket(headers: Pairs) -> bool:
    """Whether a request opens a WebSocket (RFC 6455 4.1), and has no body."""
    said = dict(headers)  # of a name that was said twice, the last
    tokens = [token.strip() for token in said.get(b"connection", b"").lower().split(b",")]
    wished = b"upgrade" in tokens and said.get(b"upgrade", b"").lower() == b"websocket"
    return wished and b"sec-websocket-key" in said and _FRAMING.isdisjoint(said)


def without(line: bytes, headers: Pairs) -> bytes:
    """The head of the same request, as if it had not wished for anything: a server may ignore that.

    Java's client wishes for h2c with every request.
    """
    return written(line, [pair for pair in headers if pair[0] not in _WISH])


def written(line: bytes, headers: Pairs) -> bytes:
    """A head as it came, but for the case of its names."""
    return b"%b\r\n%b\r\n" % (line, b"".join([b"%b: %b\r\n" % pair for pair in headers]))
