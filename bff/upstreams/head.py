"""The head of a request to one origin, as the bytes of HTTP/1.1 (RFC 9112 2-3). Pure; knows no connection.

What could mean something else on the wire than in the record is refused: it is a defect above, never the upstream's.
"""

from __future__ import annotations

import re

from bff.upstreams.seam import Headers, Request

DEFAULTS: Headers = (("user-agent", "bff"), ("accept-encoding", "gzip"))  # each gives way to one that was given
CHUNKED = -1

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110 5.6.2

# No space, control character, fragment or raw UTF-8 can reach the request line; nor can a target become a host. CONNECT
# would make a tunnel of the connection.
_START = re.compile(rf"(?!CONNECT ){_WORD} (?:[/?][!-\"$-~]*)?")
_FIELD = re.compile(rf"{_WORD}\n[^\x00-\x08\x0a-\x1f\x7f]*")  # RFC 9110 5.5; between the two, what neither may have
_UNEXPECTED = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # methods whose empty body goes without saying, 8.6


class Heads:
    """Writes heads for the origin at `authority`, below `path`, which does not end with a slash."""

    def __init__(self, authority: str, path: str) -> None:
        self._path = path
        self._ours = {name: f"{name}: {value}" for name, value in (("host", authority), *DEFAULTS)}
        self._given: Headers = ()  # the last ones: the calls of one operation mostly have the same
        self._lines, self._named = self._written(self._given)

    def write(self, request: Request) -> tuple[bytes, int]:
        """The head, up to and with its empty line, and how the body is framed: its length in bytes, or `CHUNKED`.

        Raises `ValueError` for a method, target or header that is not encoded, and for framing that contradicts the
        body.
        """
        if _START.fullmatch(f"{request.method} {request.target}") is None:
            raise ValueError(f"not a method and a percent-encoded path and query: {request.method} {request.target!r}")
        if request.headers is not self._given:
            self._lines, self._named = self._written(request.headers)
            self._given = request.headers
        target = self._path + request.target
        if target[:1] != "/":
            target = f"/{target}"
        framing, length = _framed(request, self._named)
        return f"{request.method} {target} HTTP/1.1\r\n{self._lines}{framing}\r\n".encode(), length

    def _written(self, headers: Headers) -> tuple[str, dict[str, str]]:
        """The lines of all that is known before a body is, and what was given by name."""
        given = [_line(name, value) for name, value in headers]
        named = {name.lower(): value for name, value in headers}
        ours = [line for name, line in self._ours.items() if name not in named]
        return "".join([f"{line}\r\n" for line in (*ours, *given)]), named


def _line(name: str, value: str) -> str:
    if _FIELD.fullmatch(f"{name}\n{value}") is None:
        raise ValueError(f"not a header that can be sent: {name!r}")
    return f"{name}: {value}"


def _framed(request: Request, named: dict[str, str]) -> tuple[str, int]:
    """The line that is missing to frame the body (RFC 9112 6), and its length."""
    given = named.get("content-length")
    if "transfer-encoding" in named or (given is not None and not given.isdecimal()):
        raise ValueError("a body whose framing header is not a length")
    if request.body is not None and not isinstance(request.body, bytes):
        return ("transfer-encoding: chunked\r\n", CHUNKED) if given is None else ("", int(given))
    length = len(request.body or b"")
    if given is not None and int(given) != length:
        raise ValueError("a body that has not the length which its header says")
    silent = given is not None or (not length and request.method in _UNEXPECTED)
    return "" if silent else f"content-length: {length}\r\n", length
