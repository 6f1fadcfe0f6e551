"""What crosses the proxy, over real sockets on both sides."""

from __future__ import annotations

import pytest

from bff.proxy import Route

from .gateway import asks, gateway
from .service import Service, listening, says, whole


async def test_a_request_and_its_answer_pass() -> None:
    async with listening(Service(says(whole(b"hello", "200 OK", "X-Own: 1", "Content-Type: text/plain")))) as service:
        async with gateway(service.url) as proxy:
            answer = await proxy.get("/a/b?c=d", "X-Mine: 2", "Accept: text/*")
    assert (answer.status, answer.body) == (200, b"hello")
    assert (answer.value("x-own"), answer.value("content-type"), answer.value("content-length")) == (
        "1",
        "text/plain",
        "5",
    )
    assert service.last.line == "GET /a/b?c=d HTTP/1.1"
    assert service.last.values("x-mine") == ["2"]
    assert service.last.values("accept") == ["text/*"]
    assert service.last.values("host") == [f"127.0.0.1:{service.port}"]
