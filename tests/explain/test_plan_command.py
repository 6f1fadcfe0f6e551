"""`bff plan` and a request for a plan say the same of the same document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bff import config
from bff.envelope import Envelope
from bff.explain import Explanations
from bff.gateway import open_gateway
from bff.operation import EVERYBODY, Asking
from schema import schema

ROOT = Path(__file__).parents[2]


@pytest.fixture
def printed() -> Any:
    command = [str(Path(sys.executable).with_name("bff")), "plan", "example.graphql", "--json"]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout)


async def test_the_command_and_the_gateway_say_the_same(printed: Any) -> None:
    settings = config.load(ROOT / "bff.yaml", {})
    graphql = settings.graphql.model_copy(update={"explain": True})
    gateway = open_gateway(settings.model_copy(update={"auth": None, "graphql": graphql}), ROOT, schema=schema)
    try:
        asking = Asking(Envelope((ROOT / "example.graphql").read_text("utf-8")), EVERYBODY)
        answer = await Explanations(gateway.operations).answer(asking, "plan")
    finally:
        await gateway.aclose()
    assert json.loads(json.dumps(answer.extensions["plan"])) == printed
