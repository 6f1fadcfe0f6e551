from __future__ import annotations

import pytest

from bff.auth import Caller, missing


@pytest.mark.parametrize(
    ("required", "scopes", "expected"),
    [
        ((), (), ()),
        ((), ("a",), ()),
        (("a",), ("a", "b"), ()),
        (("a", "b"), ("b",), ("a",)),
        (("b", "a"), (), ("b", "a")),
        (("trips:read",), ("trips", "trips:*", "TRIPS:READ"), ("trips:read",)),
    ],
)
def test_missing_scopes_are_told_in_their_order(
    required: tuple[str, ...], scopes: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert missing(required, Caller("web", "partner", scopes=frozenset(scopes))) == expected
