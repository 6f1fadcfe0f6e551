"""Graphs of documents that are kept between starts: when one is as good as made anew, and what harm does to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bff.errors import StartRefused
from bff.openapi import served as module
from bff.openapi.graph.lock import Lock
from bff.openapi.graph.memory import load
from bff.openapi.kept import MOST, Kept, keep, take
from bff.openapi.place import Unfetchable
from bff.openapi.served import Served, served
from tests.openapi.kit import whole, write

URL = "https://things.example/openapi.json"


def thing(*members: str) -> dict[str, object]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in members}}
    return whole({"$ref": "#/components/schemas/Thing"}, components={"Thing": schema})


def members(found: Served) -> set[str]:
    type_: Any = load(found.code)._schema.type_map["Thing"]
    return set(type_.fields)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One item for each time that a graph was made."""
    found: list[object] = []
    make = module._made

    def counted(*given: Any) -> Kept:
        found.append(given)
        return make(*given)

    monkeypatch.setattr(module, "_made", counted)
    return found


def test_a_graph_is_made_once_and_again_when_a_byte_of_its_document_changes(tmp_path: Path, made: list[object]) -> None:
    place, folder = write(tmp_path, thing("name")), tmp_path / "kept"
    for _ in range(2):
        assert members(served({"things": place}, Lock(), folder)) == {"name"}
    assert len(made) == 1
    write(tmp_path, thing("name", "size"))
    assert members(served({"things": place}, Lock(), folder)) == {"name", "size"}
    assert len(made) == 2


def test_a_document_that_is_referred_to_counts_as_well(tmp_path: Path, made: list[object]) -> None:
    write(tmp_path, {"type": "object", "properties": {"name": {"type": "string"}}}, "thing.json")
    place, folder = write(tmp_path, whole({"$ref": "thing.json"})), tmp_path / "kept"
    served({"things": place}, Lock(), folder)
    write(tmp_path, {"type": "object", "properties": {"size": {"type": "string"}}}, "thing.json")
    served({"things": place}, Lock(), folder)
    assert len(made) == 2


def test_another_name_another_lock_and_another_engine_make_another_graph(
    tmp_path: Path, made: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, folder = write(tmp_path, thing("name")), tmp_path / "kept"
    served({"things": place}, Lock(), folder)
    served({"others": place}, Lock(), folder)
    lock = Lock()
    lock.service("things").types["Thing"] = "Item"
    served({"things": place}, lock, folder)
    monkeypatch.setattr(module, "_engine", lambda: "a later one")
    served({"things": place}, Lock(), folder)
    assert len(made) == 4


@pytest.mark.parametrize("harm", [b"", b"x", b"\0" * 40, None], ids=["empty", "short", "zeros", "one bit"])
def test_what_came_to_harm_is_made_anew(tmp_path: Path, made: list[object], harm: bytes | None) -> None:
    place, folder = write(tmp_path, thing("name")), tmp_path / "kept"
    served({"things": place}, Lock(), folder)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if harm is None else harm)
    for _ in range(2):
        assert members(served({"things": place}, Lock(), folder)) == {"name"}
    assert len(made) == 2


def test_nobody_else_can_read_or_write_it_and_what_others_could_have_written_is_not_run(
    tmp_path: Path, made: list[object]
) -> None:
    place, folder = write(tmp_path, thing("name")), tmp_path / "kept"
    served({"things": place}, Lock(), folder)
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    file.chmod(0o666)
    served({"things": place}, Lock(), folder)
    assert (len(made), file.stat().st_mode & 0o777) == (2, 0o600)
    folder.chmod(0o777)
    served({"things": place}, Lock(), folder)
    assert len(made) == 3
    folder.chmod(0o700)
    link = tmp_path / "link"
    link.symlink_to(folder)
    served({"things": place}, Lock(), link)
    assert len(made) == 4


def test_what_was_lost_is_told_at_every_start(tmp_path: Path) -> None:
    place, folder = write(tmp_path, whole({"type": "object"})), tmp_path / "kept"
    for _ in range(2):
        (doubt,) = served({"things": place}, Lock(), folder).doubts
        assert doubt.message == "places where the graph says less than its documents: 1"


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    place = write(tmp_path, thing("name"))
    (tmp_path / "file").write_text("", "utf-8")
    for folder in (tmp_path / "file" / "kept", tmp_path / "file", None):
        assert members(served({"things": place}, Lock(), folder)) == {"name"}


def test_a_url_is_fetched_once_a_start_and_its_last_document_serves_while_it_is_away(
    tmp_path: Path, made: list[object]
) -> None:
    asked: list[str] = []
    answers: list[bytes | Unfetchable] = [json.dumps(thing("name")).encode()]

    def fetch(url: str) -> bytes:
        asked.append(url)
        answer = answers[-1]
        if isinstance(answer, Unfetchable):
            raise answer
        return answer

    folder = tmp_path / "kept"
    for _ in range(2):
        assert members(served({"things": URL}, Lock(), folder, fetch=fetch)) == {"name"}
    assert (asked, len(made)) == ([URL, URL], 1)

    answers.append(json.dumps(thing("size")).encode())
    assert members(served({"things": URL}, Lock(), folder, fetch=fetch)) == {"size"}
    assert (len(asked), len(made)) == (3, 2)

    answers.append(Unfetchable("was answered with status 503"))
    away = served({"things": URL}, Lock(), folder, fetch=fetch)
    assert members(away) == {"size"}
    (doubt,) = away.doubts
    assert (doubt.place, doubt.message) == (URL, "was answered with status 503: the document of the last start is used")
    with pytest.raises(StartRefused):
        served({"others": URL}, Lock(), folder, fetch=fetch)  # which was never there


def test_what_is_trusted_is_not_looked_at_again(tmp_path: Path) -> None:
    def never(url: str) -> bytes:
        raise AssertionError(url)

    folder = tmp_path / "kept"
    served({"things": URL}, Lock(), folder, fetch=lambda _: json.dumps(thing("name")).encode())
    assert members(served({"things": URL}, Lock(), folder, trusted=True, fetch=never)) == {"name"}


def test_a_folder_keeps_the_graphs_that_were_used_last(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    code = compile("", "<test>", "exec")
    for number in range(MOST):
        keep(folder, f"{number:02}", Kept((), {"schema": code}))
    assert take(folder, "00")
    keep(folder, "more", Kept((), {"schema": code}))
    assert (take(folder, "00"), take(folder, "01")) == (Kept((), {"schema": code}), None)
