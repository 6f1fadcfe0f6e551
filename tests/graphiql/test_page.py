"""GraphiQL's page and files as bytes and headers: no browser, no server, no build."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bff.graphiql import cdn
from bff.graphiql.bundle import MANIFEST, Bundle, accepts_gzip, read
from bff.graphiql.markup import render

SCRIPT = b"export const answer = 42;"
BUILT = Bundle(
    "index-A1.js", "index-B2.css", {"index-A1.js": gzip.compress(SCRIPT), "index-B2.css": gzip.compress(b"")}
)
NASTY = "query \"><script>alert('&amp;')</script> $endpoint {\n a }\n"


class Elements(HTMLParser):
    """Every start tag with its attributes, and what stands in <script>."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            self.scripts += data.strip("\n")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def rendered(bundle: Bundle | None, query: str = "{ a }", headers: str = "") -> tuple[Elements, dict[str, list[str]]]:
    """The page's elements, and its policy: directive -> sources."""
    body, answered = render(bundle, endpoint="graphql", assets="graphiql/", default_query=query, headers=headers)
    directives = (part.split() for part in answered["content-security-policy"].split(";"))
    return Elements(body), {name: sources for name, *sources in directives}


@pytest.mark.parametrize("bundle", [BUILT, None])
def test_what_the_page_is_given_arrives_unchanged_and_never_as_markup(bundle: Bundle | None) -> None:
    elements, _ = rendered(bundle, query=NASTY, headers=NASTY)
    root = next(attributes for attributes in elements.all("div") if attributes["id"] == "graphiql")
    assert root == {"id": "graphiql", "data-endpoint": "graphql", "data-query": NASTY, "data-headers": NASTY}
    assert "alert" not in elements.scripts


def test_a_built_page_loads_its_files_below_assets_and_runs_no_inline_script() -> None:
    elements, policy = rendered(BUILT)
    assert elements.all("script") == [{"type": "module", "src": "graphiql/index-A1.js"}]
    assert {"rel": "stylesheet", "href": "graphiql/index-B2.css"} in elements.all("link")
    assert elements.scripts == ""
    assert policy["script-src"] == ["'self'"]


def test_the_policy_of_a_built_page_names_no_host_and_denies_what_it_does_not_name() -> None:
    _, policy = rendered(BUILT)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} == {
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "data:",
    }
    assert [name for name, sources in policy.items() if "'unsafe-inline'" in sources] == ["style-src"]


def test_the_page_of_a_gateway_without_a_build_takes_only_pinned_files_with_their_hashes() -> None:
    elements, _ = rendered(None)
    loaded = [
        *(script for script in elements.all("script") if "src" in script),
        *(link for link in elements.all("link") if link["rel"] == "stylesheet"),
    ]
    assert len(loaded) == 4
    for attributes in loaded:
        assert re.fullmatch(
            r"https://unpkg\.com/[a-z-]+@\d+\.\d+\.\d+/\S+", attributes.get("src") or attributes["href"] or ""
        )
        assert re.fullmatch(r"sha384-[A-Za-z0-9+/]{64}", attributes["integrity"] or "")
        assert attributes["crossorigin"] == "anonymous"


def test_the_policy_of_that_page_allows_those_files_and_its_one_script() -> None:
    elements, policy = rendered(None)
    assert policy["script-src"] == [f"'{cdn.START_HASH}'", *(script.url for script in cdn.SCRIPTS)]
    assert policy["style-src"] == ["'unsafe-inline'", cdn.STYLE.url]
    assert policy["connect-src"] == ["'self'"]
    assert elements.scripts == cdn.START.strip("\n")


def test_that_page_says_what_it_lacks() -> None:
    elements, _ = rendered(None)
    assert "without the Plan panel" in elements.scripts
    assert "make graphiql" in elements.scripts


def test_a_file_is_sent_packed_where_the_request_allows_it() -> None:
    packed = BUILT.asset("index-A1.js", "gzip, deflate, br")
    plain = BUILT.asset("index-A1.js")
    assert packed
    assert plain
    assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", SCRIPT)
    assert ("content-encoding" in plain.headers, plain.body) == (False, SCRIPT)
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"] == plain.headers["content-type"] == "text/javascript; charset=utf-8"


def test_a_file_may_be_kept_for_ever_but_the_page_that_names_it_may_not() -> None:
    asset = BUILT.asset("index-B2.css")
    assert asset
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    page = render(BUILT, endpoint="graphql", assets="graphiql", default_query="", headers="")
    assert page.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../page.html", "../../errors.py", "/etc/passwd", "manifest.json", "index-A1.js.gz", "INDEX-A1.JS"],
)
def test_a_name_that_the_build_does_not_list_does_not_exist(name: str) -> None:
    assert BUILT.asset(name) is None


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("GZip", True),
        ("br, gzip;q=0.5", True),
        ("gzip; q=1.0", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("br, x-gzipped", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_taken_as_the_request_weighs_it(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_a_build_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "index-A1.js.gz").write_bytes(BUILT.packed["index-A1.js"])
    listed = {"script": "index-A1.js", "style": "index-B2.css", "files": ["index-A1.js"]}
    (tmp_path / MANIFEST).write_text(json.dumps(listed))
    assert read(tmp_path) == Bundle("index-A1.js", "index-B2.css", {"index-A1.js": BUILT.packed["index-A1.js"]})


def test_a_folder_without_a_manifest_is_no_build_even_if_files_stand_there(tmp_path: Path) -> None:
    (tmp_path / "index-A1.js.gz").write_bytes(b"half of a build")
    assert read(tmp_path) is None
    assert read(tmp_path / "nowhere") is None


def test_every_file_of_the_real_build_can_be_sent_and_names_no_cdn(bundle: Bundle) -> None:
    assert {bundle.script, bundle.style} <= set(bundle.packed)
    for name in bundle.packed:
        asset = bundle.asset(name)
        assert asset
        assert asset.body
        assert not re.search(rb"esm\.sh|unpkg\.com|jsdelivr|cdnjs", asset.body)
