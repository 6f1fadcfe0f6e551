"""What stops a start: manifests that cannot be read, and trust that nothing could have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bff import config
from bff.errors import StartRefused
from tests.kit import opened
from tests.world import SERVICES, make_schema


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is not JSON"),
        ("[]", "is neither"),
        ('{"a": 1}', "'a' has no text"),
    ],
)
async def test_a_manifest_that_is_none_stops_the_start_and_is_named(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "documents.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(StartRefused) as refused:
        async with opened(make_schema(), SERVICES, f"persisted: {{manifests: ['{path}']}}"):
            pass
    (problem,) = refused.value.problems
    assert problem.message.startswith(message)
    assert problem.file == str(path)


async def test_two_manifests_that_disagree_stop_the_start(tmp_path: Path) -> None:
    for name, text in (("one", "{ a }"), ("other", "{ b }")):
        (tmp_path / name).write_text(json.dumps({"id": text}), "utf-8")
    with pytest.raises(StartRefused) as refused:
        async with opened(
            make_schema(), SERVICES, f"persisted: {{manifests: ['{tmp_path / 'one'}', '{tmp_path / 'other'}']}}"
        ):
            pass
    assert "gives the name 'id' to another text" in refused.value.problems[0].message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("persisted: {mode: required}", "persisted.mode"),
        (
            "auth: {anonymous: a}\ntiers: {a: {points_per_minute: 1, persisted: required}}",
            "tiers.a.persisted",
        ),
    ],
)
def test_trust_without_a_manifest_is_refused_where_it_is_demanded(text: str, place: str) -> None:
    with pytest.raises(StartRefused) as refused:
        config.parse(text, {})
    (problem,) = refused.value.problems
    assert (problem.place, problem.message) == (place, "lets nothing run: there is no manifest")


@pytest.mark.parametrize(
    "text", ["persisted: {mode: log-only}", "persisted: {mode: required, manifests: [a.json]}", "persisted: {ttl: 1h}"]
)
def test_other_settings_need_no_manifest(text: str) -> None:
    config.parse(text, {})
