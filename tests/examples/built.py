"""The apps in examples/, built in a copy as their own scripts do: types from `bff schema`, strict types, bundle.

Each twice: as it is, and with VITE_TRUSTED=1, where it names its documents instead of sending them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.node import Node

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MANIFESTS = {
    "apollo": "src/gql/persisted-query-manifest.json",
    "relay": "persisted-documents.json",
    "tanstack-query": "src/gql/persisted-documents.json",
    "urql": "src/gql/persisted-documents.json",
}
MADE = ("node_modules", "dist", "gql", "__generated__", "persisted-documents.json")


@dataclass(frozen=True)
class Built:
    """A copy of examples/, and the pages of each app."""

    node: Node
    examples: Path
    sending: Path
    naming: Path

    @property
    def manifests(self) -> dict[str, Path]:
        return {app: self.examples / app / file for app, file in MANIFESTS.items()}


def build(node: Node, folder: Path, *, sending: str, naming: str) -> Built:
    """`sending` and `naming`: the gateway that pages ask which send their documents, and which name them."""
    built = Built(node, folder / "examples", folder / "sending", folder / "naming")
    shutil.copytree(EXAMPLES, built.examples, ignore=shutil.ignore_patterns(*MADE))
    (built.examples / "node_modules").symlink_to(node.folder / "node_modules")
    (folder / "schema").mkdir()
    sdl = run(Path(sys.executable).with_name("bff"), "schema", cwd=ROOT)
    (folder / "schema/schema.graphql").write_text(sdl, "utf-8")
    with ThreadPoolExecutor(2) as two:
        list(two.map(partial(_build, built, sending, naming), MANIFESTS))
    return built


def _build(built: Built, sending: str, naming: str, app: str) -> None:
    npm, here = built.node.npm, built.examples / app
    environ = {"VITE_GATEWAY": sending}
    run(npm, "run", "build", "--", "--base=./", f"--outDir={built.sending / app}", cwd=here, environ=environ)
    environ = {"VITE_GATEWAY": naming, "VITE_TRUSTED": "1"}
    if app == "relay":  # what the others generate holds names and texts
        run(npm, "run", "generate", cwd=here, environ=environ)
    vite = built.node.bin / "vite"
    run(vite, "build", "--base=./", f"--outDir={built.naming / app}", cwd=here, environ=environ)


def run(*command: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    """What it printed, once it has ended well."""
    environ = {**os.environ, **(environ or {})}
    ran = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
