"""The apps in examples/, built in a copy as `npm run build` does: types from `bff schema`, strict types, bundle."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.node import Node

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
APPS = ("apollo", "relay", "tanstack-query", "urql")
MANIFESTS = {
    "apollo": "src/gql/persisted-query-manifest.json",
    "relay": "persisted-documents.json",
    "tanstack-query": "src/gql/persisted-documents.json",
    "urql": "src/gql/persisted-documents.json",
}
MADE = ("node_modules", "dist", "gql", "__generated__", "persisted-documents.json")


@dataclass(frozen=True)
class Built:
    """A copy of examples/, and where each app's pages are."""

    folder: Path
    pages: Path

    @property
    def manifests(self) -> list[Path]:
        return [self.folder / app / file for app, file in MANIFESTS.items()]


def build(node: Node, folder: Path, gateway: str, *, trusted: bool) -> Built:
    """`gateway`: the address that pages will ask. `trusted`: whether they name their documents."""
    built = Built(folder / "examples", folder / "pages")
    shutil.copytree(EXAMPLES, built.folder, ignore=shutil.ignore_patterns(*MADE))
    (built.folder / "node_modules").symlink_to(node.folder / "node_modules")
    (folder / "schema").mkdir()
    _run([Path(sys.executable).with_name("bff"), "schema"], ROOT, output=folder / "schema/schema.graphql")
    environ = {"VITE_GATEWAY": gateway, "VITE_TRUSTED": "1" if trusted else "0"}
    for app in APPS:
        page = ["--base=./", f"--outDir={built.pages / app}"]
        _run([node.npm, "run", "build", "--", *page], built.folder / app, environ)
    return built


def _run(
    command: list[str | Path], folder: Path, environ: dict[str, str] | None = None, *, output: Path | None = None
) -> None:
    ran = subprocess.run(
        command, cwd=folder, env=os.environ | (environ or {}), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if output:
        output.write_text(ran.stdout, "utf-8")
