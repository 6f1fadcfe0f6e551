"""Manifests as build tools write them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from bff.persisted import ManifestInvalid, TrustedDocuments, read_manifest

APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "a1", "name": "One", "type": "query", "body": "query One { one }"}],
}


def read(value: Any) -> dict[str, str]:
    return read_manifest(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (APOLLO, {"a1": "query One { one }"}),
        ({"7f2c": "query One { one }", "b": "{ two }"}, {"7f2c": "query One { one }", "b": "{ two }"}),
        ({"sha256:7f2c": "query One { one }"}, {"7f2c": "query One { one }"}),
        ({}, {}),
        ({**APOLLO, "operations": []}, {}),
    ],
    ids=["apollo", "codegen and relay", "names as the appendix has them", "empty", "apollo without operations"],
)
def test_a_manifest_is_texts_by_name(manifest: Any, expected: dict[str, str]) -> None:
    assert read(manifest) == expected


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ([], "is neither Apollo's form nor"),
        ({"format": "other"}, "is of another form"),
        ({**APOLLO, "version": 2}, "is of another form"),
        ({**APOLLO, "operations": {}}, "has no list of operations"),
        ({**APOLLO, "operations": [[]]}, r"operations\[0\] is not an object"),
        ({**APOLLO, "operations": [{"id": "a1"}]}, r"operations\[0\] has no text"),
        ({**APOLLO, "operations": [{"body": "{ a }"}]}, r"operations\[0\] has no name"),
        ({**APOLLO, "operations": [{"id": "a", "body": "{ a }"}, {"id": "a", "body": "{ b }"}]}, "two documents"),
        ({"a": 1}, "'a' has no text"),
        ({"a": " "}, "'a' has no text"),
        ({"a" * 257: "{ a }"}, "has no name of 1 to 256"),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_place(manifest: Any, reason: str) -> None:
    with pytest.raises(ManifestInvalid, match=reason):
        read(manifest)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ManifestInvalid, match="is not JSON"):
        read_manifest(b"{")


def test_several_manifests_are_one_list() -> None:
    found = TrustedDocuments.of([{"a": "{ a }"}, {"b": "{ b }", "a": "{ a }"}])
    assert [found.texts[name] for name in ("a", "b")] == ["{ a }", "{ b }"]
    assert found.texts[sha256(b"{ a }").hexdigest()] == "{ a }"
    assert found.known == {"{ a }", "{ b }"}


def test_a_name_is_of_one_text() -> None:
    with pytest.raises(ManifestInvalid, match="'a'"):
        TrustedDocuments.of([{"a": "{ a }"}, {"a": "{ b }"}])
