"""GraphiQL's page is for browsers whose caller's tier has it."""

from __future__ import annotations

import pytest

from bff.auth import new_key
from tests.explain.conftest import explained

KEY, DIGEST = new_key()
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLIENTS = f"""
tiers:
  visitor: {{points_per_minute: 600, graphiql: %s}}
  partner: {{points_per_minute: 60, graphiql: %s}}
clients:
  web: {{tier: partner, keys: [{{sha256: "{DIGEST}"}}]}}
"""
ANYONE = "auth: {anonymous: visitor}" + CLIENTS
NOBODY = "auth: {}" + CLIENTS


@pytest.mark.parametrize(
    ("settings", "without", "with_key"),
    [
        (ANYONE % ("true", "true"), True, True),
        (ANYONE % ("false", "null"), False, True),
        (ANYONE % ("null", "false"), True, False),
        (ANYONE % ("false", "false"), False, False),
        (ANYONE % ("null", "true") + "graphql: {graphiql: false}", False, True),
        # who cannot say who they are yet, since a browser sends no key, gets what the setting says
        (NOBODY % ("null", "false"), True, False),
        (NOBODY % ("null", "true") + "graphql: {graphiql: false}", False, True),
        ("", True, True),
        ("graphql: {graphiql: false}", False, False),
    ],
)
async def test_a_browser_gets_the_page_or_what_any_client_gets(settings: str, without: bool, with_key: bool) -> None:
    async with explained(settings) as found:
        for headers, shown in (({}, without), ({"x-api-key": KEY}, with_key)):
            answer = await found.served.client.get("/graphql", headers={"accept": BROWSER, **headers})
            assert answer.headers["content-type"].startswith("text/html") == shown
            assert answer.status_code == 200 if shown else answer.status_code in {400, 401}
        served = await found.served.client.get("/graphql/assets/none.js")
        assert (served.text == '{"detail":"Not Found"}') == (without or with_key)
