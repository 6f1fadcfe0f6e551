"""The JSON Schema for editors and the reference page say what the model says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bff.config import Config, json_schema, parse
from bff.errors import StartRefused

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text()


def fits(form: dict[str, Any], value: Any) -> bool:
    """Whether `value` is what `form` allows: as much of JSON Schema as the schema uses."""
    kinds = {"null": type(None), "object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if "anyOf" in form:
        return any(fits(each, value) for each in form["anyOf"])
    if type(value) is not kinds[form["type"]]:
        return False
    if isinstance(value, dict):
        return _fits_object(form, value)
    if isinstance(value, list):
        return all(fits(form["items"], item) for item in value)
    if isinstance(value, str):
        return re.search(form.get("pattern", ""), value) is not None and len(value) >= form.get("minLength", 0)
    if value is None:
        return True
    return bool(form.get("minimum", value) <= value <= form.get("maximum", value))


def _fits_object(form: dict[str, Any], value: dict[str, Any]) -> bool:
    known, rest = form.get("properties", {}), form["additionalProperties"]
    return (
        set(form.get("required", ())) <= value.keys()
        and all(fits(form.get("propertyNames", {"type": "string"}), name) for name in value)
        and all(fits(known[name], item) if name in known else rest and fits(rest, item) for name, item in value.items())
    )


def settings(section: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each setting of a section below the top: its name and its schema."""
    for name, form in section["properties"].items():
        if "properties" in form:
            yield from settings(form, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", form


def sections() -> dict[str, dict[str, Any]]:
    """The sections that come once for each name, or once for each item of a list, by the title of their table."""
    top = json_schema()["properties"]
    named = {name: top[name]["additionalProperties"] for name in ("upstreams", "tiers", "clients")}
    return {f"`{name}.NAME`": section for name, section in named.items()} | {
        "`clients.NAME.keys[]`": named["clients"]["properties"]["keys"]["items"],
        "`auth.jwt[]`": top["auth"]["properties"]["jwt"]["items"],
        "`routes[]`": top["routes"]["items"],
        "`webhooks[]`": top["webhooks"]["items"],
    }


def as_plain(config: Config) -> Any:
    return json.loads(config.model_dump_json(exclude_unset=True))


def test_the_committed_schema_is_the_one_of_the_model() -> None:
    committed = json.loads((ROOT / "bff/config/bff.schema.json").read_text())
    assert committed == json_schema(), "run: python -m bff.config > bff/config/bff.schema.json"


def test_the_schema_is_draft_07_and_uses_nothing_newer() -> None:
    text = json.dumps(json_schema())
    assert json_schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not re.search(r'"(\$defs|\$ref|prefixItems|unevaluatedProperties|dependentRequired)"', text)


def test_the_reference_configuration_points_editors_at_the_schema() -> None:
    first = (ROOT / "bff.yaml").read_text().splitlines()[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (ROOT / path).samefile(ROOT / "bff/config/bff.schema.json")


def test_the_schema_accepts_the_reference_configuration_and_every_default() -> None:
    reference = parse((ROOT / "bff.yaml").read_text(), {})
    assert fits(json_schema(), as_plain(reference))
    assert fits(json_schema(), json.loads(Config().model_dump_json()))


def test_every_setting_has_a_description_and_a_default_or_is_required() -> None:
    for section in (json_schema(), *sections().values()):
        for name, form in settings(section):
            assert form["description"].endswith("."), name
            assert "default" in form or name in section["required"], name


@pytest.mark.parametrize("value", ["${PORT}", "${PORT:-1}", "x${A}"])
def test_a_reference_may_stand_for_any_value(value: Any) -> None:
    upstream = json_schema()["properties"]["upstreams"]["additionalProperties"]
    for section in (json_schema(), *sections().values()):
        values = [form for _, form in settings(section) if "anyOf" in form]
        assert values
        assert all(fits(form, value) for form in values)
    assert fits(upstream["properties"]["forward"], [value])
    assert fits(upstream["properties"]["headers"], {"x-key": value})


REFUSED = [
    {"graf": "a:b"},
    {"graph": "schema"},
    {"listen": {"port": 70_000}},
    {"listen": 4000},
    {"limits": {"timeout": 10}},
    {"limits": {"timeout": "1.5s"}},
    {"limits": {"max_body": "1 MB"}},
    {"limits": {"max_depth": 51}},
    {"graphql": {"graphiql": "yes"}},
    {"graphql": {"path": "/healthz"}},
    {"upstreams": {"A": {"url": "http://a"}}},
    {"upstreams": {"a": {}}},
    {"upstreams": {"a": {"url": "ftp://a"}}},
    {"upstreams": {"a": {"url": "http://u:p@a"}}},
    {"upstreams": {"a": {"url": "http://a", "forward": "x"}}},
    {"upstreams": {"a": {"url": "http://a", "headers": {"x": 1}}}},
    {"listen": {"trusted_proxies": ["lan"]}},
    {"auth": None},
    {"auth": {"jwt": [{"issuer": "http://id.test"}]}},
    {"auth": {}, "tiers": {"a": {"points_per_minute": 0}}},
    {"auth": {}, "tiers": {"a": {"points_per_minute": 1, "share": None}}},
    {"auth": {}, "clients": {"anonymous": {"tier": "a"}}},
    {"auth": {}, "clients": {"a": {"tier": "a", "keys": [{"sha256": "ab"}]}}},
    {"routes": [{"path": "files", "upstream": "a"}]},
    {"routes": [{"path": "/{a...}/b", "upstream": "a"}]},
    {"routes": [{"path": "/a//b", "upstream": "a"}]},
    {"routes": [{"path": "/a", "upstream": "a", "methods": ["TRACE"]}]},
    {"store": "sqlite://a"},
    {"store": "valkey://a/0?timeout=9"},
]


@pytest.mark.parametrize("document", REFUSED)
def test_the_schema_and_the_gateway_refuse_the_same(document: dict[str, Any]) -> None:
    assert not fits(json_schema(), document)
    with pytest.raises(StartRefused):
        parse(json.dumps(document), {})


def _rows() -> Iterator[tuple[str, str]]:
    top = json_schema()["properties"]
    flat = {name: form for name, form in top.items() if "properties" not in form}
    tables = {"Top level": {"properties": flat}, **sections()}
    tables |= {f"`{name}`": form for name, form in top.items() if "properties" in form}
    for title, section in tables.items():
        for name, form in settings(section):
            default = f"`{json.dumps(form['default'])}`".replace('"', "") if "default" in form else "required"
            yield title, f"| `{name}` | {default} | {form['description']} |"


@pytest.mark.parametrize(("title", "row"), list(_rows()))
def test_the_page_documents_each_setting_in_the_words_of_the_model(title: str, row: str) -> None:
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    assert row in section.splitlines()


def test_the_page_documents_no_setting_that_is_not_there() -> None:
    table_rows = [line for line in PAGE.splitlines() if re.match(r"\| `\S+` \| (`[^|]+`|required) \|", line)]
    assert sorted(table_rows) == sorted(row for _, row in _rows())


def test_the_examples_of_the_page_are_configurations() -> None:
    example, tiers, routes = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert parse(example, {}).upstreams["trips"].timeout == 3.0
    assert parse(tiers, {"WEB_KEY_SHA256": "ab" * 32}).allotment("explorer").max_price == 200
    assert [route.rewrite for route in parse(routes, {}).routes] == [("", ""), ("/api", "")]


def test_the_mistakes_that_the_page_shows_read_as_the_gateway_writes_them() -> None:
    text = (
        "graph: schema:schema\nlisten:\n  port: 70000\nupstreams:\n"
        "  cities:\n    url: http://cities\n    tiemout: 3s\n  trips: {url: http://trips, timeout: 2}\n"
    )
    with pytest.raises(StartRefused) as refused:
        parse(text, {}, file="bff.yaml")
    assert f"```\n{refused.value}\n```" in PAGE
