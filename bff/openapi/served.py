"""The graph of documents that stand in `bff.yaml`, as modules that run: made, or taken from where they were kept.

What is kept is as good as made anew while no byte of its documents, of the names' lock and of this package changed.
Blocks: it reads files and the network.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

from bff.errors import Problem
from bff.openapi import kept
from bff.openapi.graph.lock import Lock
from bff.openapi.kept import Kept, home_of
from bff.openapi.place import Fetch, Unfetchable, content_of, is_url


@dataclass(frozen=True, slots=True)
class Served:
    """Modules for `bff.openapi.graph.memory.load`, and what there is to doubt about them."""

    code: Mapping[str, CodeType]
    doubts: tuple[Problem, ...] = ()


def fetched(url: str) -> bytes:
    """What is behind a URL. Raises Unfetchable."""
    from bff.openapi.fetch import fetch  # with HTTP, which files have no need of

    return fetch(url)


def served(
    documents: Mapping[str, str], lock: Lock, folder: Path | None, *, trusted: bool = False, fetch: Fetch = fetched
) -> Served:
    """The graph of these services, name -> path or URL of its document; `folder` is where graphs are kept, if at all.

    With `trusted` what was kept is taken without a look at the documents: another process looked a moment ago. A URL
    that cannot be fetched is a doubt, if its document is kept. Raises StartRefused with every problem of the documents.
    """
    key = _key(documents, lock)
    look = _Look(fetch)
    found = kept.take(folder, key) if folder else None
    if found and (trusted or look.unchanged(found.sources)):
        return Served(found.code, (*look.doubts, *_lost(found)))
    made = _made(documents, lock, look.fetch)
    if folder:
        kept.keep(folder, key, made)
    return Served(made.code, tuple(_lost(made)))


def _lost(made: Kept) -> Iterator[Problem]:
    if made.lost:
        message = f"places where the graph says less than its documents: {made.lost}"
        yield Problem("openapi", message, "bff import DOCUMENT --into FOLDER --report json says where and why")


def _made(documents: Mapping[str, str], lock: Lock, fetch: Fetch) -> Kept:
    from bff.openapi.making import made  # a start from what was kept does not wait for it

    return made(documents, lock, fetch)


def _key(documents: Mapping[str, str], lock: Lock) -> str:
    """What must be equal for two graphs to be made in the same way; their documents' contents are another matter."""
    names = sorted((name, home_of(place)) for name, place in documents.items())
    return hashlib.sha256(json.dumps([_engine(), names, lock.text()]).encode()).hexdigest()


@cache
def _engine() -> str:
    """The code of this package, and the Python that compiled code belongs to."""
    digest = hashlib.sha256(sys.version.encode() + MAGIC_NUMBER)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(slots=True)
class _Look:
    """One look at documents: each URL is fetched once, whether its document is then made anew or not."""

    _fetch: Fetch
    doubts: list[Problem] = field(default_factory=list)
    _fetched: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, url: str) -> bytes:
        if url not in self._fetched:
            self._fetched[url] = self._fetch(url)
        return self._fetched[url]

    def unchanged(self, sources: Iterable[tuple[str, str]]) -> bool:
        return all(self._unchanged(name, digest) for name, digest in sources)

    def _unchanged(self, name: str, digest: str) -> bool:
        try:
            content = self.fetch(name) if is_url(name) else content_of(Path(name))
        except Unfetchable as error:
            self.doubts.append(Problem(name, f"{error.message}: the document of the last start is used", error.hint))
            return True
        except OSError:
            return False
        return hashlib.sha256(content).hexdigest() == digest
