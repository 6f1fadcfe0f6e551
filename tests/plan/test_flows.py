"""A body that is still coming when its call is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bff import errors
from bff import upstream as declared
from bff.plan.call import _flown
from tests.accepting import accepting, port_of
from tests.upstream.calls import an_upstream, asks
from tests.upstream.service import whole


@pytest.mark.parametrize("given_up", [False, True])
async def test_it_is_closed_behind_who_takes_it_and_never_under_them(*, given_up: bool) -> None:
    closed: list[str] = []
    taken = asyncio.Event()

    async def body() -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            taken.set()
            await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)  # as closing a file may take
            closed.append("once")

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"one\r\n")
        writer.write(b"" if given_up else whole(b"{}", "413 Content Too Large"))
        await reader.read()
        writer.close()

    connector = declared("cities").post("/", body="file")
    async with accepting(early) as server:
        upstream = an_upstream(f"http://127.0.0.1:{port_of(server)}")
        request = asks("/", "POST")
        call = asyncio.ensure_future(_flown(request, body(), connector, upstream, lambda *_: None))
        await taken.wait()
        if given_up:
            call.cancel()
        with pytest.raises(asyncio.CancelledError if given_up else errors.UpstreamStatus):
            await call
        await upstream.sender.aclose()
    assert closed == ["once"]
