"""What of an answer, or of a request, takes its time: its parts, one after the other, and how long anybody waits.

It waits while it ends something, which the compiler of `machine_code.py` gets wrong: to be left as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from starlette.types import Message, Receive, Send

from bff.endpoint.head import Head
from bff.endpoint.leaving import Leaving
from bff.endpoint.pulse import Pulse
from bff.endpoint.reply import Reply
from bff.errors import RequestTimeout

LINGER = 2.0  # seconds


async def gathered(begun: bytes, receive: Receive, piece: Callable[[Message, int], bytes], within: float) -> bytes:
    """A body of which this has come. Whoever sends a byte now and then would keep its connection for ever.

    `piece` is what a message brings after so many bytes. Raises what that does, and RequestTimeout after so many
    seconds.
    """
    pieces, size, more = [begun], len(begun), True
    try:
        async with asyncio.timeout(within):
            while more:
                message = await receive()
                pieces.append(piece(message, size))
                size += len(pieces[-1])
                more = message.get("more_body", False)
    except TimeoutError:
        raise RequestTimeout("The body did not come in time.") from None
    return b"".join(pieces)


async def streamed(
    start: Message, parts: AsyncGenerator[bytes, None], reply: Reply, receive: Receive, send: Send
) -> bool:
    """Whether the client took what was sent to it. What returns before the end is cut by the server: it must not look
    whole.
    """
    leaving = Leaving(receive)
    leaving.watch()
    pulse = Pulse(reply.beat, send) if reply.beat else None
    try:
        await send(start)
        async for part in parts:
            if not await _taken({"type": "http.response.body", "body": part, "more_body": True}, reply.stall, send):
                return False
            if pulse is not None:
                pulse.note()
        if pulse is not None:
            pulse.end()
        return await _taken({"type": "http.response.body"}, reply.stall, send)
    except asyncio.CancelledError:
        if not leaving.left():
            raise  # not the client left: we are told to stop
        return True
    finally:
        leaving.end()
        if pulse is not None:
            pulse.end()
        await parts.aclose()


async def _taken(message: Message, stall: float | None, send: Send) -> bool:
    """Whether there was room for it in time: a client that reads too slowly holds up whoever sends."""
    try:
        async with asyncio.timeout(stall):
            await send(message)
    except TimeoutError:
        return False
    return True


async def ended(head: Head, receive: Receive, send: Send) -> None:
    """End an answer to a body that was not read: take what is still being sent for a moment, and keep none of it.

    A connection that closes on bytes nobody read is reset, and a client that is still sending would see that instead
    of the answer (RFC 9112 9.6).
    """
    if not head.holds_body:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while (await receive()).get("more_body"):
                    pass
    await send({"type": "http.response.body"})
