"""Which route answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.errors import MethodNotAllowed, RouteNotFound
from bff.proxy.routes import KNOWN, Route, Routes, host_of, mistakes


def at(path: str, *methods: str, host: str | None = None, **more: object) -> Route:
    return Route(path=path, upstream="files", host=host, methods=frozenset(methods), **more)  # type: ignore[arg-type]


def found(routes: list[Route], path: str, method: str = "GET", host: str | None = "h") -> Route:
    return Routes(routes).match(host, tuple(path[1:].split("/")), method)


WIDE = [
    at("/{rest...}"),
    at("/a/{rest...}"),
    at("/a/{x}"),
    at("/a/b"),
    at("/a/{x}/c"),
    at("/{x}/b"),
    at("/a/"),
    at("/"),
]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/a/b", "/a/b"),
        ("/a/z", "/a/{x}"),
        ("/a/b/c", "/a/{x}/c"),
        ("/a/b/d", "/a/{rest...}"),
        ("/a/", "/a/"),
        ("/z/b", "/{x}/b"),
        ("/z/c", "/{rest...}"),
        ("/a", "/{rest...}"),
        ("/", "/"),
        ("/a/b/", "/a/{rest...}"),
    ],
)
def test_literal_segments_come_before_names_and_names_before_the_rest(path: str, template: str) -> None:
    assert found(WIDE, path).path == template
    assert found(WIDE[::-1], path).path == template


@pytest.mark.parametrize(
    ("path", "template"), [("/files", None), ("/files/", "/files/{p...}"), ("/files/a/b", "/files/{p...}")]
)
def test_the_rest_begins_after_its_slash(path: str, template: str | None) -> None:
    if template is None:
        with pytest.raises(RouteNotFound):
            found([at("/files/{p...}")], path)
    else:
        assert found([at("/files/{p...}")], path).path == template


def test_a_name_stands_for_a_segment_that_is_not_empty() -> None:
    with pytest.raises(RouteNotFound):
        found([at("/a/{x}")], "/a/")


def test_an_exact_host_comes_before_any_host_however_literal_the_path() -> None:
    routes = [at("/a/b"), at("/{rest...}", host="h")]
    assert found(routes, "/a/b", host="h").host == "h"
    assert found(routes, "/a/b", host="other").host is None
    assert found([at("/a"), at("/b", host="h")], "/a", host="h").path == "/a"


def test_another_host_has_no_route() -> None:
    with pytest.raises(RouteNotFound):
        found([at("/a", host="h")], "/a", host="other")


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("API.example:8080", "api.example"),
        ("api.example.", "api.example"),
        ("[::1]:80", "[::1]"),
        (None, None),
        ("a:", "a"),
    ],
)
def test_hosts_are_compared_without_case_port_and_final_dot(header: str | None, host: str | None) -> None:
    assert host_of(header) == host


def test_the_path_decides_before_the_method_so_a_narrow_route_is_not_bypassed() -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        found([at("/{rest...}"), at("/report", "GET")], "/report", "POST")
    assert refusal.value.allow == "GET, HEAD"


def test_routes_on_one_path_may_share_its_methods() -> None:
    reads, writes, rest = at("/a", "GET"), at("/a", "POST", price=5), at("/a", price=9)
    assert found([reads, writes], "/a", "HEAD") == reads
    assert found([reads, writes], "/a", "POST") == writes
    assert found([rest, reads], "/a", "GET") == reads
    assert found([rest, reads], "/a", "DELETE") == rest


def test_a_route_without_methods_has_the_known_ones() -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        found([at("/a")], "/a", "TRACE")
    assert refusal.value.allow == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert {found([at("/a")], "/a", method).path for method in KNOWN} == {"/a"}
    assert found([at("/a", "PROPFIND")], "/a", "PROPFIND").path == "/a"


@pytest.mark.parametrize(
    ("route", "key"),
    [
        (at("a"), "path"),
        (at("/{rest...}/a"), "path"),
        (at("/a//b"), "path"),
        (at("/a/../b"), "path"),
        (at("/a{x}"), "path"),
        (at("/{}"), "path"),
        (at("/a", "TRACE"), "methods"),
        (at("/a", "CONNECT"), "methods"),
        (at("/a", "get"), "methods"),
        (at("/a/b", strip_prefix="/b"), "strip_prefix"),
        (at("/{x}/b", strip_prefix="/x"), "strip_prefix"),
        (at("/a", strip_prefix="/a/"), "strip_prefix"),
        (at("/a", replace_prefix="v2"), "replace_prefix"),
        (at("/a", replace_prefix="/v2?x"), "replace_prefix"),
        (at("/a", replace_prefix="/v 2"), "replace_prefix"),
        (at("/a", replace_prefix="/../v2"), "replace_prefix"),
        (at("/a%20b"), "path"),
        (at("/a", host="API.example"), "host"),
        (at("/a", host="api.example:80"), "host"),
        (Route(path="/a", upstream="nobody"), "upstream"),
    ],
)
def test_a_route_that_could_not_work_is_a_mistake(route: Route, key: str) -> None:
    assert [problem.place for problem in mistakes([at("/ok"), route], {"files"})] == [f"routes.1.{key}"]


def test_two_routes_for_the_same_requests_are_a_mistake() -> None:
    routes = [at("/a/{x}", "GET", "POST"), at("/b"), at("/a/{y}", "POST")]
    assert [str(problem) for problem in mistakes(routes, {"files"})] == [
        "routes.2: takes the same requests as routes.0 (give one of them other methods)"
    ]
    assert mistakes([at("/a"), at("/a", host="h"), at("/a", "GET")], {"files"}) == []


SEGMENTS = st.sampled_from(["a", "b", "{x}", "{y}"])
TEMPLATES = st.builds(
    lambda parts, rest: "/" + "/".join([*parts, *rest]),
    st.lists(SEGMENTS, max_size=3),
    st.sampled_from([(), ("{r...}",)]),
).filter(lambda path: path != "/")
ROUTES = st.builds(at, TEMPLATES, st.sampled_from(["GET", "POST"]), host=st.sampled_from([None, "h"]))
PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(ROUTES, min_size=1, max_size=8), PATHS, st.randoms(use_true_random=False))
def test_the_order_of_declaration_never_matters(routes: list[Route], path: str, random: object) -> None:
    if mistakes(routes, {"files"}):
        return
    shuffled = [*routes]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def outcome(of: list[Route], method: str) -> object:
        try:
            return found(of, path, method)
        except (RouteNotFound, MethodNotAllowed) as error:
            return str(error), getattr(error, "allow", "")

    for method in ("GET", "POST", "DELETE"):
        assert outcome(routes, method) == outcome(shuffled, method)
