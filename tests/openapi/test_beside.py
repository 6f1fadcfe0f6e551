"""Which files documents refer to: what `bff dev` watches too."""

from __future__ import annotations

from pathlib import Path

import pytest

from bff.cli.project import Project
from bff.openapi.beside import beside
from tests.openapi.kit import whole, write


def test_files_that_a_document_refers_to_are_found_and_what_they_refer_to(tmp_path: Path) -> None:
    named = write(tmp_path, whole({"$ref": "parts/thing.yaml#/Thing"}))
    write(
        tmp_path, "Thing: {properties: {it: {$ref: '../other%20one.json'}, own: {$ref: '#/Thing'}}}", "parts/thing.yaml"
    )
    write(tmp_path, {"$ref": "api.json#/x"}, "other one.json")
    assert {path.name for path in beside([Path(named)])} == {"thing.yaml", "other one.json"}


@pytest.mark.parametrize("reference", ["../outside.json", "/etc/passwd", "https://x.example/y.json", "x.txt"])
def test_what_no_import_would_read_is_not_looked_at(reference: str, tmp_path: Path) -> None:
    write(tmp_path, {}, "outside.json")
    assert beside([Path(write(tmp_path / "in", whole({"$ref": reference})))]) == []


def test_a_file_that_changed_is_looked_at_again(tmp_path: Path) -> None:
    named = Path(write(tmp_path, whole()))
    assert beside([named]) == []
    write(tmp_path, whole({"$ref": "thing.json"}))
    assert [path.name for path in beside([named])] == ["thing.json"]


def test_a_project_depends_on_them(tmp_path: Path) -> None:
    write(tmp_path, whole({"$ref": "thing.json"}))
    config = Path(write(tmp_path, 'upstreams: {things: {url: "http://things", openapi: api.json}}', "bff.yaml"))
    assert [path.name for path in Project(config, tmp_path).files()] == ["api.json", "thing.json"]
