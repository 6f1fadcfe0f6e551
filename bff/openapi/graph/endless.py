"""Inputs that must hold themselves: no value of such a type ends, so one member of each circle need not be given.

GraphQL refuses such a schema (October 2021, 3.10); a document that has one is wrong, and its service takes what ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bff.openapi.graph.drafts import Drafts
from bff.openapi.graph.wanted import Member, Wanted


def loosen(drafts: Drafts) -> None:
    """Let the last member of each circle be null. Which one that is depends on names, and on no order."""
    done: set[str] = set()
    for key in sorted(drafts.drafts):
        _walk(key, drafts, done)


def _walk(start: str, drafts: Drafts, done: set[str]) -> None:
    """Depth first, without recursion: a chain of thousands costs no stack."""
    path: dict[str, Iterator[Member]] = {}
    if start not in done:
        path[start] = _inside(drafts.drafts[start])
    while path:
        key, members = next(reversed(path.items()))
        member = next(members, None)
        if member is None:
            done.add(key)
            path.popitem()
        elif member.use.name in path:
            _loosened(drafts, key, member)
        elif member.use.name in drafts.drafts and member.use.name not in done:
            path[member.use.name] = _inside(drafts.drafts[member.use.name])


def _inside(draft: Wanted) -> Iterator[Member]:
    """Members of an input that must be given, and are inputs."""
    own = draft.members if draft.kind == "input" else ()
    return (each for each in own if each.use.module == "own" and not each.use.nullable)


def _loosened(drafts: Drafts, key: str, member: Member) -> None:
    draft = drafts.drafts[key]
    drafts.report.guess("endless-input", draft.at, f"{member.wire} would hold itself for ever, so it may be left out")
    free = replace(member, use=member.use.or_null())
    drafts.drafts[key] = replace(draft, members=tuple(free if each is member else each for each in draft.members))
