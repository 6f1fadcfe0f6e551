"""Documents that clients name: those of manifests, and those that were seen before."""

from __future__ import annotations

import time
from pathlib import Path

from bff.asking import OPEN
from bff.config import Config
from bff.gateway.listeners import Listeners
from bff.gateway.store import open_connection
from bff.persisted import Automatic, Kept, Persisted, SharedTexts, read_manifests


def persisted(config: Config, folder: Path, listeners: Listeners) -> Persisted:
    """Manifests are found from `folder`. Raises StartRefused for those that cannot be read."""
    return Persisted(
        trusted=read_manifests(folder / name for name in config.persisted.manifests),
        automatic=_automatic(config) if config.persisted.automatic else None,
        modes={OPEN: config.mode(None), **{name: config.mode(name) for name in config.tiers}},
        observer=listeners.everything,
        tell=listeners.document,
    )


def _automatic(config: Config) -> Automatic:
    connection = open_connection(config)
    shared = SharedTexts(connection.run, connection.aclose, ttl=config.persisted.ttl) if connection else None
    return Automatic(Kept(config.persisted.size), shared, time.monotonic)
