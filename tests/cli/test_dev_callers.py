"""`bff dev` and who may call: what it prints lets in, up to the service behind it, and nowhere else."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Start, edit
from tests.cli.running import PATIENCE, Bff, Running, until
from tests.cli.test_store import free_port

ROOT = Path(__file__).parents[2]
TRIPS = {"query": "{ trips { totalCount } }"}


@pytest.fixture
def travel(tmp_path: Path) -> Path:
    """The reference graph where nobody else edits it."""
    folder = tmp_path / "travel"
    for name in ("schema", "resolvers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bff.yaml", "example.graphql", "example.user.graphql"):
        shutil.copy(ROOT / name, folder)
    return folder


def post(gateway: Running, body: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{gateway.url()}/graphql", json=body, headers=named, trust_env=False, timeout=PATIENCE)


def test_what_it_prints_lets_in_and_only_there(travel: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("TRIPS_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("BFF_PORT", "0")
    service = f"sh -c 'cd {ROOT} && exec {sys.executable} -m backends trips --port {port}'"
    gateway = start("dev", "--run", service, cwd=travel)
    gateway.says("As the user ana:")
    (bearer,) = re.findall(r"-H 'authorization: (Bearer [^']+)' -d '\{\"query\": \"\{trips", gateway.printed)
    keys = dict(re.findall(r"^  (\w+) +(bff_\w+)$", gateway.printed, re.MULTILINE))
    gateway.says(f"http://127.0.0.1:{port}")

    trips = until(lambda: post(gateway, TRIPS, authorization=bearer).json().get("data"))
    assert trips == {"trips": {"totalCount": 0}}
    limits = {
        tier: post(gateway, {"query": "{ __typename }"}, x_api_key=key, bff_cost="1").json()["extensions"]["cost"][
            "limit"
        ]
        for tier, key in keys.items()
    }
    assert limits == {"explorer": 600, "partner": 60_000}

    production = start("serve", cwd=travel)
    assert post(production, TRIPS, authorization=bearer).status_code == 401
    assert post(production, TRIPS, x_api_key=keys["partner"]).status_code == 401
    assert production.stop(signal.SIGTERM) == 0
    assert gateway.stop(signal.SIGINT) == 0
    assert gateway.nobody_is_left()


def test_without_auth_it_says_that_anyone_may_call(project: Path, start: Start) -> None:
    edit(project / "bff.yaml", "auth: {anonymous: everybody}\ntiers: {everybody: {points_per_minute: 100000}}\n", "")
    gateway = start("dev", cwd=project)
    gateway.says("anyone may call: the configuration has no auth")
    assert not re.search("bff_[0-9A-Za-z]{10}_|Bearer", gateway.printed)
    assert gateway.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("link", [[], ["--link", "0"]])
def test_nobody_but_its_parent_tells_a_gateway_whom_else_to_let_in(bff: Bff, sound: Path, link: list[str]) -> None:
    demo = '{"jwks": "http://127.0.0.1:9/jwks.json", "digests": {}}'
    done = bff("serve", "--demo", demo if not link else "{}", *link, cwd=sound)
    assert done.returncode == 2
    assert "--demo is what bff dev tells its own process" in " ".join(done.stderr.replace("│", "").split())
