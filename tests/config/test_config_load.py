"""Files with mistakes: each is found, all at once, with its line, its column and what would be right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.config import doubts, load, parse
from bff.config.load import LARGEST
from bff.errors import Problem, StartRefused

ROOT = Path(__file__).parents[2]
ENVIRON = {"PORT": "8080", "WORD": "word", "OFF": "false", "KEY": "12345", "BLANK": ""}


def problems(text: str) -> list[Problem]:
    with pytest.raises(StartRefused) as refused:
        parse(text, ENVIRON, file="bff.yaml")
    return refused.value.problems


MISTAKES = [
    # text, line, column, place, message, hint
    ("graf: a:b", 1, 1, "graf", "is not a setting", 'did you mean "graph"?'),
    ("zzz: 1", 1, 1, "zzz", "is not a setting", "there are graph, listen, upstreams, limits, graphql, auth, tiers"),
    ("graph: schema", 1, 8, "graph", "must be a module and a name in it", 'such as "schema:schema"'),
    ("graph: [a]", 1, 8, "graph", "must be a module and a name in it", 'such as "schema:schema"'),
    ("listen:\n  prot: 1", 2, 3, "listen.prot", "is not a setting", 'did you mean "port"?'),
    ("listen: {port: 70000}", 1, 16, "listen.port", "must be a whole number from 0 to 65535", ""),
    ("listen: {port: true}", 1, 16, "listen.port", "must be a whole number from 0 to 65535", ""),
    ("listen: {port: 1.0}", 1, 16, "listen.port", "must be a whole number from 0 to 65535", ""),
    ('listen: {port: "${WORD}"}', 1, 16, "listen.port", "must be a whole number from 0 to 65535", ""),
    ("listen: {host: a b}", 1, 16, "listen.host", "must be a host name or an IP address", 'such as "127.0.0.1"'),
    ("listen: 4000", 1, 9, "listen", "must be a mapping of settings", "write them below it"),
    ("limits:\ngraph: a:b", 1, 1, "limits", "must be a mapping of settings", "write them below it"),
    ("limits: {max_depth: 51}", 1, 21, "limits.max_depth", "must be a whole number from 1 to 50", ""),
    ("limits: {max_price: 0}", 1, 21, "limits.max_price", "must be a whole number of at least 1", ""),
    ("limits: {timeout: 10}", 1, 19, "limits.timeout", "must be a duration with a unit", 'write "10s"'),
    ("limits: {timeout: 1.5s}", 1, 19, "limits.timeout", "must be a duration", 'write "250ms", "2s"'),
    ("limits: {timeout: 0s}", 1, 19, "limits.timeout", "must be longer than nothing", "1ms"),
    ("limits: {max_body: 1024}", 1, 20, "limits.max_body", "must be a size with a unit", 'write "1024B"'),
    ("limits: {max_body: 1 MB}", 1, 20, "limits.max_body", "must be a size", '"256KiB"'),
    ("limits: {max_body: 0B}", 1, 20, "limits.max_body", "must be more than nothing", "1B"),
    ("graphql: {graphiql: yes}", 1, 21, "graphql.graphiql", "must be true or false", ""),
    ("graphql: {graphiql: 1}", 1, 21, "graphql.graphiql", "must be true or false", ""),
    ("graphql: {path: graphql}", 1, 17, "graphql.path", "must be a path", 'such as "/graphql"'),
    ("graphql: {path: /readyz}", 1, 17, "graphql.path", "must be a path other than /healthz, /readyz and", ""),
    ("upstreams: [a]", 1, 12, "upstreams", "must be a mapping of names", ""),
    ("upstreams: {a: }", 1, 13, "upstreams.a", "must be a mapping of settings", ""),
    ("upstreams:\n  a: {timeout: 2s}", 2, 3, "upstreams.a.url", "is missing, and has no default", ""),
    (
        "upstreams: {A: {url: http://a}}",
        1,
        13,
        "upstreams.A",
        "must be a name of lower-case letters",
        'such as "cities"',
    ),
    ("upstreams: {a: {url: ftp://a}}", 1, 22, "upstreams.a.url", "must be an http or https URL", 'such as "http:'),
    (
        "upstreams: {a: {url: http://u:p@a}}",
        1,
        22,
        "upstreams.a.url",
        "must not hold credentials",
        "put them in headers",
    ),
    ("upstreams: {a: {url: http://a/?b}}", 1, 22, "upstreams.a.url", "must not hold a query", "template"),
    ("upstreams: {a: {url: http://a/../b}}", 1, 22, "upstreams.a.url", "must not hold . or ..", ""),
    ("upstreams: {a: {url: http://a:0}}", 1, 22, "upstreams.a.url", "must be an http or https URL", ""),
    ("upstreams: {a: {url: http://a:99999}}", 1, 22, "upstreams.a.url", "must be a URL whose host and port", ""),
    ("upstreams: {a: {replicas: [http://a], url: http://a}}", 1, 17, "upstreams.a.replicas", "is not a setting", ""),
    ("upstreams: {a: {url: http://a, forward: x}}", 1, 41, "upstreams.a.forward", "must be a list", "write [a, b]"),
    ("upstreams: {a: {url: http://a, forward: [x, y z]}}", 1, 45, "upstreams.a.forward[1]", "must be the name", ""),
    ("upstreams: {a: {url: http://a, forward: [Host]}}", 1, 42, "upstreams.a.forward[0]", "alone decides", "url"),
    ("upstreams: {a: {url: http://a, forward: [TE]}}", 1, 42, "upstreams.a.forward[0]", "alone decides", "connection"),
    ("upstreams: {a: {url: http://a, headers: {x: 1}}}", 1, 45, "upstreams.a.headers.x", "must be text", "in quotes"),
    ("upstreams: {a: {url: http://a, query: {x: 1}}}", 1, 43, "upstreams.a.query.x", "must be text", "in quotes"),
    ('upstreams: {a: {url: http://a, query: {x: "a\\nb"}}}', 1, 43, "upstreams.a.query.x", "must be printable", ""),
    ('upstreams: {a: {url: http://a, query: {"x y": a}}}', 1, 40, "upstreams.a.query.x y", "the name of a", "api_key"),
    ('upstreams: {a: {url: http://a, headers: {x: ""}}}', 1, 45, "upstreams.a.headers.x", "must be visible ASCII", ""),
    ('upstreams: {a: {url: http://a, headers: {x: "a\\nb"}}}', 1, 45, "upstreams.a.headers.x", "line breaks", ""),
    ('upstreams: {a: {url: http://a, headers: {x: "${BLANK}"}}}', 1, 45, "upstreams.a.headers.x", "visible ASCII", ""),
    ("upstreams: {a: {url: http://a, headers: {range: x}}}", 1, 42, "upstreams.a.headers.range", "alone decides", ""),
    ("upstreams: {a: {url: http://a, headers: {B: x, b: y}}}", 1, 48, "upstreams.a.headers.b", "once more", "case"),
    ("upstreams: {a: {url: http://a, forward: [B], headers: {b: x}}}", 1, 42, "upstreams.a.forward[0]", "also set", ""),
    ("upstreams: {a: {url: http://a, max_response: 30MiB}}", 1, 46, "upstreams.a.max_response", "over max_decoded", ""),
    ("graph: ${NONE}", 1, 8, "graph", "the variable NONE is not set", "${NONE:-default}"),
    ("graph: ${", 1, 8, "graph", "has a ${ without its }", ""),
    ("graph: a:b\ngraph: c:d", 2, 1, "graph", "is written twice", "the first is in line 1"),
    ("graph: !!str a:b", 1, 8, "graph", "must not have a YAML tag", ""),
    ("- a", 1, 1, "configuration", "must be a mapping of settings", "graph: schema:schema"),
    ("schema", 1, 1, "configuration", "must be a mapping of settings", ""),
    ("listen: {port: ${PORT}}", 1, 17, "configuration", "is not YAML", 'put "${NAME}" in quotes'),
    ("a:\n\tb: 1", 2, 1, "configuration", "is not YAML", "indent with spaces"),
]


@pytest.mark.parametrize(("text", "line", "column", "place", "message", "hint"), MISTAKES)
def test_a_mistake_is_found_where_it_stands(
    text: str, line: int, column: int, place: str, message: str, hint: str
) -> None:
    (problem,) = problems(text)
    assert (problem.line, problem.column, problem.place) == (line, column, place)
    assert message in problem.message
    assert hint in problem.hint


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
graf: schema
listen: {port: "${NONE}"}
upstreams:
  trips: {timeout: 2}
  trips: {url: http://a}
limits:
  max_depth: 0
  max_aliases: many
"""
    assert [str(problem).split(" (")[0] for problem in problems(text)] == [
        "bff.yaml:1:1: graf: is not a setting",
        "bff.yaml:2:16: listen.port: the variable NONE is not set",
        "bff.yaml:4:3: upstreams.trips.url: is missing, and has no default",
        "bff.yaml:4:20: upstreams.trips.timeout: must be a duration with a unit",
        "bff.yaml:5:3: upstreams.trips: is written twice",
        "bff.yaml:7:14: limits.max_depth: must be a whole number from 1 to 50",
        "bff.yaml:8:16: limits.max_aliases: must be a whole number of at least 0",
    ]


