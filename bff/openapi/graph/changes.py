"""What an import would do to a folder: which files it writes, leaves and removes. Pure: texts in, a plan out.

A file that somebody edited is theirs: it is named and left alone, unless told otherwise. What holds a project together
is written where there is none, and kept true as long as nobody touched it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Plan:
    """What to do, by path below the folder. `edited` are generated files that were changed by hand."""

    write: dict[str, str] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)  # what holds the project together, and is not ours


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Folder:
    """What is there: texts by path, and the digests of what an import wrote there before."""

    texts: Mapping[str, str]
    written: Mapping[str, str]

    def is_ours(self, path: str) -> bool:
        """Whether a file is as an import left it, or not there."""
        return path not in self.texts or digest(self.texts[path]) == self.written.get(path)


def planned(
    wanted: Mapping[str, str], glue: Mapping[str, str], folder: Folder, own: tuple[str, ...], *, force: bool
) -> Plan:
    """The plan. `wanted` are the services' own files, `own` their prefixes; `glue` holds the project together."""
    plan = Plan()
    for path, text in {**wanted, **glue}.items():
        if folder.texts.get(path) == text:
            plan.same.append(path)
        elif folder.is_ours(path) or (force and path in wanted):
            plan.write[path] = text
        else:
            (plan.edited if path in wanted else plan.theirs).append(path)
    for path in sorted(folder.written.keys() - wanted.keys() - glue.keys()):
        if path.startswith(own) and path in folder.texts:
            (plan.remove if force or folder.is_ours(path) else plan.edited).append(path)
    return plan
