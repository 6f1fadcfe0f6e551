"""`bff dev`: a mistake costs its message and nothing else, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import httpx

from tests.cli.conftest import Start, edit
from tests.cli.running import until

BESIDE = f'{sys.executable} -c \'import subprocess, sys; subprocess.run(["sleep", "60"])\''


def test_a_change_is_served_a_mistake_is_shown_and_ctrl_c_ends_everything(project: Path, start: Start) -> None:
    gateway = start("dev", "--run", BESIDE, "--run", "no-such-program", cwd=project)
    gateway.says("cannot run 'no-such-program'")
    assert "size" not in gateway.fields_of("Item")

    edit(project / "shop.py", "    name: str", "    name: str\n    size: int | None = None")
    until(lambda: "size" in gateway.fields_of("Item"))

    edit(project / "shop.py", "size: int", "weight: int")
    edit(project / "bff.yaml", "graph:", "grpah:")
    gateway.says('bff.yaml:1:1: grpah: is not a setting (did you mean "graph"?)')
    gateway.says("this version cannot start; the version before it goes on")
    assert "size" in gateway.fields_of("Item")

    edit(project / "bff.yaml", "grpah:", "graph:")
    until(lambda: "weight" in gateway.fields_of("Item"))

    edit(project / "shop.py", "strawberry.Schema(query=Query)", "strawberry.Schema(query=Query")
    gateway.says("SyntaxError: '(' was never closed")
    assert "weight" in gateway.fields_of("Item")

    assert "sleep" in gateway.family()
    assert gateway.stop(signal.SIGINT) == 0
    assert gateway.nobody_is_left()


def test_it_waits_for_a_project_that_cannot_start_and_shows_where_everything_is(project: Path, start: Start) -> None:
    edit(project / "bff.yaml", "limits:", "graphql: {graphiql: false, introspection: false}\nlimit:")
    gateway = start("dev", cwd=project)
    gateway.says("nothing serves yet; waiting for a change")
    edit(project / "bff.yaml", "limit:", "limits:")
    gateway.says("Ctrl-C stops everything.")
    printed, url = gateway.printed, gateway.url()
    assert f"GraphQL   {url}/graphql\n" in printed
    assert f"{url}/healthz  {url}/readyz\n" in printed
    body = '{"query": "{item(id:\\"7\\"){name maker{name items{name}}}}"}'
    assert f"curl -s {url}/graphql -H 'content-type: application/json' -d '{body}'\n" in printed
    assert "maker" in gateway.fields_of("Item")  # introspection is on, whatever the configuration says
    assert gateway.stop(signal.SIGTERM) == 0


def test_a_gateway_that_dies_is_started_again(project: Path, start: Start) -> None:
    gateway = start("dev", cwd=project)
    gateway.says("listening")
    (worker,) = gateway.workers()
    worker.kill()
    gateway.says("the gateway has ended with status -9")
    gateway.says("listening", times=2)
    assert "maker" in gateway.fields_of("Item")
    assert gateway.stop(signal.SIGTERM) == 0
    assert gateway.nobody_is_left()


def test_it_shows_plans_whatever_the_configuration_says(project: Path, start: Start) -> None:
    edit(project / "bff.yaml", "limits:", "graphql: {explain: false}\nlimits:")
    gateway = start("dev", cwd=project)
    body, asking = {"query": "{ item(id: 7) { name } }"}, {"bff-explain": "plan"}
    answer = httpx.post(f"{gateway.url()}/graphql", json=body, headers=asking, trust_env=False).json()
    assert answer["extensions"]["plan"]["operation"] == {"kind": "query", "name": None}
