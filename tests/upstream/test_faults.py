"""What a service may answer, and what becomes of it."""

from __future__ import annotations

import pytest

from bff import errors
from bff.upstreams import Upstream, read

from .calls import Facts, asks, fetch
from .service import JSON, Service

GOOD = {
    "/json": JSON,
    "/gzip": JSON,
    "/chunked": JSON,
    "/until-close": JSON,
    "/spaced": JSON,
    "/empty": b"",
    "/cookie": JSON,
    "/early-hints": JSON,
}


@pytest.mark.parametrize("path", GOOD)
async def test_an_answer_is_read_whole_and_unpacked(cities: Upstream, path: str) -> None:
    reply, body = await fetch(cities, path)
    assert (reply.status, body) == (200, GOOD[path])


@pytest.mark.parametrize(
    ("path", "status"),
    [("/redirect", 302), ("/elsewhere", 307), ("/teapot", 418), ("/broken-inside", 500)],
)
async def test_a_status_is_handed_on_and_a_redirect_not_followed(
    cities: Upstream, service: Service, path: str, status: int
) -> None:
    reply, _ = await fetch(cities, path)
    assert reply.status == status
    assert len(service.received) == 1


FAULTS: dict[str, type[errors.UpstreamError]] = {
    "/closes": errors.UpstreamUnreachable,
    "/resets": errors.UpstreamUnreachable,
    "/half-head": errors.UpstreamUnreachable,
    "/truncated": errors.UpstreamMalformed,
    "/truncated-chunk": errors.UpstreamMalformed,
    "/garbage": errors.UpstreamMalformed,
    "/http-0.9": errors.UpstreamMalformed,
    "/two-lengths": errors.UpstreamMalformed,
    "/header-bomb": errors.UpstreamMalformed,
    "/long-header": errors.UpstreamMalformed,
    "/bad-chunk": errors.UpstreamMalformed,
    "/status-999": errors.UpstreamMalformed,
    "/status-099": errors.UpstreamMalformed,
    "/no-content": errors.UpstreamMalformed,  # RFC 9112 6.3: what follows would be taken for the next answer
    "/not-modified": errors.UpstreamMalformed,
    "/switching": errors.UpstreamMalformed,
    "/truncated-gzip": errors.UpstreamMalformed,
    "/not-gzip": errors.UpstreamMalformed,
    "/brotli": errors.UpstreamMalformed,
    "/bomb": errors.UpstreamTooLarge,
    "/huge": errors.UpstreamTooLarge,
    "/huge-chunked": errors.UpstreamTooLarge,
}


@pytest.mark.parametrize("path", FAULTS)
async def test_a_fault_has_its_error_and_the_next_call_succeeds(
    cities: Upstream, service: Service, facts: Facts, path: str
) -> None:
    with pytest.raises(errors.UpstreamError) as caught:
        await fetch(cities, path)
    assert type(caught.value) is FAULTS[path]
    assert len(service.received) == 1  # nothing repeats a call unseen
    assert [fact.error for fact in facts.exchanges] == [FAULTS[path].code]
    assert (await fetch(cities, "/json"))[1] == JSON


async def test_a_connection_that_breaks_inside_the_body_is_malformed(cities: Upstream, service: Service) -> None:
    """The answer is not whole, however its end was lost; nobody takes the part for the whole."""
    reply = await cities.sender.send(asks("/resets-inside"))
    assert await anext(reply) == JSON
    service.released.set()
    with pytest.raises(errors.UpstreamMalformed):
        await anext(reply)
    assert "0 of 100 in flight" in repr(cities.sender)  # a failed read ends the reply, closed or not
    assert (await fetch(cities, "/json"))[1] == JSON


async def test_a_length_with_thousands_of_zeros_is_a_length(cities: Upstream, service: Service) -> None:
    """Python makes no number of so many digits, and a call that broke on them kept its slot."""
    reply = await cities.sender.send(asks("/padded"))
    service.released.set()
    assert await read(reply, max_decoded=1_000) == JSON
    assert "0 of 100 in flight" in repr(cities.sender)


@pytest.mark.parametrize("path", FAULTS)
async def test_no_message_tells_what_the_service_said_or_where_it_is(
    cities: Upstream, service: Service, path: str
) -> None:
    with pytest.raises(errors.UpstreamError) as caught:
        await fetch(cities, path)
    assert str(caught.value) == str(FAULTS[path]("cities"))
    assert caught.value.extensions == {"code": FAULTS[path].code, "upstream": "cities"}


async def test_the_head_of_a_huge_answer_is_an_answer(cities: Upstream, service: Service) -> None:
    """A length announced for a body that does not come is no reason to refuse (RFC 9110 9.3.2)."""
    reply, body = await fetch(cities, "/head-of-huge", "HEAD")
    assert (reply.status, reply.header("content-length"), body) == (200, "3000000", b"")
