"""What the gateway makes of a request's credentials, one by one and together."""

from __future__ import annotations

import traceback
from typing import Any, cast

import pytest
from jose import jws

from bff.auth import ANONYMOUS, Authenticator, Caller, Client, Fixed, Trusted, new_key
from bff.auth.key_set import KeySet, read_key_set
from bff.errors import Unauthenticated

from .crafting import (
    NOW,
    OTHER_RSA,
    RSA,
    Clock,
    a_secret_issuer,
    an_authenticator,
    an_issuer,
    bearer,
    document,
    token,
    trusted,
)

KEY, DIGEST = new_key()
NEXT, NEXT_DIGEST = new_key()
FOREIGN, FOREIGN_DIGEST = new_key()
WEB = Client("web", "partner", (bytes.fromhex(DIGEST), bytes.fromhex(NEXT_DIGEST)), frozenset({"trips:write"}))
APP = Client("app", "basic", (), frozenset({"x"}))
NAMING = trusted(an_issuer(client_claim="azp"))

Header = tuple[str, str]


def api_key(text: str) -> tuple[Header, ...]:
    return (("x-api-key", text),)


async def refusal(authenticator: Authenticator, headers: tuple[Header, ...]) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.caller(headers)
    return caught.value


@pytest.mark.parametrize("key", [KEY, NEXT])
async def test_a_key_makes_its_client_the_caller(key: str) -> None:
    caller = await an_authenticator(WEB).caller((("accept", "*/*"), *api_key(key)))
    assert caller == Caller("web", "partner", None, frozenset({"trips:write"}))


async def test_a_token_makes_its_subject_the_caller() -> None:
    caller = await an_authenticator(WEB).caller(bearer(token(scope="trips:read trips:write")))
    assert (caller.client, caller.tier, caller.subject) == ("https://id.example/ ann", "users", "ann")
    assert caller.scopes == {"trips:read", "trips:write"}
    assert caller.claims["exp"] == NOW + 600


async def test_what_a_token_claims_cannot_be_changed_for_the_next_request() -> None:
    caller = await an_authenticator().caller(bearer(token()))
    with pytest.raises(TypeError):
        cast("dict[str, Any]", caller.claims)["sub"] = "bob"


async def test_a_token_that_names_a_client_of_ours_spends_what_that_client_may() -> None:
    caller = await an_authenticator(WEB, APP, issuers=[NAMING]).caller(bearer(token(azp="app")))
    assert (caller.client, caller.tier, caller.subject) == ("app", "basic", "ann")
    assert caller.scopes == {"trips:read"}


@pytest.mark.parametrize("name", ["nobody", "anonymous", "https://id.example/"])
async def test_a_token_that_names_another_client_spends_what_its_subject_may(name: str) -> None:
    caller = await an_authenticator(WEB, issuers=[NAMING]).caller(bearer(token(azp=name)))
    assert (caller.client, caller.tier) == ("https://id.example/ ann", "users")
    assert not caller.anonymous


async def test_an_issuer_speaks_for_our_clients_only_if_configuration_says_so() -> None:
    caller = await an_authenticator(WEB).caller(bearer(token(azp="web", client_id="web")))
    assert caller.client == "https://id.example/ ann"


async def test_a_token_of_a_client_needs_no_subject() -> None:
    caller = await an_authenticator(APP, issuers=[NAMING]).caller(bearer(token(azp="app", sub=...)))
    assert (caller.client, caller.subject) == ("app", None)


async def test_subjects_of_two_issuers_are_two_clients() -> None:
    other = an_issuer(issuer="https://other.example/")
    authenticator = an_authenticator(issuers=[trusted(), trusted(other)])
    one = await authenticator.caller(bearer(token()))
    two = await authenticator.caller(bearer(token(iss=other.issuer)))
    assert one.client != two.client


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scope": "  a  b "}, {"a", "b"}),
        ({"scope": ""}, set()),
        ({"scope": ...}, set()),
        ({"scope": ["a", "b c"]}, {"a", "b c"}),
        ({"scope": []}, set()),
    ],
)
async def test_scopes_are_words_or_a_list(claims: dict[str, Any], scopes: set[str]) -> None:
    assert (await an_authenticator().caller(bearer(token(**claims)))).scopes == scopes


async def test_scopes_may_stand_in_another_claim() -> None:
    authenticator = an_authenticator(issuers=[trusted(an_issuer(scopes_claim="scp"))])
    assert (await authenticator.caller(bearer(token(scp=["x"], scope="a")))).scopes == {"x"}


