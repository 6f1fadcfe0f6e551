"""Who may call and what they may spend, as a file says it."""

import pickle

import pytest

from bff.config import Allotment, Config, Issuer, Tier, doubts, parse
from bff.errors import Problem, StartRefused

ONE, TWO = "1" * 64, "2" * 64
ENVIRON = {"DIGEST": ONE, "SECRET": "s" * 32, "SHORT": "s" * 31, "EMPTY": "", "URL": "redis://:pw@h"}
TIERS = "tiers: {free: {points_per_minute: 10}}\n"  # in line 1 of every file below


def refused(text: str) -> list[Problem]:
    with pytest.raises(StartRefused) as found:
        parse(text, ENVIRON)
    return found.value.problems


def problems(text: str) -> list[Problem]:
    return refused(TIERS + text)


def issuer(more: str = "", /, *, algorithms: str = "[RS256]", key: str = "jwks: https://i/k") -> str:
    return f"auth:\n jwt:\n - {{issuer: https://i, audience: a, tier: free, algorithms: {algorithms}, {key}{more}}}"


MISTAKES = [
    # text with a mark where the mistake stands, place, message, hint
    ("§auth:", "auth", "must be a mapping of settings", "or remove it"),
    (
        "auth: §{}\nclients: {a: {tier: free}}",
        "auth",
        "lets nobody in",
        "set anonymous or jwt, or add clients with keys",
    ),
    ("auth: §{}", "auth", "lets nobody in", "set anonymous or jwt, or add clients with keys"),
    ("auth: §{anonymous: null}", "auth", "lets nobody in", ""),
    ("auth: {anonymous: §fre}", "auth.anonymous", "is not the name of a tier", 'did you mean "free"?'),
    ("auth: {anonymous: §x}", "auth.anonymous", "is not the name of a tier", "there are free"),
    ("auth: {anonymous: §1}", "auth.anonymous", "must be a name", ""),
    ("auth: {§anonymos: free}", "auth.anonymos", "is not a setting", 'did you mean "anonymous"?'),
    ("auth: {jwt: §{}}", "auth.jwt", "must be a list", ""),
    ("auth: {}\nclients: {§a: {}}", "clients.a.tier", "is missing", ""),
    (
        "auth: {anonymous: free}\nclients: {a: {tier: §x}}",
        "clients.a.tier",
        "is not the name of a tier",
        "there are free",
    ),
    ("auth: {}\nclients: {§anonymous: {tier: free}}", "clients.anonymous", "and not anonymous", ""),
    ("auth: {}\nclients: {a: {tier: free, keys: [§x]}}", "clients.a.keys[0]", "must be a mapping", ""),
    ("auth: {}\nclients: {a: {tier: free, scopes: [§a b]}}", "clients.a.scopes[0]", "must be a scope", ""),
    ("auth: {}\nclients: {a: {tier: free, scopes: §a}}", "clients.a.scopes", "must be a list", ""),
    (issuer(", §tire: x"), "auth.jwt[0].tire", "is not a setting", 'did you mean "tier"?'),
    (issuer(", leeway: §61s"), "auth.jwt[0].leeway", "must not be longer than 1m", ""),
    (issuer(", max_lifetime: §0s"), "auth.jwt[0].max_lifetime", "must be longer than nothing", ""),
    (issuer(", secret: §'${SECRET}'"), "auth.jwt[0].secret", "must not be set beside jwks", "keep one"),
    (issuer(key="secret: §ssssssss"), "auth.jwt[0].secret", "must be one variable", 'write "${NAME}"'),
    (issuer(key="secret: §'${S:-ssss}'"), "auth.jwt[0].secret", "without a default", ""),
    (issuer(key="secret: §'x${SECRET}'"), "auth.jwt[0].secret", "must be one variable", ""),
    (issuer(algorithms="[HS256]", key="secret: §'${SHORT}'"), "auth.jwt[0].secret", "at least 32 bytes", "RFC 7518"),
    (issuer(algorithms="[HS512]", key="secret: §'${SECRET}'"), "auth.jwt[0].secret", "at least 64 bytes", ""),
    (issuer(algorithms="[§HS256]"), "auth.jwt[0].algorithms[0]", "needs secret", "jwks: RS and ES"),
    (issuer(algorithms="[§ES256]", key="secret: '${SECRET}'"), "auth.jwt[0].algorithms[0]", "needs jwks", ""),
    (issuer(algorithms="§[]"), "auth.jwt[0].algorithms", "must not be empty", "such as [RS256]"),
    (issuer(algorithms="§RS256"), "auth.jwt[0].algorithms", "must be a list", ""),
    (issuer(algorithms="[§none]"), "auth.jwt[0].algorithms[0]", "not accepted", "nobody signed"),
    (issuer(algorithms="[§PS256]"), "auth.jwt[0].algorithms[0]", "not accepted", "cannot verify it"),
    (issuer(algorithms="[§EdDSA]"), "auth.jwt[0].algorithms[0]", "not accepted", "cannot verify it"),
    (issuer(algorithms="[§rs256]"), "auth.jwt[0].algorithms[0]", "must be a signature", "there are RS256,"),
    (issuer(key="jwks: §http://i/k"), "auth.jwt[0].jwks", "must be an https URL", "http is only for 127.0.0.1"),
    (issuer(key="jwks: §https://a:b@i"), "auth.jwt[0].jwks", "must not hold credentials", ""),
    (issuer(key="jwks: §'https://i#k'"), "auth.jwt[0].jwks", "must not hold a fragment", ""),
]


