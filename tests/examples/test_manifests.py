"""The manifests that build tools wrote for the examples: priced by `bff trust`, and all that may run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from bff.persisted import read_manifest
from tests.examples.built import MANIFESTS, ROOT, run
from tests.examples.conftest import Stages
from tests.reference.travel import bearer

pytestmark = pytest.mark.browser  # last, with those that share what was built

WAYS = ("documentId", "doc_id", "persistedQuery")
PLAN = {"title": "Summer", "startsOn": "2027-07-01", "endsOn": "2027-07-08", "stops": []}
VARIABLES = {"iata": "LIS", "country": "PT", "input": PLAN}


def named(way: str, name: str) -> dict[str, Any]:
    """The members of a request that names its document."""
    if way == "persistedQuery":
        return {"extensions": {way: {"version": 1, "sha256Hash": name}}}
    return {way: name}


def ask(stages: Stages, **body: Any) -> Any:
    url = f"{stages.naming.gateway}/graphql"
    return httpx.post(url, json={"variables": VARIABLES, **body}, headers=bearer("ana"), trust_env=False).json()


def test_all_documents_of_all_manifests_are_within_the_limits_of_both_tiers(stages: Stages) -> None:
    bff, tiers = Path(sys.executable).with_name("bff"), ("--tier=explorer", "--tier=partner")
    manifests = stages.built.manifests.values()
    told = json.loads(run(bff, "trust", *manifests, *tiers, "--page=20", "--json", cwd=ROOT))
    assert told["ok"]
    assert len(told["documents"]) == sum(len(read_manifest(each.read_bytes())) for each in manifests)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("app", MANIFESTS)
def test_what_a_manifest_holds_runs_by_its_name(app: str, way: str, stages: Stages) -> None:
    manifest = read_manifest(stages.built.manifests[app].read_bytes())
    answered = {name: text for name, text in manifest.items() if not text.startswith("subscription")}
    assert len(manifest) > len(answered) >= 3
    for name, text in answered.items():
        answer = ask(stages, **named(way, name))
        assert "errors" not in answer, (text, answer)


def test_a_document_that_no_manifest_holds_is_refused(stages: Stages) -> None:
    (error,) = ask(stages, query="query Airport($iata: ID!) { airport(iata: $iata) { name } }")["errors"]
    assert error["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_no_manifest_holds_is_refused(way: str, stages: Stages) -> None:
    (error,) = ask(stages, **named(way, "0" * 64))["errors"]
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
