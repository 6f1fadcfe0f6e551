"""The bytes of a URL that somebody named. Knows HTTP and addresses; no document, and nothing that a document says.

Whoever names a URL may name an internal one. A redirect may not lead to one: outside the origin that was named, the
host must have public addresses only, and the call goes to the address that was looked at (so that a second answer of
the DNS changes nothing). No environment, no proxy, no cookie, no credential.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import httpx

from bff.openapi.place import LARGEST, Unfetchable

TIMEOUT = 10.0  # seconds to connect, and between two pieces of the answer
ALTOGETHER = 60.0  # seconds for one document, its redirects included
REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPTED = "application/vnd.oai.openapi+json, application/json, application/yaml, */*;q=0.5"

Lookup = Callable[[str, int], list[str]]


def addresses(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def fetch(named: str, lookup: Lookup = addresses) -> bytes:
    """The answer to GET, unpacked, at most LARGEST bytes. Raises Unfetchable."""
    end = time.monotonic() + ALTOGETHER
    url = _checked(named)
    origin = _origin(url)
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT) as client:
        for _ in range(REDIRECTS + 1):
            found = _get(client, url, None if _origin(url) == origin else public_address(url, lookup), end)
            if isinstance(found, bytes):
                return found
            url = _redirected(url, found)
    raise Unfetchable(f"is redirected more than {REDIRECTS} times", "name the URL where it ends")


def public_address(url: httpx.URL, lookup: Lookup) -> str:
    """The address to call; raises Unfetchable for a host that has an address which is not public."""
    try:
        found = lookup(url.host, url.port or 443)
    except OSError:
        raise Unfetchable(f"is redirected to {url.host}, which has no address") from None
    if not found or not all(_public(address) for address in found):
        raise Unfetchable(f"is redirected to {url.host}, which is not public", "name that URL itself, if it is right")
    return found[0]


def _public(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    return bool(found.is_global and inner.is_global and not inner.is_multicast)


def _checked(named: str) -> httpx.URL:
    try:
        url = httpx.URL(named)
    except httpx.InvalidURL:
        raise Unfetchable("is not a URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise Unfetchable("must be an http or https URL with a host")
    if url.userinfo:
        raise Unfetchable("must not hold credentials", "fetch it yourself and name the file")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx leaves a scheme's own port out


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    target = _checked(str(url.join(location)))
    if url.scheme == "https" and target.scheme == "http":
        raise Unfetchable("is redirected from https to http", "name the URL where it ends")
    return target


def _get(client: httpx.Client, url: httpx.URL, address: str | None, end: float) -> bytes | str:
    """The body, or where to look instead."""
    headers = {"accept": _ACCEPTED, "accept-encoding": "gzip", "host": url.netloc.decode("ascii")}
    extensions = {"sni_hostname": url.host} if url.scheme == "https" else {}
    called = url if address is None else url.copy_with(host=address)
    try:
        with client.stream("GET", called, headers=headers, extensions=extensions) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return response.headers["location"]
            if response.status_code != 200:
                raise Unfetchable(f"was answered with status {response.status_code}")
            return b"".join(_pieces(response, end))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unfetchable(f"cannot be fetched: {type(error).__name__}") from error


def _pieces(response: httpx.Response, end: float) -> Iterator[bytes]:
    """The body unpacked, never more of it than LARGEST: a bomb is not unpacked to its end."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip"}:
        raise Unfetchable("came with a content-encoding that was not asked for")
    unpack = None if coding == "identity" else zlib.decompressobj(31)
    left = LARGEST
    for raw in response.iter_raw():
        piece = _unpacked(unpack, raw, left + 1) if unpack else raw
        left -= len(piece)
        if left < 0:
            raise Unfetchable(f"must not be larger than {LARGEST // 1024**2} MiB")
        if time.monotonic() > end:
            raise Unfetchable(f"did not arrive within {ALTOGETHER:.0f} s")
        yield piece
    if unpack and not unpack.eof:
        raise Unfetchable("was cut short")


def _unpacked(unpack: zlib._Decompress, raw: bytes, most: int) -> bytes:
    try:
        return unpack.decompress(raw, most)
    except zlib.error:
        raise Unfetchable("came packed in a way that does not unpack") from None
