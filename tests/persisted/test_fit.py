"""Documents of manifests that no longer fit the schema: found and named, and no start waits for that."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest

from bff.cli import looking
from bff.cli.looking import look_through
from bff.gateway import look_at_documents
from bff.persisted import Unfit
from bff.persisted.fit import Mistake
from bff.telemetry.logs import open_log
from tests.http.conftest import serving
from tests.kit import Bench, opened
from tests.world import SERVICES, make_schema

GOOD = "query Total { total }"


def manifest(folder: Path, **texts: str) -> str:
    path = folder / "documents.json"
    path.write_text(json.dumps(texts), "utf-8")
    return f"persisted: {{manifests: ['{path}']}}"


def unfit(bench: Bench) -> list[Unfit]:
    return list(filter(None, look_at_documents(bench.gateway)))


@pytest.mark.parametrize(
    ("text", "operation", "says", "place"),
    [
        ("query Gone { total nope }", "Gone", "Cannot query field 'nope' on type 'Query'", (1, 20)),
        ("query A { total }\nquery B { total(of: 1) }", "B", "Unknown argument 'of'", (2, 17)),
        ("query C { ...F }\nfragment F on Query { nope }", None, "Cannot query field 'nope'", (2, 23)),
        ("{ nope }", None, "Cannot query field 'nope'", (1, 3)),
        ("query D($f: Int) { total }", "D", "Variable '$f' is never used", (1, 9)),
        ("query {", None, "Syntax Error", (1, 8)),
        ("{" * 20_000, None, "", (1, 2)),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_what_does_not_fit_is_told_by_document_operation_and_place(
    tmp_path: Path, text: str, operation: str | None, says: str, place: tuple[int, int]
) -> None:
    async with opened(make_schema(), SERVICES, manifest(tmp_path, good=GOOD, bad=text)) as bench:
        (found,) = unfit(bench)
        first = found.mistakes[0]
        assert (found.id, found.file) == ("bad", str(tmp_path / "documents.json"))
        assert (first.operation, first.line, first.column) == (operation, *place)
        assert says in first.message
        assert found.problem.place == (f"operation {operation} of document bad" if operation else "document bad")


async def test_what_a_reticent_tier_may_not_ask_for_fits_all_the_same(tmp_path: Path) -> None:
    settings = "graphql: {introspection: false, suggestions: false}\n"
    asks = "{ __schema { types { name } } }"
    async with opened(make_schema(), SERVICES, settings + manifest(tmp_path, asks=asks)) as bench:
        assert not unfit(bench)


async def test_no_document_is_read_before_somebody_asks_for_it_and_looking_keeps_none(tmp_path: Path) -> None:
    texts = {f"d{n}": f"query D{n} {{ total }}" for n in range(500)}
    async with serving(manifest(tmp_path, **texts)) as gateway:
        documents = gateway.bench.gateway.operations.documents
        assert len(documents) == 0
        assert not unfit(gateway.bench)
        assert len(documents) == 0
        answer = await gateway.post({"documentId": "d7"})
        assert answer.json() == {"data": {"total": 3}}
        assert len(documents) == 1


async def test_many_are_not_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "REST", 0)
    lines = io.StringIO()
    found = Unfit("x", "m.json", (Mistake(None, "wrong"),))
    assert await look_through([found, None] * 100, open_log(lines, "info", "json")) == 100
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(told) == looking.MOST_TOLD + 1
    assert told[-1]["message"] == "100 documents do not fit the schema, of which 20 were told"


async def test_others_get_their_turn_while_it_looks() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    await look_through([None] * 50, open_log(io.StringIO(), "info", "json"))
    task.cancel()
    assert turns >= 50
