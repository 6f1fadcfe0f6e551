"""`bff schema` and `bff --version`."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from bff.compiled import COMPILED
from bff.config import json_schema
from tests.cli.running import Bff


def test_the_schema_is_printed_with_its_descriptions(bff: Bff, sound: Path) -> None:
    done = bff("schema", cwd=sound)
    assert done.returncode == 0
    assert '"""A thing that is for sale."""\ntype Item {' in done.stdout
    assert '  """One item by its id."""\n  item(id: ID!): Item\n' in done.stdout


def test_the_schema_of_the_configuration_needs_no_project(bff: Bff, tmp_path: Path) -> None:
    done = bff("schema", "--config-schema", cwd=tmp_path)
    assert json.loads(done.stdout) == json_schema()


def test_the_version_is_that_of_the_package_and_says_what_of_it_runs(bff: Bff, tmp_path: Path) -> None:
    said = bff("--version", cwd=tmp_path).stdout
    assert said == f"bff-gateway {version('bff-gateway')}, {'machine code' if COMPILED else 'sources'}\n"
