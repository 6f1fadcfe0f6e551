"""The reference graph over its real services, as tests drive it: ask, count calls, pull levers.

Every answer is looked through for what nobody may see, and every query must make no more calls than its plan says.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as record
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from backends import tokens
from bff import config
from bff.app import create_app
from bff.auth import Caller
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.limits import Price
from bff.plan.model import Plan
from bff.telemetry import Silent

ROOT = Path(__file__).parents[2]
INTERNAL = re.compile(
    r"https?:|127\.0\.0\.1|localhost|Traceback|\.py\b|0x[0-9a-f]{6}|msgspec|aiohttp|internal\.", re.IGNORECASE
)

ELSEWHERE = "https://elsewhere.example/"  # an issuer that the gateway trusts and the trips service does not
ELSEWHERE_SECRET = "another-secret-of-32-bytes-or-more"

READER = Caller("reader", "tests", scopes=frozenset(tokens.SCOPES.split()))


@dataclass
class Failures(Silent):
    """An observer that keeps what was masked, for tests to look at."""

    seen: list[tuple[str, BaseException]] = record(default_factory=list)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        del trace_id
        self.seen.append((place, error))


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    text: str

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def data(self) -> Any:
        """The data of an answer without an error."""
        assert "errors" not in self.body, self.text
        return self.body["data"]

    @property
    def partial(self) -> Any:
        return self.body["data"]

    @property
    def errors(self) -> list[tuple[str, str, str | None]]:
        """(path, code, upstream) of each error, by path."""
        errors = self.body.get("errors", [])
        found = [(_path(each), each["extensions"]["code"], each["extensions"].get("upstream")) for each in errors]
        return sorted(found, key=lambda error: error[0])


def _path(error: Mapping[str, Any]) -> str:
    return ".".join(str(step) for step in error.get("path", ()))


@dataclass(frozen=True)
class Travel:
    """The gateway with its real services behind it."""

    gateway: Gateway
    http: httpx.AsyncClient
    controls: Mapping[str, httpx.Client]
    failures: Failures

    async def ask(self, query: str, user: str | None = None, **variables: Any) -> Answered:
        before = sum(self.calls.values())
        answer = await self.send(query, user, **variables)
        made = sum(self.calls.values()) - before
        planned = 0 if answer.status != 200 else self.price(query, **variables).calls
        assert made <= planned, f"{made} calls were made, {planned} were planned: {query}"
        return answer

    async def send(self, query: str, user: str | None = None, **variables: Any) -> Answered:
        """Ask without looking at the number of calls."""
        response = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=bearer(user) if user else {}
        )
        assert not INTERNAL.search(response.text), response.text
        return Answered(response.status_code, response.text)

    def price(self, query: str, **variables: Any) -> Price:
        return self.gateway.operations.prepare(Envelope(query, variables=variables), READER).price

    def plan(self, query: str, **variables: Any) -> Plan:
        return self.gateway.operations.prepare(Envelope(query, variables=variables), READER).plan

    @property
    def calls(self) -> dict[str, int]:
        """How often each service was called since it was reset; services that were not, are left out."""
        counted = {name: self.report(name)["calls"] for name in self.controls}
        return {name: calls for name, calls in counted.items() if calls}

    def report(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = self.controls[service].get("/_control").raise_for_status().json()
        return found

    def requests(self, service: str) -> list[dict[str, Any]]:
        """What a service was asked, oldest first."""
        found: list[dict[str, Any]] = self.report(service)["last_requests"]
        return found

    def pull(self, service: str, **levers: Any) -> None:
        self.controls[service].put("/_control", json=levers).raise_for_status()

    def reset(self) -> None:
        reset(self.controls)


def reset(controls: Mapping[str, httpx.Client]) -> None:
    """No levers, no calls counted. Ends what hangs."""
    for control in controls.values():
        control.delete("/_control").raise_for_status()


def bearer(user: str, **claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue(user, tokens.secret(), days=0.5, **claims)}"}


def bearer_from_elsewhere(user: str) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue(user, ELSEWHERE_SECRET, days=0.5, issuer=ELSEWHERE)}"}


def authenticated(settings: config.Config) -> config.Config:
    """With the issuers of the tests, and more points for everybody than tests can spend."""
    secrets = {tokens.ISSUER: tokens.secret(), ELSEWHERE: ELSEWHERE_SECRET}
    issuers = tuple(
        config.Issuer(
            issuer=name, audience=(tokens.AUDIENCE,), secret=SecretStr(secret), algorithms=("HS256",), tier="tests"
        )
        for name, secret in secrets.items()
    )
    tier = config.Tier(points_per_minute=10**9, max_price=settings.limits.max_price, max_concurrent=1_000)
    return settings.model_copy(
        update={"auth": config.Auth(anonymous="tests", jwt=issuers), "tiers": {**settings.tiers, "tests": tier}}
    )


@asynccontextmanager
async def travel_over(
    controls: Mapping[str, httpx.Client],
    *,
    impatient: str = "",
    urls: Mapping[str, str] | None = None,
    limits: Mapping[str, Any] | None = None,
    **policies: Any,
) -> AsyncIterator[Travel]:
    """The reference graph as `bff.yaml` has it, but patient: tests run side by side with others.

    `policies` are set on every upstream, `limits` on operations; `impatient` names an upstream that has 200 ms for a
    call; `urls` stand in for those of the services.
    """
    places = {name: str(control.base_url) for name, control in controls.items()} | dict(urls or {})
    settings = config.load(ROOT / "bff.yaml", {f"{name.upper()}_URL": url for name, url in places.items()})
    upstreams = {
        name: upstream.model_copy(
            update={"timeout": 0.2 if name == impatient else 20.0, "connect_timeout": 20.0, **policies}
        )
        for name, upstream in settings.upstreams.items()
    }
    patient = settings.limits.model_copy(update={"timeout": 30.0, **(limits or {})})
    failures = Failures()
    gateway = open_gateway(
        authenticated(settings.model_copy(update={"upstreams": upstreams, "limits": patient})), ROOT, observer=failures
    )
    transport = httpx.ASGITransport(create_app(gateway))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            travel = Travel(gateway, http, controls, failures)
            travel.reset()
            yield travel
    finally:
        await gateway.aclose()