# A key and a token -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claims", [{}, {"azp": "web"}])
async def test_a_key_with_a_token_that_names_no_other_client_is_both(claims: dict[str, Any]) -> None:
    caller = await an_authenticator(WEB, APP, issuers=[NAMING]).caller((*api_key(KEY), *bearer(token(**claims))))
    assert (caller.client, caller.tier, caller.subject) == ("web", "partner", "ann")
    assert caller.scopes == {"trips:read"}


@pytest.mark.parametrize("name", ["app", "nobody", "WEB"])
async def test_a_key_with_a_token_that_names_another_client_is_refused(name: str) -> None:
    authenticator = an_authenticator(WEB, APP, issuers=[NAMING], anonymous="explorer")
    refused = await refusal(authenticator, (*bearer(token(azp=name)), *api_key(KEY)))
    assert refused.detail == "the key and the token name different clients"


@pytest.mark.parametrize(
    "headers",
    [(*api_key(KEY), *bearer(token(exp=1))), (*api_key(FOREIGN), *bearer(token())), (*api_key(""), *bearer(token()))],
    ids=["bad token", "bad key", "empty key"],
)
async def test_a_good_credential_does_not_make_up_for_a_bad_one(headers: tuple[Header, ...]) -> None:
    await refusal(an_authenticator(WEB, anonymous="explorer"), headers)


# What is refused ---------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Header, ...]] = {
    "an unknown key": api_key(FOREIGN),
    "an empty key": api_key(""),
    "a key with one character changed": api_key(KEY[:20] + ("a" if KEY[20] != "a" else "b") + KEY[21:]),
    "a key of 1 MB": api_key("bff_" + "a" * 1_000_000),
    "a key that is not ASCII": api_key(KEY[:-1] + "é"),
    "a key and spaces": api_key(f" {KEY}"),
    "two keys in one": api_key(f"{KEY}, {KEY}"),
    "two keys": (*api_key(KEY), *api_key(NEXT)),
    "the same key twice": (*api_key(KEY), *api_key(KEY)),
    "a key as a token": bearer(KEY),
    "a key's digest": api_key(DIGEST),
    "two tokens": (*bearer(token()), *bearer(token(sub="bob"))),
    "the same token twice": (*bearer(token()), *bearer(token())),
    "a token and another scheme": (*bearer(token()), ("authorization", "Basic d2ViOng=")),
    "an empty authorization": (("authorization", ""),),
    "a scheme alone": (("authorization", "Bearer"),),
    "a token alone": (("authorization", token()),),
    "basic": (("authorization", "Basic d2ViOng="),),
    "another scheme": (("authorization", f"JWT {token()}"),),
    "a token as a key": api_key(token()),
    "a tab for a space": (("authorization", f"Bearer\t{token()}"),),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
@pytest.mark.parametrize("anonymous", [None, "explorer"])
async def test_a_bad_credential_is_refused_and_never_taken_for_none(
    headers: tuple[Header, ...], anonymous: str | None
) -> None:
    refused = await refusal(an_authenticator(WEB, anonymous=anonymous), headers)
    assert str(refused) == "A valid credential is needed."
    assert refused.challenge == 'Bearer realm="bff", error="invalid_token", ApiKey realm="bff", header="X-API-Key"'


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
async def test_a_refusal_holds_nothing_of_the_credential(headers: tuple[Header, ...]) -> None:
    refused = await refusal(an_authenticator(WEB), headers)
    told = "".join([refused.detail, refused.challenge, *traceback.format_exception_only(refused)])
    for _, value in headers:
        assert not any(value[at : at + 20] in told for at in range(min(len(value), 1_000) - 19))


async def test_a_revoked_key_is_an_unknown_key() -> None:
    revoked = await refusal(an_authenticator(Client("web", "partner", WEB.key_digests[1:])), api_key(KEY))
    unknown = await refusal(an_authenticator(WEB), api_key(FOREIGN))
    assert (str(revoked), revoked.challenge) == (str(unknown), unknown.challenge)
    assert revoked.detail == f"nobody has the key bff_{KEY[4:14]}_…"


async def test_a_defect_lets_nobody_in_and_tells_only_its_kind() -> None:
    class Broken:
        async def keys(self, kid: str | None) -> KeySet | None:
            raise RuntimeError("with a token in it")

        async def aclose(self) -> None: ...

    authenticator = an_authenticator(issuers=[Trusted(an_issuer(), Broken())], anonymous="explorer")
    refused = await refusal(authenticator, bearer(token()))
    assert refused.detail == "RuntimeError at a credential"
    assert refused.__context__ is None


