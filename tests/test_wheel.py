"""What the wheel holds. That it works where no source is, `.ci/run` shows."""

from __future__ import annotations

import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from bff import graphiql

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        if not graphiql.bundled():  # the clone has no Node; tests/graphiql/test_wheel.py knows what that means
            patch.setenv("BFF_WITHOUT_GRAPHIQL", "1")
        (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in it."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_its_only_package_is_bff(names: set[str]) -> None:
    """PyPI's packages schema and resolvers would be overwritten without a word."""
    tops = {name.partition("/")[0] for name in names}
    assert {re.sub(r"-[\d.]+\.", ".", top) for top in tops} == {"bff", "bff_gateway.dist-info"}


@pytest.mark.parametrize(
    "name", ["bff/py.typed", "bff/config/bff.schema.json", "bff/graphiql/page.html", "bff/cli/__main__.py"]
)
def test_it_has_what_is_not_imported_too(names: set[str], name: str) -> None:
    assert name in names


def test_it_carries_graphiql_where_that_was_built(names: set[str]) -> None:
    static = ROOT / "bff/graphiql/static"
    built = {path.relative_to(ROOT).as_posix() for path in static.rglob("*") if path.is_file()}
    assert built <= names


def test_the_lock_names_no_address_and_has_every_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [settings["project"]["dependencies"], *settings["dependency-groups"].values()]
    wanted = {re.split(r"[\[<>=~;! ]", each)[0].lower().replace(".", "-") for group in groups for each in group}
    assert wanted <= set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))


def test_it_says_for_which_python_its_machine_code_is(wheel: Path, names: set[str]) -> None:
    compiled = any(name.startswith("bff/_compiled/") for name in names)
    assert wheel.stem.endswith("-py3-none-any") is not compiled
    if compiled:
        assert f"-cp{sys.version_info.major}{sys.version_info.minor}-" in wheel.stem
