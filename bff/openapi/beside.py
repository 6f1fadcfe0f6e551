"""Which files documents refer to, at a glance: for whoever watches them. Knows text, and nothing of what it means.

A file too many does no harm, so nothing is parsed. Looked at is what an import would read: JSON and YAML in the folder
of a document that was named, or below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from bff.openapi.place import content_of

SUFFIXES = frozenset({".json", ".yaml", ".yml"})
MOST = 5_000  # files

_REFERENCE = re.compile(rb"""\$ref["']?\s*:\s*["']?([^"'#\s][^"'#\n]*)""")


def beside(documents: Iterable[Path]) -> list[Path]:
    """The files that these refer to, and that those refer to, but for themselves; they need not be there."""
    named = [document.resolve() for document in documents]
    folders = {document.parent for document in named}
    found, open_ = dict.fromkeys(named), list(named)
    while open_ and len(found) < MOST:
        new = [path for path in _references(open_.pop(), folders) if path not in found]
        found |= dict.fromkeys(new)
        open_ += new
    return [path for path in found if path not in named]


def _references(document: Path, folders: set[Path]) -> list[Path]:
    try:
        status = document.stat()
        texts = _written(document, status.st_mtime_ns, status.st_size)
        paths = [(document.parent / text).resolve() for text in texts]
    except (OSError, ValueError, RuntimeError):  # gone, unreadable, or named as no file can be
        return []
    return [path for path in paths if any(path.is_relative_to(folder) for folder in folders)]


@lru_cache(maxsize=1_000)
def _written(document: Path, time: int, size: int) -> tuple[str, ...]:
    """The files that are named in a version of a document. Raises OSError."""
    del time, size
    texts = (unquote(found.decode("utf-8", "replace").strip()) for found in _REFERENCE.findall(content_of(document)))
    return tuple(dict.fromkeys(text for text in texts if Path(text).suffix.lower() in SUFFIXES and "://" not in text))
