"""Refuses to build a wheel without GraphiQL: such a wheel would send browsers to a CDN, and nobody would notice.

Editable installs pass. BFF_WITHOUT_GRAPHIQL=1 lets a wheel pass where there is no Node and the CDN is welcome. A wheel
that holds machine code (machine_code.py) says for which machines and which Python it is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "bff/graphiql/static"
COMPILED = "bff/_compiled/record.json"


class GraphiQLIsBuilt(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is the builder's own config class
    """Hatchling's custom hook; it finds the class by what it inherits from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        if (Path(self.root) / COMPILED).is_file():
            build_data.update(pure_python=False, infer_tag=True)
        if os.environ.get("BFF_WITHOUT_GRAPHIQL") == "1":
            return
        if missing := _missing(Path(self.root) / STATIC):
            message = f"{STATIC} lacks {', '.join(missing)}. Run `make graphiql`, or set BFF_WITHOUT_GRAPHIQL=1."
            raise RuntimeError(message)


def _missing(folder: Path) -> list[str]:
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return [manifest.name]
    return [name for name in json.loads(manifest.read_text())["files"] if not (folder / f"{name}.gz").is_file()]
