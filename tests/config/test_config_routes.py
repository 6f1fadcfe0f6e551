"""What passes through, where points are counted, whose word about addresses counts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.config import Config, Route, json_schema, parse
from bff.errors import Problem, StartRefused

UPSTREAMS = "upstreams: {files: {url: http://f}}\n"  # in line 1 of every file below
ENVIRON = {"PASS": "hunter2", "SLASHED": "a/b@c", "URL": "rediss://:hunter2@h:1/2"}
FORM = json_schema()["properties"]["routes"]["items"]["properties"]["path"]["anyOf"][0]["pattern"]


def problems(text: str) -> list[Problem]:
    with pytest.raises(StartRefused) as refused:
        parse(UPSTREAMS + text, ENVIRON)
    return refused.value.problems


@pytest.mark.parametrize(
    "path", ["/", "/a", "/a/", "/{a}", "/a/{b}/c", "/a.b/~c", "/{a}/{b...}", "/{a...}", "/a,b;c=1"]
)
def test_a_path_is_made_of_segments(path: str) -> None:
    assert Route(path=path, upstream="files").path == path
    assert re.search(FORM, path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "must be a path that begins with a slash"),
        ("a/b", "must be a path that begins with a slash"),
        ("//", "must be made of plain segments"),
        ("/a//b", "must be made of plain segments"),
        ("/a/../b", "must be made of plain segments"),
        ("/.", "must be made of plain segments"),
        ("/a%2Fb", "must be made of plain segments"),
        ("/a b", "must be made of plain segments"),
        ("/a?b", "must be made of plain segments"),
        ("/a\\b", "must be made of plain segments"),
        ("/é", "must be made of plain segments"),
        ("/a{b}", "must be made of plain segments"),
        ("/{}", "must be made of plain segments"),
        ("/{a-b}", "must be made of plain segments"),
        ("/{a..}", "must be made of plain segments"),
        ("/{a...}/b", "must have nothing behind {name...}"),
        ("/{a...}/", "must have nothing behind {name...}"),
        ("/{a}/{a}", "must not use one name twice"),
    ],
)
def test_a_path_that_servers_could_read_in_two_ways_is_refused(path: str, message: str) -> None:
    (problem,) = problems(f'routes: [{{path: "{path}", upstream: files}}]'.replace("\\", "\\\\"))
    assert (problem.line, problem.column, problem.place) == (2, 17, "routes[0].path")
    assert message in problem.message


@given(st.text(alphabet="/a.{}%", max_size=12))
def test_editors_refuse_no_path_that_the_gateway_takes(path: str) -> None:
    try:
        Route(path=path, upstream="files")
    except ValueError:
        return
    assert re.search(FORM, path)


@pytest.mark.parametrize(
    ("settings", "line", "place", "message"),
    [
        ("upstream: fils", 2, "routes[0].upstream", 'is not the name of an upstream (did you mean "files"?)'),
        ("upstream: x", 2, "routes[0].upstream", "is not the name of an upstream (there are files)"),
        ("upstream: files, methods: [get]", 2, "routes[0].methods[0]", "must be a method in capitals"),
        ("upstream: files, methods: [CONNECT]", 2, "routes[0].methods[0]", "neither CONNECT nor TRACE"),
        ("upstream: files, methods: GET", 2, "routes[0].methods", "must be a list"),
        ("upstream: files, host: A.test", 2, "routes[0].host", "must be a host name in lower case"),
        ("upstream: files, host: 'a.test:80'", 2, "routes[0].host", "without a port"),
        ("upstream: files, strip_prefix: /b", 2, "routes[0].strip_prefix", "must be what path begins with"),
        ("upstream: files, strip_prefix: /a/b", 2, "routes[0].strip_prefix", "must be what path begins with"),
        ("upstream: files, strip_prefix: /a/", 2, "routes[0].strip_prefix", "without a slash at its end"),
        ("upstream: files, strip_prefix: /a, replace_prefix: /b", 2, "routes[0].replace_prefix", "keep one of the two"),
        ("upstream: files, replace_prefix: /../b", 2, "routes[0].replace_prefix", "must be a path without"),
        ("upstream: files, price: -1", 2, "routes[0].price", "must be a whole number of at least 0"),
        ("upstream: files, max_body: 1", 2, "routes[0].max_body", "must be a size with a unit"),
        ("upstream: files, idle_timeout: 0s", 2, "routes[0].idle_timeout", "must be longer than nothing"),
        ("upstream: files, stripprefix: /a", 2, "routes[0].stripprefix", 'did you mean "strip_prefix"?'),
    ],
)
def test_a_mistake_in_a_route_is_found_where_it_stands(settings: str, line: int, place: str, message: str) -> None:
    (problem,) = problems(f'routes: [{{path: "/a/{{b}}/c", {settings}}}]')
    assert (problem.line, problem.place) == (line, place)
    assert message in str(problem)


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql/", "/graphql/assets/x", "/graphql/assets/{a}", "/healthz", "/readyz", "/metrics/"]
)
def test_a_path_that_the_gateway_answers_is_no_route(path: str) -> None:
    (problem,) = problems(f"routes: [{{path: '{path}', upstream: files}}]")
    assert problem.message == "is a path that the gateway itself answers"


def test_a_route_may_take_all_that_the_gateway_does_not_answer() -> None:
    assert parse(UPSTREAMS + 'routes: [{path: "/{rest...}", upstream: files}]', {}).routes[0].price == 1


SAME = [("/a", "/a"), ("/{a}", "/{b}"), ("/a/{b...}", "/a/{c...}")]


@pytest.mark.parametrize(("first", "second"), SAME)
@pytest.mark.parametrize("methods", [("[]", "[]"), ("[GET]", "[GET]"), ("[PUT, GET]", "[GET]")])
def test_a_route_that_comes_twice_is_told_with_both_places(first: str, second: str, methods: tuple[str, str]) -> None:
    lines = [
        "routes:",
        f"- {{path: '{first}', upstream: files, methods: {methods[0]}}}",
        f"- {{path: '{second}', upstream: files, methods: {methods[1]}}}",
    ]
    (problem,) = problems("\n".join(lines))
    assert (problem.line, problem.column, problem.place) == (4, 10, "routes[1].path")
    assert (problem.message, problem.hint) == ("is the path of a route once more", "the first is in line 3")


def test_routes_that_differ_in_host_method_or_shape_live_together() -> None:
    settings = [
        "/a",
        "/a/",
        "/{a}",
        "/{a...}",
        "/a/{b}",
        "/b",
        "/b, methods: [GET]",
        "/b, methods: [PUT]",
        "/a, host: a.test",
    ]
    quoted = [f"'{path}'{comma}{rest}" for path, comma, rest in (each.partition(",") for each in settings)]
    text = "".join(f"- {{path: {each}, upstream: files}}\n" for each in quoted)
    assert len(parse(f"{UPSTREAMS}routes:\n{text}", {}).routes) == len(settings)


@pytest.mark.parametrize(
    ("path", "settings", "rewrite"),
    [
        ("/files/{path...}", {}, ("", "")),
        ("/api/files/{path...}", {"strip_prefix": "/api"}, ("/api", "")),
        ("/api", {"strip_prefix": "/api"}, ("/api", "")),
        ("/files/{path...}", {"replace_prefix": "/v1"}, ("/files", "/v1")),
        ("/status", {"replace_prefix": "/health"}, ("/status", "/health")),
        ("/{a}/b", {"replace_prefix": "/v1"}, ("", "/v1")),
    ],
)
def test_a_route_says_what_the_service_sees(path: str, settings: dict[str, str], rewrite: tuple[str, str]) -> None:
    assert Route.model_validate({"path": path, "upstream": "files", **settings}).rewrite == rewrite


def test_a_price_that_no_tier_can_pay_is_refused() -> None:
    text = "auth: {anonymous: a}\ntiers: {a: {points_per_minute: 5}}\nroutes: [{path: /a, upstream: files, price: %d}]"
    assert parse(UPSTREAMS + text % 5, {}).routes[0].price == 5
    (problem,) = problems(text % 6)
    assert (problem.place, problem.message) == ("routes[0].price", "could never be paid: no tier has a burst over 5")


def test_all_contradictions_between_sections_are_told_at_once() -> None:
    text = "auth: {anonymous: x}\nclients: {a: {tier: y}}\nroutes: [{path: /metrics, upstream: z}]"
    places = ["auth.anonymous", "clients.a.tier", "routes[0].path", "routes[0].upstream"]
    assert [problem.place for problem in problems(text)] == places


@pytest.mark.parametrize(
    "store",
    [
        "memory",
        "valkey://h",
        "redis://127.0.0.1:6379/0",
        "valkeys://u:${PASS}@h",
        "rediss://:${PASS}@[::1]:1/",
        "${URL}",
    ],
)
def test_a_store_is_memory_or_a_url(store: str) -> None:
    config = parse(f'store: "{store}"', ENVIRON)
    assert config.store.get_secret_value() == store.replace("${PASS}", "hunter2").replace("${URL}", ENVIRON["URL"])
    assert "hunter2" not in f"{config!r} {config} {config.model_dump()} {config.model_dump_json()}"


def test_a_store_is_printed_without_user_and_password() -> None:
    config = parse('store: "valkey://u:${PASS}@h:1/2"', ENVIRON)
    assert config.model_dump(mode="json")["store"] == "valkey://h:1/2"
    assert Config().model_dump(mode="json")["store"] == "memory"


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ("disk", "must be memory, or a valkey"),
        ("http://h", "must be memory, or a valkey"),
        ("valkey://", "must be memory, or a valkey"),
        ("valkey:///0", "must be memory, or a valkey"),
        ("valkey://h:99999", "must be memory, or a valkey"),
        ("valkey://:${SLASHED}@h", "must be memory, or a valkey"),
        ("valkey://h:0", "must hold nothing but host, port"),
        ("valkey://h/x", "must hold nothing but host, port"),
        ("valkey://h?db=1", "must hold nothing but host, port"),
        ("valkey://:hunter2@h", "must take its password from the environment"),
        ("valkey://:${P:-hunter2}@h", "must take its password from the environment"),
        ("${U:-valkey://:hunter2@h}", "must take its password from the environment"),
        ("valkey://:hunter2${PASS}@h", "must take its password from the environment"),
    ],
)
def test_a_store_that_cannot_be_is_refused_without_its_password(store: str, message: str) -> None:
    (problem,) = problems(f'store: "{store}"')
    assert (problem.line, problem.column, problem.place) == (2, 8, "store")
    assert message in problem.message
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize("network", ["10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/255.0.0.0", "lan", "::1/0", "", 7])
def test_what_is_not_a_network_is_refused(network: object) -> None:
    (problem,) = problems(f"listen: {{trusted_proxies: ['127.0.0.1', {network!r}]}}")
    assert problem.place == "listen.trusted_proxies[1]"
    assert problem.message == "must be a network in CIDR notation, or an address"


def test_one_address_is_a_network() -> None:
    networks = parse("listen: {trusted_proxies: [127.0.0.1, 10.0.0.0/8, 'fd00::/8']}", {}).listen.trusted_proxies
    assert [str(network) for network in networks] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
