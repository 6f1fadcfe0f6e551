"""What hatch_build.py lets into a wheel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hatchling.metadata.core import ProjectMetadata

from hatch_build import STATIC, GraphiQLIsBuilt


def build(root: Path, version: str = "standard") -> None:
    project: ProjectMetadata[Any] = ProjectMetadata(str(root), None, {})
    GraphiQLIsBuilt(str(root), {}, None, project, str(root), "wheel").initialize(version, {})


def test_a_wheel_without_graphiql_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"lacks manifest.json. Run `make graphiql`"):
        build(tmp_path)


def test_a_wheel_with_a_part_of_graphiql_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    folder = tmp_path / STATIC
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"files": ["index-A1.js", "index-B2.css"]}))
    (folder / "index-A1.js.gz").touch()
    with pytest.raises(RuntimeError, match=r"lacks index-B2.css\."):
        build(tmp_path)
    (folder / "index-B2.css.gz").touch()
    build(tmp_path)


def test_an_editable_install_needs_no_graphiql(tmp_path: Path) -> None:
    build(tmp_path, "editable")


def test_whoever_asks_for_a_wheel_without_graphiql_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BFF_WITHOUT_GRAPHIQL", "1")
    build(tmp_path)