@pytest.mark.parametrize(("marked", "place", "message", "hint"), MISTAKES)
def test_a_mistake_is_found_where_it_stands(marked: str, place: str, message: str, hint: str) -> None:
    (problem,) = problems(marked.replace("§", ""))
    before = (TIERS + marked).partition("§")[0]
    assert (problem.line, problem.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert problem.place == place
    assert message in problem.message
    assert hint in problem.hint


def test_tiers_and_clients_without_auth_would_guard_nothing() -> None:
    found = problems("clients: {a: {tier: free}}")
    assert [problem.place for problem in found] == ["tiers", "clients"]
    assert all(problem.message == "needs auth, or anyone may call" for problem in found)


def test_a_key_needs_its_digest() -> None:
    found = problems("auth: {}\nclients: {a: {tier: free, keys: [{sha: x}]}}")
    assert [problem.place for problem in found] == ["clients.a.keys[0].sha256", "clients.a.keys[0].sha"]


def test_an_issuer_needs_a_key() -> None:
    (problem,) = problems(issuer(key="leeway: 0s"))
    assert (problem.place, problem.line) == ("auth.jwt[0]", 4)
    assert problem.message == "must have jwks or secret"


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        ("issuer: id.test", "issuer", "must be an http or https URL"),
        ("issuer: http://id.test", "issuer", "must be an https URL"),
        ("issuer: https://id.test/?a", "issuer", "must not hold a query"),
        ("audience: []", "audience", "must not be empty"),
        ("audience: a b", "audience", "without spaces"),
        ("audience: [a, 1]", "audience[1]", "must be what tokens call"),
        ("tier: none", "tier", "is not the name of a tier"),
        ("scopes_claim: ''", "scopes_claim", "must be the name of a claim"),
    ],
)
def test_an_issuer_has_its_own_mistakes(written: str, place: str, message: str) -> None:
    fine = {"issuer": "https://i", "audience": "a", "tier": "free", "algorithms": "[ES256]", "jwks": "https://i/k"}
    name, value = written.split(": ")
    settings = ", ".join(f"{key}: {each}" for key, each in {**fine, name: value}.items())
    (problem,) = problems(f"auth: {{jwt: [{{{settings}}}]}}")
    assert problem.place == f"auth.jwt[0].{place}"
    assert message in problem.message


def test_an_issuer_that_comes_twice_is_told_with_both_places() -> None:
    more = "\n - {issuer: https://i, audience: b, tier: free, algorithms: [ES256], jwks: https://i/l}"
    (problem,) = problems(issuer() + more)
    assert str(problem) == "bff.yaml:5:13: auth.jwt[1].issuer: is an issuer once more (the first is in line 4)"


def test_a_key_that_comes_twice_is_told_with_both_places() -> None:
    text = f"""\
auth: {{}}
clients:
  a: {{tier: free, keys: [{{sha256: "{TWO}"}}, {{sha256: "${{DIGEST}}"}}]}}
  b: {{tier: free, keys: [{{sha256: "{ONE}"}}]}}
"""
    (problem,) = problems(text)
    assert (problem.line, problem.place) == (5, "clients.b.keys[0].sha256")
    assert (problem.message, problem.hint) == ("is a key once more", "the first is in line 4")
    assert ONE not in str(problem)


def test_a_client_has_at_most_two_keys() -> None:
    keys = ", ".join(f"{{sha256: '{digit * 64}'}}" for digit in "123")
    (problem,) = problems(f"auth: {{}}\nclients: {{a: {{tier: free, keys: [{keys}]}}}}")
    assert (problem.place, problem.message) == ("clients.a.keys", "must not be more than two")


@pytest.mark.parametrize("digest", ["1", "g" * 64, "A" * 64, "1" * 65, "${EMPTY}"])
def test_what_is_not_a_digest_is_no_key(digest: str) -> None:
    (problem,) = problems(f"auth: {{}}\nclients: {{a: {{tier: free, keys: [{{sha256: '{digest}'}}]}}}}")
    assert problem.message == "must be 64 hexadecimal digits in lower case"


