"""When machine code is used: of these very sources, and for this Python."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from bff.compiled import COMPILED, FOLDER, PACKAGE, RECORD, SOURCES_ONLY, digest_of, found
from machine_code import HOLDS, ROOT, modules


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one module, with a record that fits it."""
    package = tmp_path / "bff"
    (package / "_compiled").mkdir(parents=True)
    (package / "some.py").write_text("ONE = 1\n")
    write_record(package)
    return package


def write_record(package: Path, suffix: str = EXTENSION_SUFFIXES[0]) -> None:
    record = {"suffix": suffix, "holds": HOLDS, "modules": ["bff.some"], "sources": digest_of(package)}
    (package / "_compiled" / RECORD).write_text(json.dumps(record))


def test_what_was_made_of_these_sources_is_used(package: Path) -> None:
    finder = found(package / "_compiled", package)
    assert finder is not None
    spec = finder.find_spec("bff.some")
    assert spec is not None
    assert spec.origin == str(package / "_compiled" / f"bff.some{EXTENSION_SUFFIXES[0]}")


def test_no_other_module_is_looked_for_there(package: Path) -> None:
    finder = found(package / "_compiled", package)
    assert finder is not None
    assert finder.find_spec("bff.other") is None


def test_a_changed_source_is_enough_for_the_sources_to_run(package: Path) -> None:
    (package / "some.py").write_text("ONE = 2\n")
    assert found(package / "_compiled", package) is None


def test_so_is_a_change_in_a_module_that_is_not_compiled(package: Path) -> None:
    """Its constants and types are in what was compiled."""
    (package / "other.py").write_text("TWO = 2\n")
    assert found(package / "_compiled", package) is None


def test_a_source_that_went_away_is_enough_too(package: Path) -> None:
    (package / "some.py").unlink()
    assert found(package / "_compiled", package) is None


def test_machine_code_for_another_python_is_not_used(package: Path) -> None:
    write_record(package, ".cpython-399-x86_64-linux-gnu.so")
    assert found(package / "_compiled", package) is None


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"modules": 1, "suffix": ".so", "holds": "x"}'])
def test_a_record_that_makes_no_sense_is_as_none(package: Path, record: str) -> None:
    (package / "_compiled" / RECORD).write_text(record)
    assert found(package / "_compiled", package) is None


def test_where_nobody_compiled_the_sources_run(tmp_path: Path) -> None:
    assert found(tmp_path, tmp_path) is None


def test_whoever_wants_the_sources_gets_them() -> None:
    code = "import bff, bff.execute.run as run; print(bff.COMPILED, run.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, SOURCES_ONLY: "1", "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"False {PACKAGE / 'execute' / 'run.py'}\n"


@pytest.mark.parametrize("name", modules())
def test_what_is_to_be_compiled_exists(name: str) -> None:
    assert (PACKAGE.parent / f"{name.replace('.', '/')}.py").is_file()


@pytest.mark.skipif(os.environ.get("CI") != "true" or not shutil.which("cc"), reason="only where all is compiled first")
def test_what_ships_is_what_is_tested() -> None:
    assert COMPILED
    assert set(json.loads((FOLDER / RECORD).read_text())["modules"]) == set(modules())


class Waits(ast.NodeVisitor):
    """Lines where a coroutine waits, or a generator yields, while it handles an error."""

    def __init__(self, module: str) -> None:
        self._handling = False
        self.lines: list[int] = []
        self.visit(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")))

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._within(ast.iter_child_nodes(node), handling=False)
        elif isinstance(node, ast.Try):
            self._within([*node.body, *node.orelse], handling=self._handling)
            self._within([*node.handlers, *node.finalbody], handling=True)
        else:
            if self._handling and isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)):
                self.lines.append(node.lineno)
            self.generic_visit(node)

    def _within(self, nodes: Iterable[ast.AST], *, handling: bool) -> None:
        before, self._handling = self._handling, handling
        for node in nodes:
            self.visit(node)
        self._handling = before


@pytest.mark.parametrize("module", modules())
def test_no_compiled_coroutine_waits_while_it_handles_an_error(module: str) -> None:
    """Machine code's coroutines have no place of their own for it: one that waits so raises another's (bff.lastly)."""
    assert Waits(module).lines == []


# Of these, nobody keeps weak references to what inherits: event loops hold their protocols, graphql-core its contexts.
STRONGLY_HELD = {"asyncio.Protocol", "ValidationContext"}
OF_THE_LANGUAGE = {"Exception", "Generic", "NamedTuple", "Protocol"}


def classes(module: str) -> Iterator[ast.ClassDef]:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


COMPILED_CLASSES = {node.name for module in modules() for node in classes(module)}


@pytest.mark.parametrize("module", modules())
def test_no_compiled_class_inherits_from_one_to_which_weak_references_may_be_kept(module: str) -> None:
    """Of what inherits from an interpreted class, machine code gives up weak references as if it owned them.

    Whoever keeps one, as websockets does for its connections and logging for its handlers, has it freed beneath.
    """
    bases = {
        ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
        for node in classes(module)
        for base in node.bases
    }
    assert bases <= STRONGLY_HELD | OF_THE_LANGUAGE | COMPILED_CLASSES
