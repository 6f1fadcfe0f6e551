"""What a service may answer, and what becomes of it."""

from __future__ import annotations

import pytest

from bff import errors
from bff.upstream import Upstream

from .calls import Facts, an_upstream, eventually, fetch
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


FAULTS = {
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


@pytest.mark.parametrize("path", ["/drips", "/silent", "/stalls", "/hints-for-ever"])
async def test_a_slow_answer_is_late(service: Service, path: str) -> None:
    upstream = an_upstream(service.url, timeout=0.05)
    with pytest.raises(errors.UpstreamTimeout):
        await fetch(upstream, path)
    await eventually(lambda: service.connections == 0)
    await upstream.sender.aclose()
