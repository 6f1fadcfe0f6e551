"""`bff check`: every mistake at once, each with its place, and never a traceback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import edit
from tests.cli.running import Bff

N_PLUS_1 = 'makers_by_ids = makers.get("/makers/{id}")'


def test_a_sound_project_passes_from_any_folder_and_its_graph_is_counted(bff: Bff, sound: Path) -> None:
    done = bff("--config", sound / "bff.yaml", "check", cwd=Path("/"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "graph: 3 types, 4 connected fields, 3 connectors, 2 upstreams\n"


def test_every_mistake_of_the_configuration_is_shown_with_line_and_column(bff: Bff, project: Path) -> None:
    (project / "bff.yaml").write_text("listen: {port: 70000}\nupstreams:\n  goods: {tiemout: 2s}\n")
    done = bff("check", cwd=project)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "bff.yaml:1:16: listen.port: must be a whole number from 0 to 65535",
        "bff.yaml:3:3: upstreams.goods.url: is missing, and has no default",
        'bff.yaml:3:11: upstreams.goods.tiemout: is not a setting (did you mean "timeout"?)',
    ]


def test_every_mistake_of_the_graph_is_shown_with_its_coordinate(bff: Bff, project: Path) -> None:
    edit(project / "bff.yaml", "goods:", "good:")
    edit(project / "shop.py", ', id="maker_id")', ")")
    done = bff("check", cwd=project)
    assert done.returncode == 1
    lacks = "upstream 'goods' is not in the configuration (it has good, makers)"
    first, second, third = done.stderr.splitlines()
    assert (first, third) == (f"Query.item: {lacks}", f"Maker.items: {lacks}")
    assert second.startswith("Item.maker: nobody binds 'id' of GET /makers{?id*} (add an argument 'id', or id=")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import shop.missing", "ModuleNotFoundError: No module named 'shop.missing'; 'shop' is not a package"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_code_that_cannot_be_imported_is_shown_by_file_and_line(
    bff: Bff, project: Path, statement: str, says: str
) -> None:
    edit(project / "shop.py", "goods = upstream", f"{statement}\ngoods = upstream")
    done = bff("check", cwd=project)
    assert done.returncode == 1
    assert done.stderr == f"{project}/shop.py:9:1: graph: {says}\n"


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        ("shop:schemata", "'schemata' in {project}/shop.py is nothing (a strawberry.Schema is needed)"),
        ("shop:goods", "'goods' in {project}/shop.py is a Upstream (a strawberry.Schema is needed)"),
        ("stall:schema", "there is no module 'stall' in {project} (see --app-dir)"),
        ("colorsys:schema", "'colorsys' was found at {library}/colorsys.py (it must lie below {project})"),
    ],
)
def test_a_graph_that_is_elsewhere_or_no_graph_is_refused_by_name(
    bff: Bff, project: Path, graph: str, says: str
) -> None:
    edit(project / "bff.yaml", "shop:schema", graph)
    done = bff("check", cwd=project)
    library = Path(json.__file__).parents[1]
    assert (done.returncode, done.stderr) == (1, f"graph: {says.format(project=project, library=library)}\n")


def test_the_graph_may_lie_in_another_folder_than_the_configuration(bff: Bff, project: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.move(project / "bff.yaml", tmp_path / "elsewhere.yaml"))
    assert bff("check", "--config", elsewhere, cwd=Path("/")).returncode == 1
    assert bff("check", "--config", elsewhere, "--app-dir", project, cwd=Path("/")).returncode == 0


def test_a_call_for_each_row_is_a_warning_that_fails_only_when_asked_to(bff: Bff, project: Path) -> None:
    edit(project / "shop.py", 'makers_by_ids = makers.get("/makers{?id*}", key="id")', N_PLUS_1)
    edit(
        project / "shop.py",
        "    def makers(self, id: list[strawberry.ID]) -> list[Maker]:",
        "    def makers(self, id: strawberry.ID) -> Maker | None:",
    )
    done = bff("check", cwd=project)
    assert done.returncode == 0
    assert done.stderr == (
        "warning: Item.maker: N+1: GET /makers/{id} has no batch form (up to 20 calls under Maker.items)\n"
    )
    assert bff("check", "--strict", cwd=project).returncode == 1


def test_the_report_is_there_for_programs_too(bff: Bff, project: Path) -> None:
    done = bff("check", "--json", cwd=project)
    assert json.loads(done.stdout) == {
        "ok": True,
        "errors": [],
        "warnings": [],
        "documents": [],
        "graph": {"types": 3, "connectedFields": 4, "connectors": 3, "upstreams": 2},
    }
    edit(project / "bff.yaml", "shop:schema", "shop")
    done = bff("check", "--json", cwd=project)
    assert done.returncode == 1
    problem, *others = json.loads(done.stdout)["errors"]
    assert not others
    assert (problem["place"], problem["file"], problem["line"], problem["column"]) == ("graph", "bff.yaml", 1, 8)


def test_a_trusted_document_that_no_longer_fits_has_an_exit_status_of_its_own(bff: Bff, project: Path) -> None:
    texts = {"a1": "query Good { item(id: 1) { name } }", "b2": "query Bad { item(id: 1) { name colour } }"}
    (project / "documents.json").write_text(json.dumps(texts), "utf-8")
    edit(project / "bff.yaml", "limits:", "persisted: {manifests: [documents.json]}\nlimits:")
    done = bff("check", cwd=project)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("warning: documents.json: operation Bad of document b2: ")
    assert "Cannot query field 'colour' on type 'Item'. (at 1:32 of it)" in line
    assert done.stdout.startswith("graph: ")
    told = json.loads(bff("check", "--json", cwd=project).stdout)
    assert (told["ok"], len(told["warnings"])) == (False, 1)
    (document,) = told["documents"]
    assert (document["id"], document["file"]) == ("b2", "documents.json")
    (mistake,) = document["mistakes"]
    assert (mistake["operation"], mistake["line"], mistake["column"]) == ("Bad", 1, 32)
    assert bff("check", "--strict", cwd=project).returncode == 1
