"""`bff` without prices and limits, to show what they cost: no setting takes them away, so this reaches into the engine.

An operation is priced once for its plan, as reserving points needs some price, and measured against nothing.
"""

from __future__ import annotations

import sys
from typing import Any

from bff.cli import main
from bff.operation import operations


def take_away(engine: Any) -> None:
    price, known = engine.price, {}

    def once(plan: Any, *others: Any) -> Any:
        if id(plan) not in known:
            known[id(plan)] = price(plan, *others), plan  # the plan stays alive, so that no other has its id
        return known[id(plan)][0]

    engine.price = once
    engine.check_shape = lambda *_: None


if __name__ == "__main__":
    if missing := [name for name in ("price", "check_shape") if not hasattr(operations, name)]:
        sys.exit(f"bench/gateway/unpriced.py: bff.operation.operations has no {missing} any more")
    take_away(operations)
    main()
