"""The six services of the reference graph, running, and a client for each: real sockets, real data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from backends.run import Services


@contextmanager
def running() -> Iterator[dict[str, httpx.Client]]:
    """Clients by the name of their service."""
    with Services() as urls:
        opened = {name: httpx.Client(base_url=url, timeout=10, trust_env=False) for name, url in urls.items()}
        try:
            yield opened
        finally:
            for client in opened.values():
                client.close()
