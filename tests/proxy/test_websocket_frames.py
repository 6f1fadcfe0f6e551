"""What a client may send in frames (RFC 6455 5), and what ends the connection: nothing of that reaches the service."""

from __future__ import annotations

import asyncio
import struct

import pytest
from websockets.asyncio.server import ServerConnection

from .gateway import Connection, asks, eventually
from .test_websocket import UPGRADE, between

TEXT, BYTES, MORE, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
MASK = b"\x01\x02\x03\x04"


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    first, bit = (fin << 7) | (rsv << 4) | opcode, masked << 7
    if len(payload) < 126:
        head = struct.pack("!BB", first, bit | len(payload))
    else:
        head = struct.pack("!BBH", first, bit | 126, len(payload))
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


async def read(connection: Connection) -> tuple[int, bytes]:
    """The opcode and the payload of one frame of a server."""
    first, size = await asyncio.wait_for(connection.reader.readexactly(2), 10)
    assert size < 126
    return first & 15, await connection.reader.readexactly(size)


WRONG = {
    "not masked": (frame(TEXT, b"x", masked=False), {1002}),
    "a reserved bit": (frame(TEXT, b"x", rsv=4), {1002}),  # of compression, which nobody agreed on
    "a reserved opcode": (frame(3, b"x"), {1002}),
    "a reserved control opcode": (frame(11), {1002}),
    "a control frame in parts": (frame(PING, b"x", fin=False), {1002}),
    "a large control frame": (frame(PING, bytes(126)), {1002}),
    "more of nothing": (frame(MORE, b"x"), {1002}),
    "a message inside another": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), {1002}),
    "text that is none": (frame(TEXT, b"\xff\xfe"), {1007}),
    "text that is none, in parts": (frame(TEXT, b"\xce", fin=False) + frame(MORE, b"\xff"), {1007}),
    "a close of one byte": (frame(CLOSE, b"x"), {1002}),
    "a close with no real code": (frame(CLOSE, struct.pack("!H", 1005)), {1002}),
    "a close with a code of nobody's": (frame(CLOSE, struct.pack("!H", 2999)), {1002}),
    "a close with a reason that is no text": (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), {1002, 1007}),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_frame_ends_the_connection_and_never_arrives(name: str) -> None:
    sent, codes = WRONG[name]
    heard: list[str | bytes] = []

    async def hears(client: ServerConnection) -> None:
        while True:
            heard.append(await client.recv())

    async with between(hears) as (chat, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks("/room", *UPGRADE))
            assert (await connection.head()).status == 101
            connection.writer.write(frame(TEXT, b"first"))
            await eventually(lambda: heard)
            connection.writer.write(sent)
            opcode, payload = await read(connection)
            assert opcode == CLOSE
            assert struct.unpack("!H", payload[:2])[0] in codes
            await eventually(lambda: chat.ended)
        assert heard == ["first"]
        assert not proxy.observer.failures


async def test_pings_are_answered_here_also_between_the_parts_of_a_message() -> None:
    async with between() as (chat, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/room", *UPGRADE))
        assert (await connection.head()).status == 101
        connection.writer.write(frame(TEXT, b"one, ", fin=False) + frame(PING, b"there?") + frame(PONG, b"unasked"))
        assert await read(connection) == (PONG, b"there?")
        connection.writer.write(frame(MORE, b"", fin=False) + frame(MORE, b"two"))
        assert await read(connection) == (TEXT, b"one, two")
        connection.writer.write(frame(CLOSE, struct.pack("!H", 1000) + b"bye"))
        assert await read(connection) == (CLOSE, struct.pack("!H", 1000) + b"bye")
        await eventually(lambda: chat.ended == [(1000, "bye")])
