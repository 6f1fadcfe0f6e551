"""Tokens of an issuer that publishes its keys: which are good, and how often its keys are fetched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from jose import jwt

from backends import jwks, tokens
from bff.auth.demo import DemoIssuer


class Publisher(HTTPServer):
    """Serves a JWK Set and counts how often."""

    document: dict[str, Any]
    fetched = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.document = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks.json"


class Answer(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.fetched += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.document).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def issuer() -> DemoIssuer:
    return DemoIssuer()


@pytest.fixture
def publisher(issuer: DemoIssuer) -> Iterator[Publisher]:
    with Publisher() as server:
        server.document = issuer.jwks()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_token_of_the_issuer_is_its_users_and_its_keys_are_fetched_once(
    issuer: DemoIssuer, publisher: Publisher
) -> None:
    keys = jwks.Jwks(publisher.url)
    assert [tokens.subject_of(issuer.token(user), tokens.secret(), keys) for user in ("ana", "ben")] == ["ana", "ben"]
    assert publisher.fetched == 1


def test_a_token_of_the_shared_secret_stays_good(publisher: Publisher) -> None:
    token = tokens.issue("ana", tokens.secret())
    assert tokens.subject_of(token, tokens.secret(), jwks.Jwks(publisher.url)) == "ana"
    assert publisher.fetched == 0


def test_what_the_issuer_did_not_sign_is_nobodys(issuer: DemoIssuer, publisher: Publisher) -> None:
    keys = jwks.Jwks(publisher.url)
    good = issuer.token("ana")
    public = json.dumps(issuer.jwks()["keys"][0])
    hostile = [
        DemoIssuer().token("ana"),  # another key under the same name
        issuer.sign({"alg": "RS256", "kid": "unknown"}, jwt.get_unverified_claims(good)),
        issuer.sign({"alg": "none"}, jwt.get_unverified_claims(good)),
        jwt.encode(jwt.get_unverified_claims(good), public, algorithm="HS256", headers={"kid": "demo"}),
        good[:-4],
        "a.b.c",
    ]
    assert {tokens.subject_of(token, tokens.secret(), keys) for token in hostile} == {None}


def test_without_published_keys_only_the_secret_counts(issuer: DemoIssuer) -> None:
    assert tokens.subject_of(issuer.token("ana"), tokens.secret()) is None


def test_unknown_keys_are_asked_for_once_in_a_while(
    issuer: DemoIssuer, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = jwks.Jwks(publisher.url)
    assert [keys.find(f"unknown-{number}") for number in range(5)] == [None] * 5
    assert publisher.fetched == 1
    monkeypatch.setattr(jwks, "COOLDOWN", 0.0)
    publisher.document = {"keys": [*issuer.jwks()["keys"], {"kid": "next"}]}
    assert keys.find("next") == {"kid": "next"}
    publisher.document = {"keys": "none"}
    assert (keys.find("third"), keys.find("next")) == (None, {"kid": "next"})
