"""An issuer's keys over a real network: fetched once for all, believed for a while, kept while it is in trouble."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bff.auth import Authenticator, Fixed, Freshness, Jwks, Trusted, open_source
from bff.errors import Unauthenticated

from .crafting import (
    EC,
    OTHER_RSA,
    RSA,
    Clock,
    a_secret_issuer,
    an_issuer,
    b64,
    bearer,
    document,
    header,
    token,
    trusted,
)
from .issuing import Place, Publisher, publishing

RULES = Freshness(max_age=600, ahead=480, cooldown=30, retry=5, stale=3600, timeout=5)


@dataclass
class Setup:
    """An authenticator that trusts one publisher; `uptime` is the clock that keys age by."""

    place: Place
    authenticator: Authenticator
    source: Jwks
    uptime: Clock

    @property
    def publisher(self) -> Publisher:
        return self.place.publisher

    async def accepts(self, text: str) -> bool:
        try:
            await self.authenticator.caller(bearer(text))
        except Unauthenticated:
            return False
        return True


@asynccontextmanager
async def set_up(rules: Freshness = RULES, body: bytes = document(RSA.jwk())) -> AsyncIterator[Setup]:
    async with publishing(body) as place:
        uptime = Clock(1_000)
        issuer = an_issuer()
        source = Jwks(issuer, place.upstream, rules, uptime)
        authenticator = Authenticator(issuers=[Trusted(issuer, source)], clock=Clock())
        try:
            yield Setup(place, authenticator, source, uptime)
        finally:
            await authenticator.aclose()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the network sets no event
            await asyncio.sleep(0.001)


def idle(setup: Setup) -> bool:
    return setup.source._fetch is None


async def test_keys_come_from_the_configured_address_with_what_every_call_carries() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        [request] = setup.publisher.requests
    assert request.startswith(b"GET /realm/jwks.json HTTP/1.1\r\n")
    assert b"x-gateway: bff\r\n" in request
    assert b"authorization" not in request


async def test_keys_are_fetched_once_for_all_who_wait() -> None:
    async with set_up() as setup:
        accepted = await asyncio.gather(*(setup.accepts(token(sub=f"user {n}")) for n in range(100)))
        assert all(accepted)
        assert setup.publisher.asked == 1


async def test_at_the_start_they_are_fetched_before_anybody_asks() -> None:
    async with set_up() as setup:
        await setup.authenticator.start()
        assert setup.publisher.asked == 1
        assert await setup.accepts(token())
        assert setup.publisher.asked == 1


async def test_ten_thousand_unknown_kids_cause_one_fetch_per_cooldown() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        rest = token().split(".", 1)[1]
        texts = [f"{b64(json.dumps(header(kid=str(n))).encode())}.{rest}" for n in range(10_000)]
        accepted = await asyncio.gather(*(setup.accepts(text) for text in texts))
        assert not any(accepted)
        assert setup.publisher.asked == 2
        setup.uptime.now += RULES.cooldown
        assert not await setup.accepts(texts[0])
        assert setup.publisher.asked == 3


async def test_who_hangs_up_cannot_make_more_fetches_than_who_waits() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        for n in range(20):
            asking = asyncio.ensure_future(setup.accepts(token(head=header(kid=f"kid {n}"))))
            await asyncio.sleep(0)
            asking.cancel()
            await eventually(lambda: idle(setup))
        assert setup.publisher.asked == 2


async def test_unknown_kids_at_a_cold_start_cause_one_fetch() -> None:
    async with set_up() as setup:
        assert not await setup.accepts(token(head=header(kid="nobody")))
        assert not await setup.accepts(token(head=header(kid="no one")))
        assert setup.publisher.asked == 1


async def test_a_new_key_is_used_as_soon_as_a_token_names_it() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        setup.publisher.body = document(RSA.jwk(), OTHER_RSA.jwk())
        accepted = await asyncio.gather(*(setup.accepts(token(OTHER_RSA, sub=f"user {n}")) for n in range(20)))
        assert all(accepted)
        assert await setup.accepts(token())
        assert setup.publisher.asked == 2


async def test_a_removed_key_is_out_of_use_after_the_max_age_also_for_remembered_tokens() -> None:
    async with set_up(body=document(RSA.jwk(), OTHER_RSA.jwk())) as setup:
        assert await setup.accepts(token(OTHER_RSA))
        setup.publisher.body = document(RSA.jwk())
        setup.uptime.now += RULES.ahead - 1
        assert await setup.accepts(token(OTHER_RSA))
        setup.uptime.now += RULES.max_age
        assert not await setup.accepts(token(OTHER_RSA))
        assert await setup.accepts(token())


async def test_keys_are_renewed_before_they_expire_and_nobody_waits() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        setup.publisher.gate = asyncio.Event()
        setup.publisher.body = document(RSA.jwk(), EC.jwk())
        setup.uptime.now += RULES.ahead
        accepted = [await setup.accepts(token(sub=f"user {n}")) for n in range(10)]
        assert all(accepted)
        await eventually(lambda: setup.publisher.asked == 2)
        setup.publisher.gate.set()
        await eventually(lambda: idle(setup))
        assert await setup.accepts(token(EC, "ES256"))
        assert setup.publisher.asked == 2


async def test_a_renewal_with_the_same_keys_keeps_what_is_remembered() -> None:
    async with set_up() as setup:
        before = await setup.source.keys("rsa")
        setup.uptime.now += RULES.max_age
        assert await setup.source.keys("rsa") is before
        assert setup.publisher.asked == 2


GARBAGE = {
    "no JSON": b"<html>",
    "empty": b"",
    "no keys": document(),
    "no usable keys": document({"kty": "OKP"}),
    "members twice": b'{"keys":[],"keys":[]}',
    "too large": document(RSA.jwk(x="x" * 300_000)),
    "nested deeply": b"[" * 100_000,
    "not packed as it says": document(RSA.jwk()),
    "a bomb": gzip.compress(bytes(5_000_000)),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_keeps_the_keys_from_before(name: str, caplog: pytest.LogCaptureFixture) -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        setup.publisher.body = GARBAGE[name]
        setup.publisher.headers = ("content-encoding: gzip",) if name in {"not packed as it says", "a bomb"} else ()
        setup.uptime.now += RULES.max_age
        assert await setup.accepts(token())
        assert setup.publisher.asked == 2
    assert "those from before stay in force" in caplog.text


@pytest.mark.parametrize("status", ["500 Oops", "404 Not Found", "204 No Content", "302 Found"])
async def test_another_status_keeps_the_keys_from_before(status: str) -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        setup.publisher.status, setup.publisher.body = status, b""
        setup.publisher.headers = ("location: /elsewhere",) if status.startswith("302") else ()
        setup.uptime.now += RULES.max_age
        assert await setup.accepts(token())
        assert setup.publisher.asked == 2


async def test_while_the_issuer_is_down_its_keys_are_believed_for_an_hour_and_no_longer() -> None:
    async with set_up() as setup:
        assert await setup.accepts(token())
        await setup.place.vanish()
        setup.uptime.now += RULES.max_age
        assert await setup.accepts(token())
        assert not await setup.accepts(token(OTHER_RSA))
        setup.uptime.now += RULES.stale - RULES.max_age - 1
        assert await setup.accepts(token())
        setup.uptime.now += 1
        assert not await setup.accepts(token())


async def test_an_issuer_that_is_down_at_the_start_is_asked_again() -> None:
    async with set_up() as setup:
        setup.publisher.status = "503 Later"
        await setup.authenticator.start()
        assert not await setup.accepts(token())
        assert setup.publisher.asked == 1
        setup.publisher.status = "200 OK"
        setup.uptime.now += RULES.retry
        assert await setup.accepts(token())
        assert setup.publisher.asked == 2


async def test_an_issuer_that_is_silent_holds_a_request_for_the_timeout_and_the_next_ones_not_at_all() -> None:
    rules = Freshness(max_age=600, ahead=480, cooldown=30, retry=5, stale=3600, timeout=0.05)
    async with set_up(rules) as setup:
        assert await setup.accepts(token())
        setup.publisher.gate = asyncio.Event()
        setup.uptime.now += rules.max_age
        assert await setup.accepts(token())
        assert setup.publisher.asked == 2
        assert all([await setup.accepts(token(sub=f"user {n}")) for n in range(10)])
        assert setup.publisher.asked == 2
        setup.publisher.gate.set()


async def test_who_gives_up_waiting_does_not_end_the_fetch_of_the_others() -> None:
    async with set_up() as setup:
        setup.publisher.gate = asyncio.Event()
        first, second = (asyncio.ensure_future(setup.accepts(token())) for _ in range(2))
        await setup.publisher.arrived.wait()
        first.cancel()
        await asyncio.wait({first})
        assert first.cancelled()
        setup.publisher.gate.set()
        assert await second
        assert setup.publisher.asked == 1


async def test_closing_ends_a_fetch_and_whoever_waits_for_it_is_refused() -> None:
    async with set_up() as setup:
        setup.publisher.gate = asyncio.Event()
        waiting = asyncio.ensure_future(setup.accepts(token()))
        await setup.publisher.arrived.wait()
        await setup.authenticator.aclose()
        assert not await waiting
        assert not await setup.accepts(token())
        assert setup.publisher.asked == 1


async def test_unusable_keys_are_said_once_and_no_key_is_written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with set_up(body=document({"kty": "OKP", "kid": "ed", "x": "secretish"}, RSA.jwk())) as setup:
        assert await setup.accepts(token())
        setup.uptime.now += RULES.max_age
        assert await setup.accepts(token())
    assert caplog.messages == [
        "The keys at /jwks.json of the upstream id are not all usable: key 0: its kty is neither RSA nor EC"
    ]


async def test_a_key_of_one_issuer_does_not_serve_another_one() -> None:
    async with set_up() as setup:
        other = an_issuer(issuer="https://other.example/")
        both = [Trusted(an_issuer(), setup.source), trusted(other, OTHER_RSA.jwk(kid="rsa"))]
        authenticator = Authenticator(issuers=both, clock=Clock())
        assert (await authenticator.caller(bearer(token()))).client == "https://id.example/ ann"
        others = await authenticator.caller(bearer(token(OTHER_RSA, head=header(), iss=other.issuer)))
        assert others.client == "https://other.example/ ann"
        for stolen in (token(iss=other.issuer), token(OTHER_RSA, head=header())):
            with pytest.raises(Unauthenticated):
                await authenticator.caller(bearer(stolen))


def test_published_keys_need_an_upstream_and_a_secret_needs_none() -> None:
    with pytest.raises(ValueError, match="need an upstream"):
        open_source(an_issuer(), None)
    assert isinstance(open_source(a_secret_issuer(), None), Fixed)
