"""The settings as Python sees them."""

import pickle

import pytest
from pydantic import ValidationError

from bff.config import Config, Limits, Listen, Upstream

SECRET = "s3cr3t-value"


def test_the_defaults_are_those_that_the_design_names() -> None:
    config = Config()
    assert (config.graph, config.listen, dict(config.upstreams)) == ("schema:schema", Listen(), {})
    assert (config.limits.timeout, config.limits.max_body, config.limits.max_depth) == (10.0, 262_144, 15)
    upstream = Upstream(url="http://cities")
    assert (upstream.timeout, upstream.queue.wait, upstream.max_decoded) == (2.0, 0.25, 20 * 1024**2)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Limits().max_depth = 3  # type: ignore[misc]


def test_what_is_printed_as_json_is_read_as_the_same_settings() -> None:
    config = Config.model_validate(
        {"upstreams": {"a": {"url": "https://a/base/", "timeout": "90s", "forward": ["X-A"]}}}
    )
    assert Config.model_validate(config.model_dump(mode="json")) == config
    documented = Config.model_validate({"upstreams": {"a": {"url": "https://a", "openapi": "a.json"}}})
    assert Config.model_validate(documented.model_dump(mode="json")) == documented


def test_a_graph_is_code_or_made_of_documents() -> None:
    upstreams = {"a": {"url": "https://a", "openapi": "a.json"}, "b": {"url": "https://b"}}
    assert Config.model_validate({"upstreams": upstreams}).documents == {"a": "a.json"}
    with pytest.raises(ValidationError, match="makes a graph beside that of `graph`"):
        Config.model_validate({"graph": "schema:schema", "upstreams": upstreams})


def test_a_configuration_can_be_handed_to_another_process() -> None:
    config = Config(upstreams={"a": Upstream(url="http://a", headers={"x-key": SECRET})})
    assert pickle.loads(pickle.dumps(config)) == config


def test_a_constant_header_is_shown_in_no_text() -> None:
    config = Config(upstreams={"a": Upstream(url="http://a", headers={"X-Key": SECRET})})
    assert config.upstreams["a"].headers["x-key"].get_secret_value() == SECRET
    assert SECRET not in f"{config!r} {config} {config.model_dump()} {config.model_dump_json()}"


def test_an_error_shows_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Upstream(url="http://a", headers={"x-key": SECRET + "\n"}, timeout=SECRET)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://a", "https://a.test:8443", "http://[::1]:80/v1", "http://a/b%20c/", "HTTP://A"]
)
def test_a_base_url_is_kept_without_the_slash_at_its_end(url: str) -> None:
    assert Upstream(url=url).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a",
        "//a",
        "ftp://a",
        "http://",
        "http://:80",
        "http://u@a",
        "http://u:p@a",
        "http://a?x",
        "http://a/#",
        "http://a:0",
        "http://a:99999",
        "http://a:x",
        "http://a b",
        "http://a/../b",
        "http://ä",
        "http://[::1",
        "http://a\\b",
        "http://a\n",
        7,
    ],
)
def test_what_is_not_a_base_url_is_refused(url: object) -> None:
    with pytest.raises(ValidationError):
        Upstream(url=url)
