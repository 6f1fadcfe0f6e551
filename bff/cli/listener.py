"""The socket that a gateway listens on, and how people write its address."""

from __future__ import annotations

import os
import socket

from bff.errors import Problem, StartRefused

BACKLOG = 2_048  # connections that wait while no process is ready to take them
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises StartRefused."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        hint = "stop what listens there, or choose another with --port" if port else ""
        raise StartRefused(
            [Problem("listen", f"cannot listen on {host}:{port}: {(why or '').lower()}", hint)]
        ) from None


def address_of(listener: socket.socket) -> str:
    """The URL under which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
