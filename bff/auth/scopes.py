"""Scopes: which are missing. Pure."""

from __future__ import annotations

from bff.auth.caller import Caller


def missing(required: tuple[str, ...], caller: Caller) -> tuple[str, ...]:
    """Those of `required` that the caller has not, in their order; () means that it may."""
    return tuple(scope for scope in required if scope not in caller.scopes)
