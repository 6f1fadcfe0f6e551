"""GraphQL over server-sent events, "distinct connections mode" (graphql-sse, PROTOCOL.md), as bytes. Pure.

Lines end with LF: urql splits events at two of them and at nothing else. JSON here has no line ends.
"""

from __future__ import annotations

COMPLETE = b"event: complete\ndata:\n\n"  # without data, browsers would ignore the event
BEAT = b":\n\n"


def following(json: bytes) -> bytes:
    """One answer."""
    return b"event: next\ndata: %b\n\n" % json
