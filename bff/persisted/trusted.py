"""Documents that were declared in advance: by name, and by text. Frozen after the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as record
from pathlib import Path
from typing import Self

from bff.errors import Problem, StartRefused
from bff.persisted.digest import digest
from bff.persisted.manifest import ManifestInvalid, read_manifest


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """What is in the manifests. A text is trusted letter by letter, as clients send what their manifest holds."""

    named: Mapping[str, str] = record(default_factory=dict)  # as manifests do
    texts: Mapping[str, str] = record(default_factory=dict)  # the same, and by SHA-256
    known: frozenset[str] = frozenset()  # all texts
    files: Mapping[str, str] = record(default_factory=dict)  # where each of `named` stands first

    @classmethod
    def of(cls, manifests: Iterable[Mapping[str, str]]) -> Self:
        """All of them together. Raises ManifestInvalid where two give one name to different texts."""
        texts: dict[str, str] = {}
        for manifest in manifests:
            _add(manifest, texts)
        known = frozenset(texts.values())
        return cls(texts, {digest(text): text for text in known} | texts, known)


def read_manifests(paths: Iterable[Path]) -> TrustedDocuments:
    """What is in all of them together. Raises StartRefused."""
    texts, files = dict[str, str](), dict[str, str]()
    for path in paths:
        try:
            manifest = read_manifest(path.read_bytes())
            _add(manifest, texts)
        except OSError as error:
            raise StartRefused([Problem("manifest", f"cannot be read: {error.strerror}", file=str(path))]) from None
        except ManifestInvalid as error:
            raise StartRefused([Problem("manifest", str(error), file=str(path))]) from None
        files = dict.fromkeys(manifest, str(path)) | files
    return replace(TrustedDocuments.of([texts]), files=files)


def _add(manifest: Mapping[str, str], texts: dict[str, str]) -> None:
    """To those of the manifests before it. Raises ManifestInvalid."""
    for name, text in manifest.items():
        if texts.setdefault(name, text) != text:
            raise ManifestInvalid(f"gives the name '{name}' to another text than the manifest before it")
