"""Which of a client's headers go on to an upstream: those that its configuration lists, and nothing else. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bff.errors import BadRequest
from bff.upstreams.seam import Headers

# Each hop makes its own, whatever a list says: RFC 9110 7.6.1, what frames or addresses the message, and
# accept-encoding, since it is we who unpack the answer.
NEVER_FORWARDED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

_ILLEGAL = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")  # RFC 9110 5.5; a tab is legal


def forwarded(incoming: Headers, allowed: frozenset[str]) -> Headers:
    """The headers of a client's request that are in `allowed` (lower case), in their order, duplicates included.

    `incoming` is as ASGI gives it: lower-case names, values as ISO-8859-1. Names that the client's own `connection`
    header lists stay on its hop. Raises `BadRequest` for a value that cannot be passed on safely: RFC 9110 5.5 leaves
    the choice of rejecting or replacing, and a replaced credential would only fail elsewhere.
    """
    if not allowed:
        return ()
    here = NEVER_FORWARDED | named_by_connection(incoming)
    return tuple((name, as_text(name, value)) for name, value in incoming if name in allowed and name not in here)


def legal(value: str) -> bool:
    """Whether a text may stand as the value of a header: no control character, no half of a surrogate pair."""
    return _ILLEGAL.search(value) is None


def named_by_connection(incoming: Headers) -> frozenset[str]:
    """What a message's `connection` header says is meant for this hop alone (RFC 9110 7.6.1), in lower case."""
    lists = [value for name, value in incoming if name == "connection"]
    return frozenset(word.strip().lower() for words in lists for word in words.split(","))


def as_text(name: str, value: str) -> str:
    """A value that came over ASGI, as the text it means; raises `BadRequest` for what cannot be passed on.

    The wire writes text as UTF-8, so that the upstream gets the very bytes the client sent.
    """
    text = value if value.isascii() else value.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    if not legal(text):
        raise BadRequest(f"The header {name} has a value that cannot be passed on.")
    return text


def claimed(claims: Mapping[str, Any], wanted: Headers) -> Headers:
    """Headers that hold a caller's verified claims; `wanted` are pairs of header and claim.

    A text, a number or a boolean stands as it is, a list of texts as words (RFC 8693 4.2). What cannot stand in a
    header is left out, as is a claim that the caller does not have.
    """
    told = ((header, _told(claims.get(claim))) for header, claim in wanted)
    return tuple((header, value) for header, value in told if value is not None and legal(value))


def _told(claim: Any) -> str | None:
    if isinstance(claim, bool):
        return "true" if claim else "false"
    if isinstance(claim, (list, tuple)) and all(isinstance(word, str) for word in claim):
        return " ".join(claim)
    return str(claim) if isinstance(claim, (str, int)) else None
