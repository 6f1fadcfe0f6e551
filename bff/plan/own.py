"""What hand-written code gets of a service's JSON: a copy that is its own. Knows no row's type.

Decoded answers are shared: by all loads of an operation, by operations whose calls were one, and by all that a cache
answers. What code changed in them would be read by other callers, who may be told other things.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bff.connectors.paging import Paged

NESTED = frozenset({dict, list})


def own(value: Any) -> Any:
    """The same JSON value, or page of one, of which nothing belongs to anybody else."""
    kind = type(value)
    if kind is dict:
        return {name: own(item) if type(item) in NESTED else item for name, item in value.items()}
    if kind is list:
        return [own(item) if type(item) in NESTED else item for item in value]
    if kind is Paged:
        return replace(value, answer=own(value.answer), rows=own(value.rows))
    return value