def test_one_upstream_can_have_two_contradictions() -> None:
    text = "upstreams: {a: {url: http://a, max_response: 1GB, forward: [x, y], headers: {x: a, y: b}}}"
    assert [problem.place for problem in problems(text)] == [
        "upstreams.a.max_response",
        "upstreams.a.forward[0]",
        "upstreams.a.forward[1]",
    ]


def test_no_message_tells_what_a_variable_holds() -> None:
    text = 'graph: "${S}"\nupstreams: {a: {url: "${S}", timeout: "${S}", forward: ["${S}"], headers: {x: "${S}"}}}'
    with pytest.raises(StartRefused) as refused:
        parse(text, {"S": "hunter2 \x01"})
    assert len(refused.value.problems) == 5
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_an_empty_file_is_every_default(text: str) -> None:
    assert parse(text, {}).listen.port == 4000


def test_a_variable_can_stand_for_any_kind_of_value() -> None:
    text = """\
listen: {port: "${PORT}"}
graphql:
  graphiql: ${OFF}
limits:
  timeout: ${T:-250ms}
upstreams:
  a: {url: "http://${WORD}", headers: {X-Key: "${KEY}", x-literal: "$${KEY}"}}
"""
    config = parse(text, ENVIRON)
    assert (config.listen.port, config.graphql.graphiql, config.limits.timeout) == (8080, False, 0.25)
    upstream = config.upstreams["a"]
    assert (upstream.url, upstream.headers["x-key"].get_secret_value()) == ("http://word", "12345")
    assert upstream.headers["x-literal"].get_secret_value() == "${KEY}"


