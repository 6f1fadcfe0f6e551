"""Inputs of changes: what a client leaves out of a PATCH is to stay as it is, so no default may stand in for it.

So it is of a POST to one thing, `/customers/{id}`, by which Stripe and others change it. A service has its defaults
itself; whoever shares a type with a change is served by those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bff.openapi.graph.drafts import Drafts
from bff.openapi.graph.wanted import Argument, RootField
from bff.openapi.schema import MISSING


def without_defaults(drafts: Drafts, fields: Iterable[RootField]) -> None:
    """Take the defaults out of every input that is in the body of a change."""
    patches = [each for each in fields if _changes(each.operation)]
    open_ = [_type(argument) for each in patches for argument in each.arguments]
    seen: set[str] = set()
    while open_:
        key = open_.pop()
        if key in seen or key not in drafts.drafts:
            continue
        seen.add(key)
        open_ += [member.use.innermost.name for member in drafts.drafts[key].members]
        _cleared(drafts, key)


def _changes(operation: str) -> bool:
    method, _, path = operation.partition(" ")
    return method == "PATCH" or (method == "POST" and path.rstrip("/").endswith("}"))


def _type(argument: Argument) -> str:
    return argument.use.innermost.name


def _cleared(drafts: Drafts, key: str) -> None:
    draft = drafts.drafts[key]
    had = [member.wire for member in draft.members if member.default is not MISSING]
    if draft.kind != "input" or not had:
        return
    told = f"what a client leaves out of a change stays as it is: no default is sent for {', '.join(had)}"
    drafts.report.info("patch-default", draft.at, told)
    members = tuple(replace(member, default=MISSING) for member in draft.members)
    drafts.drafts[key] = replace(draft, members=members)
