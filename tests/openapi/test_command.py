"""`bff import` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.openapi.test_importing import PETS, changed

BFF = str(Path(sys.executable).with_name("bff"))


def bff(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BFF, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_document_becomes_a_project_that_is_right(tmp_path: Path) -> None:
    (tmp_path / "pets.json").write_text(json.dumps(PETS), "utf-8")
    done = bff("import", "pets.json", "--into", "project", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "pets: 2 queries, 1 mutation, 5 types\n")
    checked = bff("--config", "project/bff.yaml", "check", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_lengths_are_two_numbers(tmp_path: Path) -> None:
    (tmp_path / "pets.json").write_text(json.dumps(PETS), "utf-8")
    done = bff("import", "pets.json", "--lengths", "7", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "250,100" in done.stderr


def test_the_report_is_for_programs_too(tmp_path: Path) -> None:
    (tmp_path / "pets.json").write_text(json.dumps(PETS), "utf-8")
    bff("import", "pets.json", folder=tmp_path)
    (tmp_path / "pets.json").write_text(json.dumps(changed(components__schemas__Status__enum=["sold", ""])), "utf-8")
    report = json.loads(bff("import", "pets.json", "--report", "json", folder=tmp_path).stdout)
    assert report["ok"] is True
    assert {(each["severity"], each["coordinate"]) for each in report["changes"]} == {
        ("breaking", "Status.FOR_SALE"),
        ("breaking", "Status.MINUS_1"),
    }
    assert {"notes", "counts"} == report["report"].keys()


def test_a_document_that_is_none_is_a_problem_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text("openapi: 3.0.0\npaths: [", "utf-8")
    done = bff("import", "pets.yaml", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pets.yaml:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "schema").exists()
