"""What was measured on what: the machine, the versions, the commit. Only looks."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from bench.systems import HERE, PEERS, ROOT
from bench.upstream import NGINX
from bench.wrk import WRK

OURS = ("strawberry-graphql", "graphql-core", "uvicorn", "uvloop", "aiohttp", "msgspec")
PLAIN = ("strawberry-graphql", "graphql-core", "aiodataloader", "httpx", "fastapi", "uvicorn")
NODE = ("@apollo/server", "graphql", "graphql-jit", "dataloader", "undici", "@tailcallhq/core-linux-x64-gnu")


def found(tree: Path = ROOT) -> dict[str, str]:
    """`tree` is the checkout whose engine is measured."""
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()} GiB, {platform.system()} {platform.release()}",
        "commit": _commit(tree),
        "Python": platform.python_version(),
        "ours": _versions(OURS, {name: metadata.version(name) for name in OURS}),
        "plain": _versions(PLAIN, _locked((HERE / "requirements.lock").read_text())),
        "Node": _printed("node", "--version"),
        "peers on Node, and Tailcall": _versions(NODE, _npm((PEERS / "package-lock.json").read_text())),
        "nginx": _printed(NGINX or "nginx", "-v").rpartition("/")[2],
        "wrk": _printed(WRK or "wrk", "-v").partition("[")[0].strip(),
    }


def _printed(*command: str, cwd: Path = ROOT) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip().split("\n")[0]


def _commit(tree: Path) -> str:
    changed = _printed("git", "status", "--porcelain", "--", "bff", cwd=tree)
    return _printed("git", "rev-parse", "--short", "HEAD", cwd=tree) + (
        ", with uncommitted changes in bff/" if changed else ""
    )


def _processor() -> str:
    named = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return named[1] if named else platform.machine()


def _memory() -> int:
    kibibytes = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return round(int(kibibytes[1]) / 2**20) if kibibytes else 0


def _versions(names: tuple[str, ...], known: dict[str, str]) -> str:
    return ", ".join(f"{name} {known.get(name, '?')}" for name in names)


def _locked(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE))


def _npm(lock: str) -> dict[str, str]:
    packages = json.loads(lock)["packages"]
    return {path.removeprefix("node_modules/"): one["version"] for path, one in packages.items() if path}
