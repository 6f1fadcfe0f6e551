"""Making much that stays, without Python looking for garbage in it again and again. Knows nothing of what is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Millions of values come and few go: looking for garbage among them takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def for_good() -> Iterator[None]:
    """Likewise, for what stays until the process ends: nobody looks at it later either.

    What was garbage by then stays too, 12 MB of GitHub's 180; to look for it would take half a second.
    """
    with without_collector():
        yield
        gc.freeze()
