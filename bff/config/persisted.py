"""Documents that clients name instead of sending them. Knows no manifest's content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from bff.config.kinds import Duration, Flag, Size, Text
from bff.config.mistakes import Mistake
from bff.config.settings import Settings
from bff.config.tiers import MODE, Mode, Tier

_FILE = Text(r"^[^\x00-\x1f]*[^\x00-\x1f/]$", "the path of a file", 'such as "persisted-documents.json"')


class Persisted(Settings):
    """Documents that clients name instead of sending them."""

    automatic: Annotated[bool, Flag()] = True
    """Keep what a client sends with its SHA-256, so that it need not be sent again (Apollo's automatic persisted
    queries). With a shared `store`, all processes keep it together. It saves bytes and protects nothing."""

    manifests: tuple[Annotated[str, _FILE], ...] = ()
    """The files that list trusted documents, as build tools write them, in the graph's folder: Apollo's
    `persisted-query-manifest.json`, GraphQL Code Generator's `persisted-documents.json`, Relay's. Read at start."""

    mode: Annotated[Mode, MODE] = "allowed"
    """What becomes of documents that are in no manifest: `allowed`; `log-only`, which runs and tells of them;
    `required`, which refuses them."""

    size: Annotated[int, Size()] = 1_048_576
    """How much memory documents may take that clients registered, in every process. Where it is full, the client that
    holds most loses its oldest."""

    ttl: Annotated[float, Duration()] = 86_400.0
    """How long the shared store keeps a document that nobody asks for."""


def pointless(found: Persisted, tiers: Mapping[str, Tier]) -> Iterator[Mistake]:
    """Places where trusted documents are demanded, and there are none: nothing could ever run."""
    if found.manifests:
        return
    modes = [
        (("persisted", "mode"), found.mode),
        *((("tiers", name, "persisted"), t.persisted) for name, t in tiers.items()),
    ]
    for place, mode in modes:
        if mode == "required":
            yield Mistake("lets nothing run: there is no manifest", "list it in persisted.manifests", place)
