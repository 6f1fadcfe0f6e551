"""What a start waits for: what it imports, and what only other commands and other configurations do."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bff.openapi.graph.lock import Lock
from bff.openapi.served import served
from tests.cli.conftest import Start
from tests.openapi.kit import whole, write

NEEDLESS = {
    "bff.auth.demo": "callers of bff dev",
    "bff.cli.check": "bff check",
    "bff.cli.dev": "bff dev",
    "bff.cli.imported": "bff import",
    "bff.cli.terminal": "what is said to people",
    "bff.cli.trusted": "bff trust",
    "bff.drift": "bff check --live",
    "bff.mock": "--mock",
    "bff.openapi.read": "documents that changed since the last start",
    "bff.schema_diff": "bff diff",
    "cryptography": "an issuer of tokens",
    "httpx": "documents at URLs, and methods that call services by hand",
    "jose": "an issuer of tokens",
    "pydantic.v1": "models of answers, which no path of ours has",
    "redis": "a store",
    "yaml": "documents in YAML",
}


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with nothing but a document, whose graph is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    document = write(tmp_path / "documented", whole({"type": "object", "properties": {"size": {"type": "integer"}}}))
    served({"things": document}, Lock(), tmp_path / "cache/bff")
    text = 'listen: {port: 0}\nupstreams:\n  things: {url: "http://127.0.0.1:9", openapi: api.json}\n'
    (tmp_path / "documented/bff.yaml").write_text(text, "utf-8")
    return tmp_path / "documented"


def test_a_start_imports_nothing_of_what_only_others_need(
    documented: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    gateway = start("serve", cwd=documented)
    assert gateway.fields_of("Query") == {"thing"}
    imported = {line.rpartition("|")[2].strip() for line in gateway.printed.splitlines() if "import time:" in line}
    assert "bff.cli.serve" in imported
    assert imported & NEEDLESS.keys() == set()
    assert gateway.stop(signal.SIGTERM) == 0
