"""Changes of a project's files. The only module that knows watchfiles, which says when to look; what changed we see.

Looked at are the configuration, its OpenAPI documents with what they refer to, `example.graphql` and every Python file
below the project's folder; folders of packages and builds are left out, so that a clone with Node's thousands of
folders costs nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from bff.cli.project import Project

OTHERS = {"node_modules", "__pycache__", "build", "dist"}
ENVIRONMENT = "pyvenv.cfg"  # what makes a folder a virtual environment
LOOK_ANYWAY = 2_000  # milliseconds; for file systems that tell nothing, such as a container's mounts
DEBOUNCE = 300  # milliseconds; an editor that saves many files wants one reload

Stamps = Mapping[Path, tuple[int, int]]


async def changes(project: Project) -> AsyncIterator[list[Path]]:
    """The files that came, went or changed since the last time, from the moment this is first asked."""
    before = stamps(project)
    while True:
        folders = set(_folders(project))
        async with aclosing(_moments(folders)) as moments:
            async for _ in moments:
                now = stamps(project)
                if changed := sorted(path for path in now.keys() | before.keys() if now.get(path) != before.get(path)):
                    before = now
                    yield changed
                if set(_folders(project)) != folders:
                    break


async def _moments(folders: Iterable[Path]) -> AsyncGenerator[None]:
    """When to look: something happened in one of the folders, or nothing has been looked at for a while."""
    try:
        async for _ in awatch(
            *folders,
            recursive=False,
            watch_filter=None,
            debounce=DEBOUNCE,
            rust_timeout=LOOK_ANYWAY,
            yield_on_timeout=True,
        ):
            yield
    except FileNotFoundError:  # a folder went, maybe all of the project: it may come back
        await asyncio.sleep(LOOK_ANYWAY / 1_000)


def stamps(project: Project) -> Stamps:
    """What tells one version of each file from the next."""
    found: dict[Path, tuple[int, int]] = {}
    for path in _files(project):
        try:
            status = path.stat()
        except OSError:
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found


def _files(project: Project) -> Iterator[Path]:
    yield project.config
    yield project.folder / "example.graphql"
    yield from project.files()
    for folder in _below(project.folder):
        yield from folder.glob("*.py")


def _folders(project: Project) -> Iterator[Path]:
    if project.config.parent.is_dir():
        yield project.config.parent
    yield from {file.parent for file in project.files() if file.parent.is_dir()}
    yield from _below(project.folder)


def _below(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        if ENVIRONMENT in files:
            names.clear()
            continue
        names[:] = [name for name in names if name not in OTHERS and not name.startswith(".")]
        yield Path(place)
