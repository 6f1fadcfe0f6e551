"""What was made of documents, kept in a folder between starts: modules by key. Knows no document and no graph.

It is code that will run. So a folder or a file that somebody else could have written is not read, and what is damaged
counts as not there. Whatever goes wrong with the folder, nothing is raised: everything can be made anew.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from bff.openapi.place import is_url

MOST = 32  # graphs in one folder; the one that was not used for longest goes first
LARGEST = 256 * 1024**2  # bytes of one; GitHub's has 5 MiB

_SUFFIX = ".graph"
_DIGEST = 32  # bytes of SHA-256 that a file begins with
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Kept:
    """Modules, and the documents that they were made of: the name and the SHA-256 of each."""

    sources: tuple[tuple[str, str], ...]
    code: Mapping[str, CodeType]
    lost: int = 0  # places where the graph says less than its documents


def home_of(place: str) -> str:
    """A document's URL, or its path wherever one stands."""
    return place if is_url(place) else str(Path(place).absolute())


def take(folder: Path, key: str) -> Kept | None:
    """What was kept under this key, if it is whole and nobody else's."""
    if not is_ours(folder):
        return None
    path = folder / f"{key}{_SUFFIX}"
    try:
        with path.open("rb") as file:
            if not _ours(os.fstat(file.fileno())):
                return None
            content = file.read(LARGEST + 1)
        os.utime(path)
    except OSError:
        return None
    return _read(content)


def keep(folder: Path, key: str, made: Kept) -> None:
    """Keep it, if the folder can be used. Whoever reads at the same moment gets the old one or the new one, whole."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_ours(folder):
            return
        number, name = tempfile.mkstemp(dir=folder, suffix=".part")  # of mode 0600
        try:
            with os.fdopen(number, "wb") as file:
                file.write(_written(made))
            Path(name).replace(folder / f"{key}{_SUFFIX}")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(folder)


def is_ours(folder: Path) -> bool:
    """Whether it is there, and nobody else can write into it."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _ours(status)


def _ours(status: os.stat_result) -> bool:
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS


def _written(made: Kept) -> bytes:
    body = marshal.dumps((made.sources, dict(made.code), made.lost))
    return hashlib.sha256(body).digest() + body


def _read(content: bytes) -> Kept | None:
    """Trusted by marshal, whatever it is: so what came to harm must not reach it."""
    digest, body = content[:_DIGEST], content[_DIGEST:]
    if len(content) > LARGEST or hashlib.sha256(body).digest() != digest:
        return None
    return Kept(*marshal.loads(body))  # noqa: S302 - written by `_written`, in a folder that is ours alone


def _prune(folder: Path) -> None:
    files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MOST:]:
        path.unlink(missing_ok=True)
