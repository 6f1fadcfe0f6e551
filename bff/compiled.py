"""Whether the modules that every operation passes through run as machine code, and as that of these very sources.

mypyc makes it of them (machine_code.py, next to this package) and leaves it in `_compiled`, with a record of what it
was made of. It is used if nothing changed since; otherwise, as in a clone where nobody compiled, the sources run, and
do the same more slowly. Nothing here knows how it is made, or what is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

PACKAGE: Final = Path(__file__).parent
FOLDER: Final = PACKAGE / "_compiled"
RECORD: Final = "record.json"
SOURCES_ONLY: Final = "BFF_SOURCES"  # 1: a debugger or a profiler wants to see every line


class Compiled(MetaPathFinder):
    """Finds these modules, and the one that holds the code of all of them, in a folder of theirs."""

    def __init__(self, folder: Path, suffix: str, modules: frozenset[str]) -> None:
        self._folder = folder
        self._suffix = suffix
        self.modules = modules

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name not in self.modules:
            return None
        file = str(self._folder / (name + self._suffix))
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, file))


def digest_of(package: Path = PACKAGE) -> str:
    """Of all its sources: machine code holds constants and types of modules that are not compiled, too."""
    found = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        found.update(f"{source.relative_to(package).as_posix()}\n".encode())
        found.update(hashlib.sha256(source.read_bytes()).digest())
    return found.hexdigest()


def found(folder: Path = FOLDER, package: Path = PACKAGE) -> Compiled | None:
    """What is compiled, if it is for this interpreter and of these sources."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        suffix: str = record["suffix"]
        modules = frozenset((*record["modules"], record["holds"]))
        if suffix not in EXTENSION_SUFFIXES or digest_of(package) != record["sources"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Compiled(folder, suffix, modules)


def _used() -> bool:
    finder = None if os.environ.get(SOURCES_ONLY) == "1" else found()
    if finder is not None:
        sys.meta_path.insert(0, finder)
    return finder is not None


COMPILED: Final = _used()  # decided before anything else of this package is imported
