"""A connection as bytes, for requests that no client library sends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

DEADLINE = 10.0  # seconds; for a test that would hang


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Wire:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, *lines: str, body: bytes = b"") -> None:
        """A request line and headers, and then `body` as it is."""
        head = "".join(f"{line}\r\n" for line in (*lines, "host: gateway", ""))
        self.writer.write(head.encode("latin-1") + body)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """The next answer, whatever its status; also "100 Continue" is one."""
        async with asyncio.timeout(DEADLINE):
            status, headers = _start((await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(status, headers, body)

    async def head(self) -> Answer:
        """The next answer, to a HEAD: whatever it says of a body, none comes."""
        async with asyncio.timeout(DEADLINE):
            found = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        return Answer(*_start(found), b"")

    async def ended(self) -> bool:
        """Whether the other side closes without another byte."""
        async with asyncio.timeout(DEADLINE):
            try:
                return await self.reader.read(1) == b""
            except ConnectionError:
                return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


def _start(head: str) -> tuple[int, dict[str, str]]:
    """The status and the headers."""
    start, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(start.split()[1]), headers