# Nobody ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [(), (("accept", "*/*"), ("cookie", "session=1"), ("x-user", "ann"))])
async def test_without_a_credential_a_caller_is_anonymous_where_that_is_allowed(headers: tuple[Header, ...]) -> None:
    caller = await an_authenticator(WEB, anonymous="explorer").caller(headers)
    assert caller == Caller(ANONYMOUS, "explorer")
    assert caller.anonymous


@pytest.mark.parametrize(
    ("clients", "issuers", "challenge"),
    [
        ([WEB], [trusted()], 'Bearer realm="bff", ApiKey realm="bff", header="X-API-Key"'),
        ([WEB], [], 'ApiKey realm="bff", header="X-API-Key"'),
        ([APP], [trusted()], 'Bearer realm="bff"'),
    ],
)
async def test_elsewhere_it_is_told_what_is_accepted(
    clients: list[Client], issuers: list[Trusted], challenge: str
) -> None:
    refused = await refusal(Authenticator(clients, issuers), ())
    assert (refused.challenge, refused.detail) == (challenge, "no credential")


def test_a_gateway_that_nobody_could_call_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody could call"):
        Authenticator([APP])


def test_two_issuers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Two issuers"):
        Authenticator(issuers=[trusted(), trusted(a_secret_issuer(issuer=an_issuer().issuer))])


# What is remembered ------------------------------------------------------------------------------------------------


class Verifications:
    """How often python-jose was asked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count, verify = 0, jws.verify

        def counting(*args: Any) -> bytes:
            self.count += 1
            return bytes(verify(*args))

        patch.setattr(jws, "verify", counting)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> Verifications:
    return Verifications(monkeypatch)


async def test_a_token_is_verified_once_a_minute(verifications: Verifications) -> None:
    clock = Clock()
    authenticator = an_authenticator(clock=clock)
    callers = [await authenticator.caller(bearer(token())) for clock.now in (NOW, NOW + 1, NOW + 59)]
    assert verifications.count == 1
    assert all(caller == callers[0] for caller in callers)
    clock.now = NOW + 60
    await authenticator.caller(bearer(token()))
    assert verifications.count == 2


async def test_a_remembered_token_expires_when_it_expires() -> None:
    clock = Clock()
    authenticator = an_authenticator(issuers=[trusted(an_issuer(leeway=0))], clock=clock)
    short = token(exp=NOW + 5)
    for clock.now in (NOW, NOW + 4.9):
        await authenticator.caller(bearer(short))
    clock.now = NOW + 5
    assert (await refusal(authenticator, bearer(short))).detail == "the token has expired"


async def test_a_remembered_token_is_not_good_before_its_time() -> None:
    clock = Clock(NOW + 100)
    authenticator = an_authenticator(clock=clock)
    early = token(nbf=NOW + 50)
    await authenticator.caller(bearer(early))
    clock.now = NOW
    assert (await refusal(authenticator, bearer(early))).detail == "the token is not valid yet"


async def test_a_refused_token_is_not_remembered_as_good() -> None:
    clock = Clock(NOW)
    authenticator = an_authenticator(clock=clock)
    early = token(nbf=NOW + 31)
    await refusal(authenticator, bearer(early))
    clock.now += 1
    assert (await authenticator.caller(bearer(early))).subject == "ann"


async def test_other_keys_of_the_issuer_end_what_is_remembered(verifications: Verifications) -> None:
    source = Fixed(read_key_set(document(RSA.jwk()), ("RS256",)))
    authenticator = an_authenticator(issuers=[Trusted(an_issuer(), source)])
    await authenticator.caller(bearer(token()))
    source._keys = read_key_set(document(RSA.jwk(), OTHER_RSA.jwk()), ("RS256",))
    await authenticator.caller(bearer(token()))
    assert verifications.count == 2
    source._keys = read_key_set(document(OTHER_RSA.jwk()), ("RS256",))
    assert (await refusal(authenticator, bearer(token()))).detail == "the token's issuer has no such key"


async def test_no_more_tokens_are_remembered_than_allowed(verifications: Verifications) -> None:
    authenticator = an_authenticator(remembered=2)
    for subject in ("ann", "bob", "ann", "cid", "ann", "bob"):
        await authenticator.caller(bearer(token(sub=subject)))
    assert len(authenticator._verified) == 2
    assert verifications.count == 4


async def test_refusals_are_not_remembered_at_all() -> None:
    authenticator = an_authenticator()
    for n in range(50):
        await refusal(authenticator, bearer(token(exp=n)))
    assert len(authenticator._verified) == 0
