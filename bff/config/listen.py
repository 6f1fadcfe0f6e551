"""Where the gateway listens, and whom it believes what they say of callers. Knows no socket."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from bff.config.kinds import Network, Text, Whole
from bff.config.settings import Settings


class Listen(Settings):
    """Where the gateway listens."""

    host: Annotated[str, Text(r"^[A-Za-z0-9._:%-]+$", "a host name or an IP address", 'such as "127.0.0.1"')] = (
        "127.0.0.1"
    )
    """The address to bind. Danger: `0.0.0.0` and `::` are every network the machine is on."""

    port: Annotated[int, Whole(0, 65_535)] = 4000
    """The TCP port; 0 takes any free one."""

    trusted_proxies: tuple[Annotated[IPv4Network | IPv6Network, Network()], ...] = ()
    """The proxies in front, as networks: what they say about the caller's address, scheme and host (`Forwarded`,
    `X-Forwarded-*`) is believed. Danger: whoever else is in these networks can claim any address."""
