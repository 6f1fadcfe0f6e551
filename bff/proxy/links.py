"""What an answer says of the service's own place, in words that lead a client there: redirects and cookies. Pure.

A service knows the host and the path that we ask it by, and clients know others. Like nginx's `proxy_redirect default`,
and further: paths without a host follow a prefix that the route changes, and cookies are held to neither a host nor a
path that no client ever sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

from bff.upstreams import Headers

TRANSLATED = frozenset({"content-location", "location", "refresh", "set-cookie"})
_REFERENCE = re.compile(r"(?P<origin>(?:https?:)?//[^/?#\\]*)?(?P<path>[^?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_REFRESH = re.compile(r"(?P<before>[^=]*\burl\s*=\s*['\"]?)(?P<url>.*)", re.IGNORECASE | re.DOTALL)
_PORTS = {"http": 80, "https": 443}
_ANYWHERE = re.compile(r"/\t*[/\\]")  # how a browser reads the beginning of another host

Origin = tuple[str, str | None, int | None]


@dataclass(frozen=True, slots=True)
class Links:
    """How the paths of one route lead to its service, and back."""

    origin: Origin  # of the service
    inside: str  # what its paths begin with: "/v1"
    outside: str  # what clients see in the place of that: "/files"

    @classmethod
    def of(cls, url: str, strip: str, put: str) -> Self:
        """`url` is the upstream's base; `strip` goes from the path of a request, and `put` comes in its place."""
        return cls(_origin(url), urlsplit(url).path.rstrip("/") + put, quote(strip))

    def told(self, headers: Headers) -> Headers:
        """An answer's headers as they go to the client. Names are lower case, and values legal."""
        if TRANSLATED.isdisjoint([name for name, _ in headers]):
            return headers
        return tuple((name, self._told(name, value)) for name, value in headers)

    def _told(self, name: str, value: str) -> str:
        if name == "set-cookie":
            return self._cookie(value)
        if name == "refresh":
            found = _REFRESH.fullmatch(value)
            return found["before"] + self._reference(found["url"]) if found else value
        return self._reference(value) if name in TRANSLATED else value

    def _reference(self, text: str) -> str:
        """A URI reference (RFC 3986 4.1); one that leads elsewhere stays."""
        found = _REFERENCE.fullmatch(text)
        if found is None:
            return text
        if found["origin"] is None:
            return self._path(found["path"]) + found["rest"]
        if _origin(found["origin"], self.origin[0]) != self.origin:
            return text
        path = self._seen(found["path"] or "/")
        return text if path is None else _here(path) + found["rest"]

    def _path(self, path: str) -> str:
        """A path that comes without a host. One that already is as clients see it stays."""
        if not path.startswith("/") or _ANYWHERE.match(path):
            return path
        if _below(self.outside, path) and len(self.outside) > len(self.inside):
            return path
        seen = self._seen(path)
        return path if seen is None else _here(seen)

    def _seen(self, path: str) -> str | None:
        """What leads to a path of the service by this route; None where nothing does."""
        if not _below(self.inside, path):
            return None
        return self.outside + path[len(self.inside) :] or "/"

    def _cookie(self, text: str) -> str:
        """RFC 6265 5.2. A path of "/" stays: it leads to wherever else the cookie may be meant for."""
        pair, *attributes = text.split(";")
        own = pair.lstrip().startswith("__Host-")  # which a browser takes for "/" alone
        kept = [told for each in attributes if (told := self._attribute(each, own=own)) is not None]
        return ";".join([pair, *kept])

    def _attribute(self, text: str, *, own: bool) -> str | None:
        name, mark, value = text.partition("=")
        key, said = name.strip().lower(), value.strip()
        if key == "domain" and said.lstrip(".").lower() == self.origin[1]:
            return None  # then it is for the host that the client asked
        if key == "path" and said.startswith("/") and said != "/" and not own:
            return f"{name}{mark}{self._path(said)}"
        return text


def _below(prefix: str, path: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _here(path: str) -> str:
    """A path as a reference by itself, which must not read as one to another host (RFC 3986 4.2)."""
    return f"/.{path}" if _ANYWHERE.match(path) else path


def _origin(url: str, scheme: str = "") -> Origin:
    try:
        parts = urlsplit(url, scheme)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", None, None
