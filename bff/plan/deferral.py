"""What @defer and @stream ask for, as a plan has it. Records only; knows no directive and no execution.

The terms are those of graphql-core: a usage is one @defer where it stands. Fields of one object that are asked for
under the same usages are executed together and once, whichever of the usages delivers them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STRETCH = 100  # items of a streamed list that come together: they share their batches, and are sent at once


@dataclass(frozen=True, slots=True, eq=False)
class Usage:
    """One @defer where it stands. `above` is the one that it is inside, `rise` objects further up."""

    label: str | None
    above: Usage | None = None
    rise: int = 0


At = tuple[Usage, int]  # a usage, as seen from an object: it stands so many objects further up


def inside(at: At) -> At | None:
    """The usage that this one is inside, as seen from the same object."""
    usage, up = at
    return None if usage.above is None else (usage.above, up + usage.rise)


@dataclass(frozen=True, slots=True, eq=False)
class Deferred:
    """Fields of one object that come later, together; any of the usages may bring them."""

    usages: tuple[At, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """A list of which the first items come at once, and the others later. `initial` may be a VariableRef."""

    label: str | None
    initial: Any
