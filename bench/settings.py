"""The gateway's settings with single layers taken away. Pure; a setting that a checkout does not know is left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any

Settings = dict[str, Any]
Change = Callable[[Settings], None]


def _without_key(settings: Settings) -> None:
    settings["auth"] = {"anonymous": "load"}
    del settings["clients"]


def _without_quota(settings: Settings) -> None:
    for name in ("auth", "clients", "tiers"):
        settings.pop(name, None)


def _without_metrics(settings: Settings) -> None:
    settings["telemetry"] = {"metrics": False}


def _bare(settings: Settings) -> None:
    _without_quota(settings)
    _without_metrics(settings)


LAYERS: dict[str, Change] = {
    "no key": _without_key,
    "no key, no quota": _without_quota,
    "no metrics": _without_metrics,
    "none of them": _bare,
}


def _unshared(settings: Settings, known: Collection[str]) -> None:
    """Every call and every operation for itself."""
    for upstream in settings["upstreams"].values() if "coalesce" in known else ():
        upstream["coalesce"] = False
    for tier in settings.get("tiers", {}).values() if "share" in known else ():
        tier["share"] = False


def made(settings: Settings, *, without: str | None, shared: bool, known: Collection[str]) -> Settings:
    """`settings` as they are for one system. `known` are the names of all settings that there are."""
    changed = copy.deepcopy(settings)
    if without is not None:
        LAYERS[without](changed)
    if not shared:
        _unshared(changed, known)
    return changed
