"""`bff trust`: what the documents of a manifest cost, for continuous integration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import edit
from tests.cli.running import Bff

CHEAP = "query Cheap { item(id: 1) { name maker { name } } }"
DEAR = "query Dear($ids: [ID!]!) { makers(id: $ids) { items { maker { name } } } }"
INVALID = "query Invalid { nope }"


def manifest(project: Path, **texts: str) -> str:
    (project / "documents.json").write_text(json.dumps(texts), "utf-8")
    return "documents.json"


def one_by_one(project: Path) -> None:
    """The makers of items are asked for one at a time from now on."""
    edit(project / "shop.py", "makers_by_ids = ", 'maker_by_id = makers.get("/makers/{id}")\nmakers_by_ids = ')
    edit(project / "shop.py", 'connect(makers_by_ids, id="maker_id")', 'connect(maker_by_id, id="maker_id")')
    edit(project / "bff.yaml", "max_price: 100, max_upstream_calls: 10", "max_price: 1000, max_upstream_calls: 100")


def report(bff: Bff, project: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = bff("trust", *arguments, "--json", cwd=project)
    found = json.loads(done.stdout)
    return done.returncode, {each["name"]: each for each in found["documents"]}


def test_documents_within_the_limits_are_listed_with_their_price(bff: Bff, project: Path) -> None:
    done = bff("trust", manifest(project, a1=CHEAP), cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Cheap  4 points, 2 calls\n1 operation\n"


def test_a_document_over_a_tiers_limits_fails_with_tier_and_numbers(bff: Bff, project: Path) -> None:
    done = bff("trust", manifest(project, a1=CHEAP, b2=DEAR), cwd=project)
    assert done.returncode == 1
    assert "Dear: tier everybody: The operation's price is " in done.stderr
    assert "2 operations, 1 not as they should be" in done.stderr


def test_variables_are_taken_at_their_worst_unless_said_otherwise(bff: Bff, project: Path) -> None:
    name = manifest(project, b2=DEAR)
    assert report(bff, project, name)[0] == 1
    assert report(bff, project, name, "--items", "1")[0] == 0


def test_a_document_that_does_not_fit_the_schema_fails(bff: Bff, project: Path) -> None:
    status, found = report(bff, project, manifest(project, c3=INVALID, d4="{"))
    assert status == 1
    assert "Cannot query field 'nope'" in found["c3"]["wrong"]
    assert "Syntax Error" in found["d4"]["wrong"]


def test_what_is_skipped_or_included_is_taken_at_its_worst(bff: Bff, project: Path) -> None:
    text = "query Q($a: Boolean!, $b: Boolean!) { item(id: 1) { name maker @include(if: $a) @skip(if: $b) { name } } }"
    _, found = report(bff, project, manifest(project, a1=text))
    assert found["Q"]["calls"] == 2


def test_the_manifests_of_the_configuration_are_the_default(bff: Bff, project: Path) -> None:
    name = manifest(project, a1=CHEAP)
    with (project / "bff.yaml").open("a", encoding="utf-8") as file:
        file.write(f"persisted: {{manifests: [{name}]}}\n")
    assert list(report(bff, project)[1]) == ["Cheap"]


def test_without_any_manifest_it_is_wrong_usage(bff: Bff, project: Path) -> None:
    done = bff("trust", cwd=project)
    assert done.returncode == 2
    assert "name a manifest" in done.stderr


def test_a_file_that_is_no_manifest_is_named(bff: Bff, project: Path) -> None:
    (project / "documents.json").write_text("[]", "utf-8")
    done = bff("trust", "documents.json", cwd=project)
    assert done.returncode == 1
    assert done.stderr.startswith("documents.json: manifest: is neither")


def test_a_tier_that_there_is_not_is_wrong_usage(bff: Bff, project: Path) -> None:
    done = bff("trust", manifest(project, a1=CHEAP), "--tier", "nobody", cwd=project)
    assert done.returncode == 2
    assert "everybody" in done.stderr


def test_an_n_plus_one_fails_until_it_is_in_the_baseline(bff: Bff, project: Path) -> None:
    one_by_one(project)
    name = manifest(project, a1="query Makers { makers(id: [1]) { items { maker { name } } } }")
    status, found = report(bff, project, name, "--baseline", "known.json")
    assert (status, found["Makers"]["new"]) == (1, ["makers.items.maker"])
    assert bff("trust", name, "--baseline", "known.json", "--write-baseline", cwd=project).returncode == 0
    status, found = report(bff, project, name, "--baseline", "known.json")
    assert (status, found["Makers"]["nPlusOne"], found["Makers"]["new"]) == (0, ["makers.items.maker"], [])


def test_a_new_n_plus_one_fails_beside_a_known_one(bff: Bff, project: Path) -> None:
    one_by_one(project)
    known = {"version": 1, "nPlusOne": {"Makers": ["makers.items.maker"]}}
    (project / "known.json").write_text(json.dumps(known), "utf-8")
    text = (
        "query Makers { makers(id: [1]) { items { maker { name } } } item(id: 1) { maker { items { maker { id } } } } }"
    )
    done = bff("trust", manifest(project, a1=text), "--baseline", "known.json", cwd=project)
    assert done.returncode == 1
    assert "Makers: new N+1: item.maker.items.maker\n" in done.stderr
    assert "Makers: known N+1: makers.items.maker\n" in done.stderr


def test_what_is_no_baseline_is_named(bff: Bff, project: Path) -> None:
    (project / "known.json").write_text("{}", "utf-8")
    done = bff("trust", manifest(project, a1=CHEAP), "--baseline", "known.json", cwd=project)
    assert (done.returncode, done.stderr.startswith("known.json: baseline: is none")) == (1, True)
