"""Where a service is and what it asks of callers, as `bff.yaml` says it: what is written is a right configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.config import parse
from bff.openapi.graph.entry import upstream_of
from bff.openapi.graph.project import entry
from bff.openapi.report import Report
from tests.openapi.kit import codes, reading, whole

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def written(folder: Path, document: Any) -> tuple[dict[str, Any], Report]:
    """The entry of the service `my-things`, as `bff.yaml` is read, and what was noted."""
    made, report = reading(folder, document)
    text = f"upstreams:\n{entry('my-things', upstream_of(made, 'my-things', report))}"
    names = ("MY_THINGS_KEY", "MY_THINGS_FIRST", "MY_THINGS_SECOND")
    upstream = parse(text, {name: name.lower() for name in names}).upstreams["my-things"]
    return upstream.model_dump(include={"url", "forward", "headers", "query"}), report


def secured(*schemes: Any) -> dict[str, Any]:
    """A document all of whose calls need these schemes, called first and second."""
    named = dict(zip(("first", "second"), schemes, strict=False))
    document = whole(servers=[{"url": "https://things.example"}], security=[{name: [] for name in named}])
    document["components"]["securitySchemes"] = named
    return document


@pytest.mark.parametrize(
    ("schemes", "headers", "query", "forward"),
    [
        ([{"type": "http", "scheme": "Bearer"}], {}, {}, ["authorization"]),
        ([{"type": "oauth2", "flows": {}}], {}, {}, ["authorization"]),
        ([KEY], {"x-key": "my_things_key"}, {}, []),
        ([{**KEY, "name": "Authorization"}], {}, {}, ["authorization"]),
        ([KEY, {**KEY, "name": "x!y"}], {"x-key": "my_things_first", "x!y": "my_things_second"}, {}, []),
        ([KEY, {**KEY, "in": "query", "name": 'a"b\\c'}],
         {"x-key": "my_things_first"}, {'a"b\\c': "my_things_second"}, []),
        ([{**KEY, "in": "cookie", "name": "sid"}], {"cookie": "sid=my_things_key"}, {}, []),
        ([{**KEY, "in": "cookie", "name": name} for name in ("a", "b")],
         {"cookie": "a=my_things_first; b=my_things_second"}, {}, []),
    ],
    ids=str,
)  # fmt: skip
def test_keys_come_from_the_environment_each_from_its_own_and_tokens_from_the_caller(
    schemes: Any, headers: Any, query: Any, forward: Any, tmp_path: Path
) -> None:
    found, report = written(tmp_path, secured(*schemes))
    secret = {name: value.get_secret_value() for name, value in found["headers"].items()}
    assert (secret, list(found["forward"])) == (headers, forward)
    assert {name: value.get_secret_value() for name, value in found["query"].items()} == query
    assert "security" not in codes(report)


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "digest"},
        {"type": "mutualTLS"},
        {**KEY, "in": "cookie", "name": "my key"},
        {**KEY, "in": "cookie", "name": "a=b; c"},
        {**KEY, "name": "X Key: a"},
        {**KEY, "in": "query", "name": "my key"},
    ],
    ids=str,
)
def test_what_no_configuration_can_send_is_said(scheme: Any, tmp_path: Path) -> None:
    found, report = written(tmp_path, secured(scheme))
    assert not found["headers"]
    assert not found["query"]
    assert not found["forward"]
    assert "security" in codes(report)


def test_a_scheme_that_nobody_describes_is_said(tmp_path: Path) -> None:
    _, report = written(tmp_path, whole(security=[{"gone": []}]))
    assert "unknown-security" in codes(report)


@pytest.mark.parametrize(
    ("servers", "url", "noted"),
    [
        (["http://a.example/v1", "https://a.example/v1"], "https://a.example/v1", "servers"),
        (["http://a.example", "https://b.example"], "http://a.example", "servers"),
        (["/v1"], "http://127.0.0.1:8000/v1", "server"),
        (["//a.example/v1/"], "http://a.example/v1", ""),
        (["https://me:secret@a.example/v1?x=1#y"], "https://a.example/v1", "server"),
        (["https://{gone}.example"], "http://127.0.0.1:8000", "server"),
        (["wss://a.example"], "http://127.0.0.1:8000", "server"),
        ([], "http://127.0.0.1:8000", "server"),
    ],
    ids=str,
)
def test_the_service_is_at_a_plain_url(servers: list[str], url: str, noted: str, tmp_path: Path) -> None:
    found, report = written(tmp_path, whole(servers=[{"url": each} for each in servers]))
    assert str(found["url"]).rstrip("/") == url
    assert [code for code in codes(report) if code.startswith("server")] == ([noted] if noted else [])
