"""Where what several processes share is kept: in the memory of one, or in the store that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bff.config import Config
from bff.config.urls import MEMORY
from bff.errors import Problem, StartRefused
from bff.limits.line import StoreAway
from bff.limits.memory import MemoryLedger
from bff.limits.shared import SharedLedger
from bff.limits.store import Ledger
from bff.telemetry import Observer, Silent

if TYPE_CHECKING:
    from bff.limits.valkey import Connection


def open_ledger(config: Config, observer: Observer) -> Ledger:
    """What clients have spent; `observer` is told when the store comes and goes."""
    url = _url(config)
    if url is None:
        return MemoryLedger()
    from bff.limits.valkey import valkey_ledger  # memory needs no client of a store

    return valkey_ledger(url, on_store=observer.store, timeout=config.store_timeout, share=config.store_share)


def open_connection(config: Config) -> Connection | None:
    """For other questions than the ledger's; None: there is no store but memory."""
    url = _url(config)
    if url is None:
        return None
    from bff.limits.valkey import Connection  # likewise

    return Connection(url)


async def check_store(config: Config) -> None:
    """Ask the store as a start does, before there is anything to start. Raises StartRefused where it is required."""
    ledger = open_ledger(config, Silent())
    try:
        await reach(ledger, required=config.store_required)
    finally:
        await ledger.aclose()


async def reach(ledger: Ledger, *, required: bool) -> None:
    """Whoever observes a ledger whose store is away is told by it."""
    if not isinstance(ledger, SharedLedger):
        return
    try:
        await ledger.check()
    except StoreAway as away:
        if required:
            hint = "start it; or set store_required: false, and this starts with its share of every tier"
            raise StartRefused([Problem("store", f"cannot be used, and is required: {away}", hint)]) from None


def _url(config: Config) -> str | None:
    url = config.store.get_secret_value()
    return None if url == MEMORY else url
