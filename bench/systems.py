"""Who takes part, and how each is started. Knows commands and settings; knows neither load nor figures."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.process import DidNotStart, free_port, running

HERE = Path(__file__).parent
ROOT = HERE.parent
OURS = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Running:
    """A system that answers at `url`; `pid` is the first of its processes."""

    name: str
    pid: int
    url: str
    key: str = ""


def _said(command: list[str | Path], given: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    if done.returncode:
        raise DidNotStart("\n".join(done.stderr.splitlines()[-12:]))
    return done.stdout.strip()


def new_key(environment: Mapping[str, str]) -> tuple[str, str]:
    """An API key of ours and its digest: made for this run, stored nowhere."""
    key = _said([OURS / "bff", "keys", "new"], "", environment)
    return key, _said([OURS / "bff", "keys", "digest"], key, environment)


@contextlib.contextmanager
def ours(
    folder: Path, upstream: str, *, config: Path = HERE / "gateway" / "bff.yaml", tree: Path = ROOT
) -> Iterator[Running]:
    """One process of `bff serve`, its engine from the checkout in `tree`.

    It logs what goes wrong; a line for each operation would be work that its peers do not do.
    """
    engine = {"PYTHONPATH": str(tree)}
    key, digest = new_key(engine)
    port = free_port()
    command = (OURS / "bff", "--config", config, "--app-dir", HERE / "gateway", "serve", "--port", str(port))
    environment = {**engine, "UPSTREAM": upstream, "KEY_SHA256": digest}
    with running(
        (*command, "--log-level", "warning"), port=port, output=folder / "ours", cwd=folder, environment=environment
    ) as pid:
        yield Running("ours", pid, f"http://127.0.0.1:{port}/graphql", key)
