"""A project as an adopter has one, to be changed at will, and `bff` running on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cli.running import Bff, Running

SOUND = Path(__file__).with_name("project")

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def sound() -> Path:
    """The project as it is; nobody changes it."""
    return SOUND


@pytest.fixture(scope="session")
def bff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bff]:
    """Runs a command that ends by itself."""
    with closing(Bff(tmp_path_factory.mktemp("streams"))) as command:
        yield command


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of it, which a test may break."""
    return Path(shutil.copytree(SOUND, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `bff` with these arguments in a folder; whatever the test does, it is gone afterwards."""
    with ExitStack() as running:

        def started(*arguments: str | Path, cwd: Path) -> Running:
            output = tmp_path / f"output-{len(list(tmp_path.glob('output-*')))}"
            return running.enter_context(Running(*arguments, cwd=cwd, output=output))

        yield started


def edit(file: Path, before: str, after: str) -> None:
    """Replace text in a file as an editor does."""
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")
