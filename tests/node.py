"""Node, and packages by the hashes of a package-lock.json: installed once, and not again while it is the same."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.lacking import lacking


@dataclass(frozen=True)
class Node:
    """Node and npm, and a folder with a package-lock.json whose packages are there."""

    path: str
    npm: str
    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "node_modules/.bin"


def node_in(folder: Path) -> Node:
    """Skips where there is no Node, or its packages cannot be had; in CI that is a failure."""
    path, npm = shutil.which("node"), shutil.which("npm")
    if not path or not npm:
        lacking("Node with npm", "apt-get install nodejs npm")
    _install(npm, folder)
    return Node(path, npm, folder)


def _install(npm: str, folder: Path) -> None:
    wanted = sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    done = folder / "node_modules/.installed"
    if done.exists() and done.read_text("ascii") == wanted:
        return
    install = [npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    if ran.returncode:
        lacking("a package of npm", f"npm ci in {folder} says: {ran.stderr}")
    done.write_text(wanted, "ascii")
