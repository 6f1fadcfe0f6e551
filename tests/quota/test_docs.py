"""docs/quotas.md: its timeline happens."""

from __future__ import annotations

import re
from pathlib import Path

from bff.errors import QuotaExceeded
from bff.limits.memory import MemoryLedger
from bff.limits.store import Reservation

from .kit import EXPLORER, Clock

PAGE = Path(__file__).parents[2] / "docs" / "quotas.md"
ROW = re.compile(r"^\| (\d+) \| (\w) (reserves|settles) (\d+) \| (.*?) ?\| (\d+) \|$", re.MULTILINE)


async def test_the_timeline_of_the_page_happens_as_it_is_told():
    clock, held = Clock(0), dict[str, Reservation]()
    ledger, rows = MemoryLedger(clock=clock), ROW.findall(PAGE.read_text("utf-8"))
    assert len(rows) == 8
    for second, who, verb, points, answer, remaining in rows:
        clock.now = int(second) * 1_000
        if verb == "settles":
            found = answer, (await ledger.settle(held[who], int(points))).remaining
        else:
            try:
                held[who] = await ledger.reserve("web", EXPLORER, int(points), ttl=60)
                found = "granted", held[who].standing.remaining
            except QuotaExceeded as error:
                found = f"refused, {error.retry_after} s", int(error.numbers["remaining"])
        assert found == (answer, int(remaining)), (second, who, verb)
