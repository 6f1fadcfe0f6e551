"""Pages of other sites that make a browser send requests with the cookies it has for us (CSRF): which are refused.

Pure; knows header fields, and neither callers nor answers. It matters where a cookie is a credential: ours, or one that
is handed on to a service. A credential in any other header is sent by nobody who does not know it.

Sources: Fetch 2.2.2 (what needs no preflight) and 3.4.4 (Origin), W3C Fetch Metadata, RFC 6455 10.2 (WebSockets).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bff.errors import CrossSiteRefused

# No page can send one of these to another site, unless that site said so before. The first is ours, and others' too.
PREFLIGHT = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-preflight",
    "x-api-key",
)
_SIMPLE = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")
_OWN = frozenset({"same-origin", "none"})  # Sec-Fetch-Site; none: a person asked, and no page
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Fields = Mapping[str, str]  # header fields by lower-case name, repeated ones joined


@dataclass(frozen=True, slots=True)
class Crossing:
    """What counts as crossing over from another site."""

    cookie: str | None  # the name of the one that is a credential here
    forwarded: bool = False  # services get cookies: then any may be a credential
    origins: frozenset[str] = frozenset()  # whose pages may use it all the same

    def check(self, fields: Fields) -> None:
        """Raises CrossSiteRefused for a request with a cookie that another site's page may have made."""
        if self._bears(fields) and not self._ours(fields):
            raise CrossSiteRefused(_SAY, detail=_told_by(fields))

    def check_route(self, method: str, headers: Iterable[tuple[str, str]]) -> None:
        """The same for a request that passes through. What a safe method does, links may do too."""
        if method not in _SAFE:
            self.check(dict(headers))

    def check_socket(self, fields: Fields) -> None:
        """The same for a WebSocket's handshake, which browsers never send without Origin. Others need no header."""
        if "origin" in fields:
            self.check(fields)

    def _bears(self, fields: Fields) -> bool:
        cookies = fields.get("cookie")
        if cookies is None:
            return False
        named = self.cookie is not None and f"{self.cookie}=" in cookies and "authorization" not in fields
        return self.forwarded or named

    def _ours(self, fields: Fields) -> bool:
        """Whether a page of ours made the request, or none: by the browser's word, else by what only such can send."""
        site, origin = fields.get("sec-fetch-site"), fields.get("origin")
        if site is not None:
            return site in _OWN or origin in self.origins
        if origin is not None:
            return origin in self.origins or _host(origin) == fields.get("host", "").lower()
        return preflighted(fields)


def preflighted(fields: Fields) -> bool:
    """Whether no page can have sent this to another site without that site's leave."""
    if any(fields.get(name) for name in PREFLIGHT) or fields.get("authorization", "")[:7].lower() == "bearer ":
        return True
    media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    return media_type not in _SIMPLE and _MEDIA_TYPE.fullmatch(media_type) is not None


def check_preflighted(fields: Fields) -> None:
    """Raises CrossSiteRefused for what a form of any page could send."""
    if not preflighted(fields):
        say = f"Send the header {PREFLIGHT[0]} (with any value): a form of any page could send this."
        raise CrossSiteRefused(say, detail="a form, without a header that no form sends")


def _told_by(fields: Fields) -> str:
    for name, spelled in (("sec-fetch-site", "Sec-Fetch-Site"), ("origin", "Origin")):
        if name in fields:
            return f"a cookie in a request of another site, by its {spelled}"
    return "a cookie in a request that does not show where it is from"


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


_SAY = (
    "Another site's page may have sent this with a user's cookie. Cookies count in requests of this site's own pages, "
    f"of origins that are trusted with them, and of programs that send the header {PREFLIGHT[0]}."
)
