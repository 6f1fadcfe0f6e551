"""docs/clients.md says which client does what in which test: each cell of its table names a file with such a case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/clients.md").read_text("utf-8")
SECTION = PAGE.partition("## What runs in the tests")[2].partition("\n## ")[0]
FILES = dict(re.findall(r"^\[([\w-]+)\]: \.\./tests/clients/(\S+)$", SECTION, re.MULTILINE))
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"^\|.*\|$", SECTION, re.MULTILINE)]

# What a case, or a test, is called that shows it.
SHOWS = {
    "query, variables": r"a query|variables",
    "mutation": r"a mutation",
    "error": r"error|401|refus|bad credential",
    "documents by name": r"is named from then on|trusted document|names the documents",
    "subscription": r"a subscription to its end|gql subscribes",
    "`@defer`": r"a deferred (part|fragment) comes after what is fast",
    "files": r"file",
}
NOTHING = "—"


def cells() -> Iterator[tuple[str, str, str]]:
    (_, *columns), _, *rows = ROWS
    for client, *found in rows:
        yield from ((client, column, cell) for column, cell in zip(columns, found, strict=True) if cell != NOTHING)


@pytest.mark.parametrize(("client", "feature", "cell"), list(cells()))
def test_what_a_client_is_said_to_do_is_a_case_in_the_file_that_is_named(client: str, feature: str, cell: str) -> None:
    del client
    text = (HERE / FILES[cell.partition("][")[2].removesuffix("]")]).read_text("utf-8")
    named = re.findall(r'^  async "(.+)"\(|^ *cases\[[`"](.+)[`"]\]|def (test_\w+)', text, re.MULTILINE)
    assert any(re.search(SHOWS[feature], "".join(each).replace("_", " ")) for each in named)


def test_every_client_that_is_installed_is_in_the_table() -> None:
    versions = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    said = " ".join(client for client, *_ in ROWS[2:])
    for package, name in {
        "@apollo/client": "Apollo Client",
        "@urql/core": "urql",
        "relay-runtime": "Relay",
        "graphql-request": "graphql-request",
        "graphql-ws": "graphql-ws",
        "graphql-sse": "graphql-sse",
    }.items():
        assert f"{name} {versions[package].partition('.')[0]}" in said
