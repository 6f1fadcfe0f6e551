"""Who the client is, seen through the proxies that we trust. Pure; knows X-Forwarded-* and Forwarded, no other header.

Only an address that connected to us, or that a trusted hop says connected to it, is believed; what stands further left
in X-Forwarded-For is the client's own invention and is dropped. The Forwarded header of a request is never read: common
proxies set the one kind and hand through the other, so that believing both believes whoever wrote the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from bff.upstreams import Headers

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_HOST = re.compile(r"[A-Za-z0-9._~-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from."""

    chain: tuple[str, ...]  # addresses: the client, then the trusted hops; empty when nothing is known (unix sockets)
    scheme: str  # that the client used
    host: str | None  # that the client asked for

    @property
    def client(self) -> str | None:
        return self.chain[0] if self.chain else None

    @property
    def headers(self) -> Headers:
        """What the upstream is told: RFC 7239, and the older names that most services read."""
        found = [("forwarded", ", ".join(self._elements()))]
        if self.chain:
            found.append(("x-forwarded-for", ", ".join(self.chain)))
        found.append(("x-forwarded-proto", self.scheme))
        if self.host:
            found.append(("x-forwarded-host", self.host))
        return tuple(found)

    def _elements(self) -> Iterable[str]:
        host = f';host="{self.host}"' if self.host else ""
        yield f"for={_node(self.client)}{host};proto={self.scheme}"
        yield from (f"for={_node(hop)}" for hop in self.chain[1:])


def origin(
    headers: Headers, *, peer: str | None, scheme: str, host: str | None, trusted: Sequence[Network] = ()
) -> Origin:
    """`peer` is the address that connected, `headers` are a request's (lower case), `trusted` our own front proxies."""
    address = _address(peer or "")
    if address is None or not _in(address, trusted):
        return Origin((str(address),) if address else (), scheme, host)
    said_scheme = _last(headers, "x-forwarded-proto")
    said_host = _last(headers, "x-forwarded-host")
    return Origin(
        chain=(*_believed(headers, trusted), str(address)),
        scheme=said_scheme if said_scheme in {"http", "https"} else scheme,
        host=said_host if said_host and _HOST.fullmatch(said_host) else host,
    )


def _believed(headers: Headers, trusted: Sequence[Network]) -> tuple[str, ...]:
    """From the right: every trusted hop, and the first address that is none of them."""
    said = [part for name, value in headers if name == "x-forwarded-for" for part in value.split(",")]
    chain: list[str] = []
    for text in reversed(said):
        address = _address(text.strip())
        if address is None:
            break
        chain.insert(0, str(address))
        if not _in(address, trusted):
            break
    return tuple(chain)


def _address(text: str) -> Address | None:
    """An IP address, with a port or without: "192.0.2.1:80", "[2001:db8::1]:80"."""
    host = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _last(headers: Headers, name: str) -> str | None:
    said = [part.strip() for key, value in headers if key == name for part in value.split(",")]
    return said[-1] if said else None


def _node(address: str | None) -> str:
    """RFC 7239 6: an IPv6 address stands in brackets and quotes."""
    if address is None:
        return "unknown"
    return f'"[{address}]"' if ":" in address else address
