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


def planned(
    wanted: Mapping[str, str],
    glue: Mapping[str, str],
    there: Mapping[str, str],
    locked: Mapping[str, str],
    own: tuple[str, ...],
    *,
    force: bool,
) -> Plan:
    """The plan. `there` are the folder's texts, `locked` digests of what was written before, `own` prefixes of paths.

    `wanted` are the services' own files; `glue` those that hold the project together.
    """
    plan = Plan()
    for path, text in wanted.items():
        _sort(plan, path, text, there, locked, plan.edited, force=force)
    for path, text in glue.items():
        _sort(plan, path, text, there, locked, plan.theirs, force=False)
    for path in sorted(locked.keys() - wanted.keys() - glue.keys()):
        if path.startswith(own) and path in there:
            untouched = digest(there[path]) == locked[path]
            (plan.remove if untouched or force else plan.edited).append(path)
    return plan


def _sort(
    plan: Plan,
    path: str,
    text: str,
    there: Mapping[str, str],
    locked: Mapping[str, str],
    left: list[str],
    *,
    force: bool,
) -> None:
    if there.get(path) == text:
        plan.same.append(path)
    elif force or path not in there or digest(there[path]) == locked.get(path):
        plan.write[path] = text
    else:
        left.append(path)
