"""Manifests of documents, as build tools write them: bytes -> text by name. Pure; validates no GraphQL.

Apollo's generate-persisted-query-manifest writes a list of operations; GraphQL Code Generator's client preset
(`persistedDocuments`) and Relay's compiler (`persistConfig.file`) write an object of texts by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bff import codec

APOLLO = "apollo-persisted-query-manifest"
LONGEST_NAME = 256  # characters, as for what clients send


class ManifestInvalid(ValueError):
    """`str` says what is wrong, and where in the manifest."""


def read_manifest(content: bytes) -> dict[str, str]:
    """The texts of a manifest by their names. Raises ManifestInvalid."""
    try:
        value = codec.decode(content)
    except ValueError:
        raise ManifestInvalid("is not JSON") from None
    if not isinstance(value, dict):
        raise ManifestInvalid("is neither Apollo's form nor an object of texts by name")
    found: dict[str, str] = {}
    for name, text in _apollo(value) if "format" in value else _plain(value):
        if found.setdefault(name, text) != text:
            raise ManifestInvalid(f"has two documents of the name '{name}'")
    return found


def _apollo(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if value["format"] != APOLLO or value.get("version") != 1:
        raise ManifestInvalid(f"is of another form than {APOLLO}, version 1")
    operations = value.get("operations")
    if not isinstance(operations, list):
        raise ManifestInvalid("has no list of operations")
    for at, entry in enumerate(operations):
        if not isinstance(entry, dict):
            raise ManifestInvalid(f"operations[{at}] is not an object")
        yield _checked(entry.get("id"), entry.get("body"), f"operations[{at}]")


def _plain(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, text in value.items():
        yield _checked(name, text, f"'{name[:LONGEST_NAME]}'")


def _checked(name: Any, text: Any, where: str) -> tuple[str, str]:
    name = name.removeprefix("sha256:") if isinstance(name, str) else ""  # requests are read in the same way
    if not 0 < len(name) <= LONGEST_NAME:
        raise ManifestInvalid(f"{where} has no name of 1 to {LONGEST_NAME} characters")
    if not isinstance(text, str) or not text.strip():
        raise ManifestInvalid(f"{where} has no text")
    return name, text