@pytest.mark.parametrize(
    ("tier", "place"),
    [
        ("{}", "points_per_minute"),
        ("{points_per_minute: 0}", "points_per_minute"),
        ("{points_per_minute: 1000000001}", "points_per_minute"),
        ("{points_per_minute: 10, max_price: 11}", "max_price"),
        ("{points_per_minute: 10, burst: 5, max_price: 6}", "max_price"),
        ("{points_per_minute: 10, requests_per_second: 0}", "requests_per_second"),
        ("{points_per_minute: 10, max_concurrent: null}", "max_concurrent"),
    ],
)
def test_a_tier_that_could_serve_nobody_is_refused(tier: str, place: str) -> None:
    (problem,) = refused(f"auth: {{anonymous: b}}\ntiers: {{b: {tier}}}")
    assert problem.place == f"tiers.b.{place}"


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        (
            {"points_per_minute": 5000},
            Allotment(5000, 5000, 1000, 100, None, 20, introspection=True, suggestions=True, explain=False),
        ),
        (
            {"points_per_minute": 600},
            Allotment(600, 600, 600, 100, None, 20, introspection=True, suggestions=True, explain=False),
        ),
        (
            {"points_per_minute": 600, "burst": 9000, "max_price": 2000, "max_upstream_calls": 300, "explain": True},
            Allotment(600, 9000, 2000, 300, None, 20, introspection=True, suggestions=True, explain=True),
        ),
        (
            {"points_per_minute": 60, "requests_per_second": 5, "max_concurrent": 2, "introspection": False},
            Allotment(60, 60, 60, 100, 5, 2, introspection=False, suggestions=False, explain=False),
        ),
    ],
)
def test_a_tier_takes_what_it_does_not_say_from_the_limits(tier: dict[str, object], expected: Allotment) -> None:
    config = Config.model_validate({"auth": {"anonymous": "a"}, "tiers": {"a": tier}})
    assert config.allotment("a") == expected


def test_a_tier_may_answer_introspection_where_others_do_not() -> None:
    settings = {"auth": {"anonymous": "a"}, "graphql": {"introspection": False}}
    tiers = {"a": {"points_per_minute": 1}, "b": {"points_per_minute": 1, "introspection": True}}
    config = Config.model_validate({**settings, "tiers": tiers})
    assert [config.allotment(name).introspection for name in "ab"] == [False, True]


def test_an_issuer_is_read_as_it_is_written() -> None:
    text = """\
auth:
  jwt:
    - issuer: https://id.test/
      audience: [travel, trips]
      jwks: http://localhost:8080/keys?p=1
      algorithms: [RS256, ES512]
      tier: free
    - {issuer: "http://[::1]/", audience: travel, secret: "${SECRET}", algorithms: [HS256], tier: free, leeway: 0s}
"""
    auth = parse(TIERS + text, ENVIRON).auth
    assert auth is not None
    far, near = auth.jwt
    assert (far.issuer, far.audience, far.algorithms) == ("https://id.test/", ("travel", "trips"), ("RS256", "ES512"))
    assert (far.leeway, far.max_lifetime, far.secret) == (30.0, 86_400.0, None)
    assert (near.audience, near.leeway, near.jwks) == (("travel",), 0.0, None)
    assert near.secret is not None
    assert near.secret.get_secret_value() == ENVIRON["SECRET"]


def test_a_secret_is_shown_in_no_text_and_comes_along_to_another_process() -> None:
    config = parse(TIERS + issuer(algorithms="[HS256]", key="secret: '${SECRET}'"), ENVIRON)
    assert ENVIRON["SECRET"] not in f"{config!r} {config} {config.model_dump()} {config.model_dump_json()}"
    assert pickle.loads(pickle.dumps(config)) == config


def test_no_message_tells_a_secret() -> None:
    found = problems(issuer(algorithms="[HS512]", key="secret: '${SECRET}'"))
    assert ENVIRON["SECRET"] not in str(found)


def test_what_is_printed_as_json_is_read_as_the_same_settings() -> None:
    config = parse(TIERS + issuer() + "\nroutes: []\nlisten: {trusted_proxies: [10.0.0.0/8, '::1']}", {})
    assert Config.model_validate(config.model_dump(mode="json")) == config
    assert "auth" not in Config().model_dump(mode="json")


def test_settings_are_written_in_python_too() -> None:
    one = Issuer(issuer="https://i", audience="a", jwks="https://i/k", algorithms=("RS256",), tier="free")
    config = Config(auth={"jwt": [one]}, tiers={"free": Tier(points_per_minute=1)})
    assert config.auth is not None
    assert config.auth.jwt == (one,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["auth: is not configured: anyone may call this gateway"]),
        ("auth: {anonymous: a}\ntiers: {a: {points_per_minute: 1}}", []),
        (
            "auth: {anonymous: a}\ntiers: {a: {points_per_minute: 1}}\nclients: {b: {tier: a}}",
            ["clients.b: has no key: nobody"],
        ),
        (
            "auth: {anonymous: a}\ntiers: {a: {points_per_minute: 1}}\nlisten: {trusted_proxies: [127.0.0.1, '::/0']}",
            ["listen.trusted_proxies[1]: is everybody: any caller"],
        ),
    ],
)
def test_what_is_allowed_and_doubtful_is_said(text: str, expected: list[str]) -> None:
    found = [str(doubt) for doubt in doubts(parse(text, {}))]
    assert len(found) == len(expected)
    assert all(doubt.startswith(each) for doubt, each in zip(found, expected, strict=True))
