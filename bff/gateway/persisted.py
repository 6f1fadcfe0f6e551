"""Documents that clients name: those of manifests, and those that were seen before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bff.config import Config
from bff.gateway.gateway import Gateway
from bff.gateway.listeners import Listeners
from bff.gateway.rules import passing_documents
from bff.gateway.store import open_connection
from bff.operation import OPEN
from bff.persisted import Automatic, Kept, Persisted, SharedTexts, Unfit, read_manifests, unfit


def persisted(config: Config, folder: Path, listeners: Listeners) -> Persisted:
    """Manifests are found from `folder`. Raises StartRefused for those that cannot be read."""
    return Persisted(
        trusted=read_manifests(folder / name for name in config.persisted.manifests),
        automatic=_automatic(config) if config.persisted.automatic else None,
        modes={OPEN: config.mode(None), **{name: config.mode(name) for name in config.tiers}},
        observer=listeners.everything,
        tell=listeners.document,
    )


def look_at_documents(gateway: Gateway) -> Iterator[Unfit | None]:
    """Each document of the manifests: whether it would be refused. One by one, since each takes some milliseconds."""
    documents, trusted = passing_documents(gateway.config, gateway.graph), gateway.persisted.trusted
    for id_, text in trusted.named.items():
        yield unfit(id_, text, trusted.files[id_], documents)


def _automatic(config: Config) -> Automatic:
    connection = open_connection(config)
    shared = None
    if connection:
        wait, ttl = config.store_timeout, config.persisted.ttl
        shared = SharedTexts(connection.run, connection.aclose, timeout=wait, ttl=ttl)
    return Automatic(Kept(config.persisted.size), shared, time.monotonic)
