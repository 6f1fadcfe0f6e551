"""Who is connected: by the headers of the handshake, and by what `connection_init` brings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff.auth import Caller
from bff.incremental.shapes import Spec
from bff.upstreams import Headers

CREDENTIALS = ("authorization", "x-api-key")  # that `connection_init` may bring in place of headers


@dataclass(frozen=True, slots=True)
class Known:
    """Who is connected, by which headers, and what it reads."""

    caller: Caller
    headers: Headers
    parts: Spec  # the shape of answers that come in parts


def credentials(payload: Mapping[str, Any]) -> Headers:
    """Those that a browser's WebSocket cannot send as headers; in whatever case they are written."""
    named = [(name.lower(), value) for name, value in payload.items()]
    return tuple([(name, value) for name, value in named if name in CREDENTIALS and isinstance(value, str)])