def test_an_alias_repeats_a_value() -> None:
    config = parse("upstreams: {a: {url: http://a, queue: &q {size: 3}}, b: {url: http://b, queue: *q}}", {})
    assert config.upstreams["b"].queue.size == 3


def test_the_reference_configuration_loads_with_nothing_in_the_environment() -> None:
    config = load(ROOT / "bff.yaml", {})
    urls = {name: upstream.url for name, upstream in config.upstreams.items()}
    names = ["airports", "cities", "countries", "holidays", "rates", "trips"]
    assert urls == {name: f"http://127.0.0.1:{port}" for port, name in enumerate(names, 4101)}
    assert [name for name, upstream in config.upstreams.items() if upstream.forward] == ["trips"]


def test_the_reference_configuration_guards_itself_and_shares_no_key() -> None:
    config = load(ROOT / "bff.yaml", {})
    assert doubts(config) == ()
    assert config.clients == {}
    assert config.store.get_secret_value() == "memory"
    assert [(config.allotment(name).max_price, config.allotment(name).burst) for name in config.tiers] == [
        (200, 600),
        (5000, 60_000),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (None, 0, 0, "cannot be read: no such file or directory"),
        (b"#" * (LARGEST + 1), 0, 0, "must not be larger than 1MiB"),
        (b"graph: a:b\nlimits: \xff", 2, 9, "must be UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, line: int, column: int, message: str
) -> None:
    path = tmp_path / "bff.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StartRefused) as refused:
        load(path, {})
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.column) == (str(path), line, column)
    assert problem.message == message


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bff.yaml"
    path.write_bytes(b"\xef\xbb\xbfgraf: 1")
    with pytest.raises(StartRefused) as refused:
        load(path, {})
    assert str(refused.value).startswith(f"{path}:1:1: graf: is not a setting")


WORDS = st.sampled_from(
    [
        "graph",
        "listen",
        "port",
        "upstreams",
        "url",
        "limits",
        "timeout",
        "queue",
        "forward",
        "headers",
        "a",
        "${A}",
        "[key]",
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.sampled_from(["1", "true", "", '"x"', "http://a", "~"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(WORDS, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"
        ),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_document_is_a_configuration_or_a_list_of_problems_with_places(text: str) -> None:
    found: list[Problem] | None = None
    try:
        parse(text, {})
    except StartRefused as refused:
        found = refused.problems
    assert found is None or found
    assert all(problem.line == 1 and 1 <= problem.column <= len(text) + 1 for problem in found or ())
