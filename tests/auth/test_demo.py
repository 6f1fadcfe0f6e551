from __future__ import annotations

import json

import pytest

from bff.auth import Authenticator, Client
from bff.auth.demo import DemoIssuer
from bff.auth.key_set import read_key_set
from bff.errors import Unauthenticated

from .crafting import NOW, Clock, bearer


@pytest.fixture(scope="module")
def issuer() -> DemoIssuer:
    return DemoIssuer(clock=Clock())


async def test_its_tokens_are_accepted_where_it_is_trusted(issuer: DemoIssuer) -> None:
    authenticator = Authenticator([Client("web", "partner")], [issuer.trusted("users")], clock=Clock())
    caller = await authenticator.caller(bearer(issuer.token("ann", ["trips:read", "trips:write"])))
    assert (caller.subject, caller.tier, caller.scopes) == ("ann", "users", frozenset({"trips:read", "trips:write"}))
    caller = await authenticator.caller(bearer(issuer.token("ann", client="web")))
    assert (caller.client, caller.tier) == ("web", "partner")


async def test_its_tokens_end_when_they_were_to(issuer: DemoIssuer) -> None:
    authenticator = Authenticator(issuers=[issuer.trusted("users")], clock=Clock(NOW + 60 + 30))
    with pytest.raises(Unauthenticated):
        await authenticator.caller(bearer(issuer.token("ann", seconds=60)))


async def test_each_has_a_key_of_its_own(issuer: DemoIssuer) -> None:
    authenticator = Authenticator(issuers=[issuer.trusted("users")], clock=Clock())
    with pytest.raises(Unauthenticated):
        await authenticator.caller(bearer(DemoIssuer(clock=Clock()).token("ann")))


def test_it_publishes_nothing_private(issuer: DemoIssuer) -> None:
    [key] = issuer.jwks()["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    assert read_key_set(json.dumps(issuer.jwks()).encode(), ("RS256",)).find("demo")
