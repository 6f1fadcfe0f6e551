"""Looks through the trusted documents of a gateway while it serves, and says which of them no longer fit the schema.

A start waits for none of it: thousands of documents take many seconds. It is done a little at a time, beside requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bff.persisted import Unfit
from bff.telemetry.logs import Log

REST = 9  # times as long as a document took, nothing is done
MOST_TOLD = 20  # documents


async def look_through(documents: Iterable[Unfit | None], log: Log) -> int:
    """How many do not fit."""
    clock, wrong = asyncio.get_running_loop().time, 0
    started = clock()
    for found in documents:
        if found is not None:
            wrong += 1
            if wrong <= MOST_TOLD:
                _tell(found, log)
        await asyncio.sleep(REST * (clock() - started))
        started = clock()
    if wrong > MOST_TOLD:
        message = f"{wrong} documents do not fit the schema, of which {MOST_TOLD} were told"
        log.warning("doubt", place="persisted.manifests", message=message, hint="bff check tells all of them")
    return wrong


def _tell(found: Unfit, log: Log) -> None:
    problem = found.problem
    log.warning("doubt", place=f"{problem.file}: {problem.place}", message=problem.message, hint=problem.hint)
