"""Which documents are read, and what is said about those that are not: with the place, in bounded time and memory."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bff.errors import Problem, StartRefused
from bff.openapi import api, json_text, shapes, sources, yaml_text
from bff.openapi.model import Document
from bff.openapi.place import Unfetchable
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.schema import Object, resolved
from tests.openapi.kit import whole, write


def refused(*names: str, **more: Any) -> list[Problem]:
    with pytest.raises(StartRefused) as error:
        read(names, Report(), **more)
    return error.value.problems


def refusal(folder: Path, document: Any, name: str = "api.json") -> str:
    """The one problem, as it is shown, without the folder."""
    (problem,) = refused(write(folder, document, name))
    return str(problem).replace(f"{folder}/", "")


def referring(reference: str) -> dict[str, Any]:
    return whole({"$ref": reference})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"openapi": "3.0.0",\n "info": }', "api.json:2:10: document: is not JSON"),
        ('{"openapi": "3.0.0",\n "a": {"b": 1, "b": 2}}', 'api.json:2:16: document: holds "b" twice in one object'),
        ('{"openapi": NaN}', "NaN is no JSON number"),
        ("[" * 5_000 + "]" * 5_000, "must not be nested deeper than 100 levels"),
        ("[" * 200 + "]" * 200, "must not be nested deeper than 100 levels"),
        ("<html></html>", "is a page, not a document"),
        ("{}", "is no OpenAPI document"),
        ("[]", "must be an object, not a list"),
        ('{"openapi": "4.0.0"}', "is written in OpenAPI 4.0.0, which is not read"),
        ('{"swagger": "1.2"}', "is written in OpenAPI 1.2, which is not read"),
        ('{"openapi": "3.0.0", "paths": []}', "/paths: must be an object, not a list"),
        ('{"openapi": "3.0.0", "paths": {"pets": {}}}', "a path must begin with /"),
    ],
)
def test_a_malformed_document_is_refused_with_its_place(tmp_path: Path, text: str, shown: str) -> None:
    assert shown in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("openapi: 3.0.0\ninfo: [", "api.yaml:2:8: document: is not YAML"),
        ("openapi: 3.0.0\na: 1\na: 2", 'api.yaml:3:1: document: holds "a" twice in one mapping'),
        ("openapi: 3.0.0\nx: !!python/object:os.system {}", "must not have a YAML tag"),
        ("openapi: 3.0.0\n? [a]\n: b", "must have plain text as its keys"),
        ("openapi: 3.0.0\n---\nopenapi: 3.0.0", "must be one document"),
        ("openapi: 3.0.0\nx: &a [*a]", "must not use an alias before its anchor is complete"),
        ("openapi: 3.0.0\n\tx: 1", "indent with spaces"),
        ("openapi: 3.0.0\npaths:\n  /a:\n    get: 7", "api.yaml:4:5: /paths/~1a/get: must be an object"),
        ("x: " + "[" * 200 + "]" * 200, "must not be nested deeper than 100 levels"),
    ],
)
def test_malformed_yaml_is_refused_with_its_place(tmp_path: Path, text: str, shown: str) -> None:
    assert shown in refusal(tmp_path, text, "api.yaml")


def test_a_billion_laughs_are_not_laughed(tmp_path: Path) -> None:
    lines = ["openapi: 3.0.0", "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "must not hold more than" in refusal(tmp_path, "\n".join(lines), "api.yaml")


def test_too_many_values_are_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MOST", 10)
    assert "must not hold more than 10 values" in refusal(tmp_path, {"x": list(range(20))})


def test_a_document_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LARGEST", 100)
    assert "must not be larger than" in refusal(tmp_path, {"x": "y" * 200})


def test_yaml_says_what_it_says_in_1_2() -> None:
    text = "a: no\nb: 2026-01-31\nc: 1\nd: '1'\ne: 1.5\nf: ~\ng: 0x10\nh: [true, {200: x}]\n"
    text += "i: &m {k: v}\nj: {<<: *m, l: 1}"
    assert yaml_text.read(text) == {
        "a": "no",
        "b": "2026-01-31",
        "c": 1,
        "d": "1",
        "e": 1.5,
        "f": None,
        "g": 16,
        "h": [True, {"200": "x"}],
        "i": {"k": "v"},
        "j": {"k": "v", "l": 1},
    }


def test_json_may_be_called_yaml(tmp_path: Path) -> None:
    assert read([write(tmp_path, whole(), "api.yaml")], Report())[0].title == "Things"


# References -------------------------------------------------------------------------------------------------------


def only_schema(document: Document) -> Any:
    return resolved(document.operations[0].responses[0].content[0].schema, document.schemas)


def test_references_lead_to_other_files_and_back(tmp_path: Path) -> None:
    write(tmp_path, "a~b:\n  x y: {type: object, properties: {up: {$ref: '../api.json#/x-here'}}}", "parts/pet.yaml")
    name = write(tmp_path, referring("parts/pet.yaml#/a~0b/x%20y") | {"x-here": {"type": "string"}})
    (document,) = read([name], Report())
    found = only_schema(document)
    assert isinstance(found, Object)
    assert resolved(found.properties[0].schema, document.schemas).at.pointer == "/x-here"
    assert [source.name for source in document.sources] == [name, str(tmp_path / "parts/pet.yaml")]


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("missing.json", "cannot be read: no such file"),
        ("../outside.json", "'../outside.json', which lies outside"),
        ("/etc/passwd", "'/etc/passwd', which lies outside"),
        ("file:///etc/passwd", "which is neither a file here nor a URL that was named"),
        ("link.json", "'link.json', which lies outside"),
        (".secret.json", "'.secret.json', which is not a document"),
        ("key.pem", "'key.pem', which is not a document"),
        ("http://169.254.169.254/latest", "http://169.254.169.254/latest, which was not named"),
        ("//evil.example/x.json", "which is neither a file here nor a URL that was named"),
        ("a\x00b.json", "whose name cannot be read"),
        ("x" * 5_000 + ".json", "refers to"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_reference_to_what_may_not_or_cannot_be_read_is_refused(tmp_path: Path, reference: Any, shown: str) -> None:
    inside = tmp_path / "in"
    write(tmp_path, {"type": "string"}, "outside.json")
    write(inside, {"type": "string"}, ".secret.json")
    write(inside, "secret", "key.pem")
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    assert shown in refusal(inside, whole({"$ref": reference}))


def lost(folder: Path, document: Any) -> list[str]:
    report = Report()
    read([write(folder, document)], report)
    return [note.message for note in report.notes if note.level == "loss"]


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("#/components/schemas/pet", 'which is not there (did you mean "Pet"?)'),
        ("#/components/schemas/Loop", "refers to nothing but itself"),
        ("#nobody", "which nothing in"),
        (7, "must be text that refers to something"),
    ],
    ids=str,
)
def test_a_reference_that_leads_nowhere_costs_the_schema(tmp_path: Path, reference: Any, shown: str) -> None:
    components = {"Pet": {"type": "string"}, "Loop": {"$ref": "#/components/schemas/Loop"}}
    (message,) = lost(tmp_path, whole({"$ref": reference}, components=components))
    assert shown in message


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert "no such file" in refusal(tmp_path, referring("pipe.json"))


def test_a_file_outside_is_read_when_it_is_named(tmp_path: Path) -> None:
    outside = write(tmp_path, {"type": "string"}, "outside.json")
    name = write(tmp_path / "in", referring("../outside.json"))
    assert only_schema(read([name, outside], Report())[0]).kind == "string"


def test_all_problems_are_shown_at_once(tmp_path: Path) -> None:
    document = whole({"properties": {name: {"$ref": f"{name}.json"} for name in "abc"}})
    assert [problem.place[-1] for problem in refused(write(tmp_path, document))] == ["a", "b", "c"]


def test_problems_end(tmp_path: Path) -> None:
    document = whole({"properties": {f"p{n}": {"$ref": f"{n}.json"} for n in range(1_000)}})
    assert len(refused(write(tmp_path, document))) <= 50


def test_schemas_that_cannot_be_read_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST", 100_000)
    document = whole({"properties": {f"p{n}": {"$ref": f"#/{n}"} for n in range(1_000)}})
    assert "must not come to more than 100000 schemas" in refusal(tmp_path, document)


def test_anchors_and_ids_are_found(tmp_path: Path) -> None:
    components = {
        "A": {"$anchor": "a", "type": "string", "title": "A"},
        "B": {"$id": "https://example.com/b", "type": "integer", "title": "B"},
    }
    written = {"properties": {"a": {"$ref": "#a"}, "b": {"$ref": "https://example.com/b"}}}
    (document,) = read([write(tmp_path, whole(written, components=components))], Report())
    titles = [resolved(each.schema, document.schemas).title for each in only_schema(document).properties]
    assert titles == ["A", "B"]


# URLs -------------------------------------------------------------------------------------------------------------


class Web:
    """URLs and what they bring; notes what was asked."""

    def __init__(self, **pages: Any) -> None:
        self.pages = {f"https://a.example/{name}.json": page for name, page in pages.items()}
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.pages:
            raise Unfetchable("was answered with status 404")
        return json.dumps(self.pages[url]).encode()


def test_only_named_urls_are_fetched() -> None:
    web = Web(api=referring("parts.json#/pet"), parts={"pet": {"type": "string"}})
    (problem,) = refused("https://a.example/api.json", fetch=web)
    assert "https://a.example/parts.json, which was not named (to allow it, name it too" in str(problem)
    assert web.asked == ["https://a.example/api.json"]


def test_urls_that_were_named_may_be_referred_to() -> None:
    web = Web(api=referring("parts.json#/pet"), parts={"pet": {"type": "string"}})
    names = ["https://a.example/api.json", "https://a.example/parts.json"]
    assert only_schema(read(names, Report(), fetch=web)[0]).kind == "string"
    assert web.asked == names


def test_a_document_from_the_web_reads_no_file() -> None:
    web = Web(api=referring("file:///etc/hostname"))
    assert "neither a file here nor a URL" in str(refused("https://a.example/api.json", fetch=web)[0])


def test_a_relative_server_is_that_of_the_document() -> None:
    web = Web(api=whole(servers=[{"url": "/v{n}", "variables": {"n": {"default": "2"}}}]))
    (document,) = read(["https://a.example/api.json"], Report(), fetch=web)
    assert document.servers[0].url == "https://a.example/v2"


def test_what_is_named_twice_is_one(tmp_path: Path) -> None:
    name = write(tmp_path, whole())
    assert len(read([name, name], Report())) == 1


def test_all_of_that_fans_out_is_read_in_bounded_time(tmp_path: Path) -> None:
    components: dict[str, Any] = {"A0": {"properties": {"x": {"type": "string"}}}}
    for n in range(1, 300):
        components[f"A{n}"] = {"allOf": [{"$ref": f"#/components/schemas/A{n - 1}"}] * 3}
    (document,) = read([write(tmp_path, whole({"$ref": "#/components/schemas/A299"}, components=components))], Report())
    assert isinstance(only_schema(document), Object)


def test_unions_that_multiply_end(tmp_path: Path) -> None:
    part: dict[str, Any] = {"oneOf": [{"properties": {f"p{n}": {}}} for n in range(10)]}
    schema = {"allOf": [part | {"title": str(n)} for n in range(40)]}
    assert any("must not" in message for message in lost(tmp_path, whole(schema)))


def refs(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


def test_unions_that_multiply_by_reference_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST_SPREAD", 500)
    components: dict[str, Any] = {"A0": {}, "B0": {"properties": {"b": {}}}}
    for n in range(1, 40):
        for name in "AB":
            members = refs(f"A{n - 1}", f"B{n - 1}")
            components[f"{name}{n}"] = {"properties": {f"{name}{n}": {}}, "oneOf": members}
    assert "unions must not come to more than 500" in refusal(tmp_path, whole(*refs("A39"), components=components))


def test_references_that_lead_on_and_on_end(tmp_path: Path) -> None:
    components: dict[str, Any] = {f"A{n}": refs(f"A{n + 1}")[0] for n in range(300)} | {"A300": {}}
    (message,) = lost(tmp_path, whole(*refs("A0"), components=components))
    assert "refers to nothing within 100 steps" in message


def test_too_many_schemas_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST", 100)
    schema = {"properties": {str(n): {"type": "string"} for n in range(100)}}
    assert "must not come to more than 100 schemas (take a part with --only)" in refusal(tmp_path, whole(schema))


def test_too_many_operations_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST", 1)
    document = whole() | {"paths": {f"/{n}": {"get": {"responses": {}}} for n in range(3)}}
    assert "must not have more than 1 operations" in refusal(tmp_path, document)


def test_large_enums_meet_in_little_time(tmp_path: Path) -> None:
    schema = {"allOf": [{"enum": list(range(20_000))}, {"enum": list(range(19_999, 40_000))}]}
    (document,) = read([write(tmp_path, whole(schema))], Report())
    assert only_schema(document).values == (19_999,)
