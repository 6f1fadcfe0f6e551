"""What is sent back: answers and refusals -> status, headers, body, and these onto the socket. Decides nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Message, Receive, Send

from bff import codec
from bff.batch import Batched
from bff.endpoint.head import Head
from bff.endpoint.leaving import Leaving
from bff.endpoint.pulse import Beat, Pulse
from bff.errors import BadRequest, BffError, MethodNotAllowed, Unauthenticated, UnsupportedMediaType
from bff.limits.ratelimit_headers import encoded
from bff.negotiate import JSON, Form
from bff.operation import Answer
from bff.upstreams import NO_STORE

Pairs = list[tuple[bytes, bytes]]

CHOSEN_BY = ("Accept", "Accept-Encoding")  # request headers
VARY = (b"vary", ", ".join(CHOSEN_BY).encode())
NOT_KEPT = (b"cache-control", NO_STORE.encode())
NOT_GUESSED = (b"x-content-type-options", b"nosniff")
LINGER = 2.0  # seconds

_log = logging.getLogger(__name__)


class Reply(NamedTuple):
    """What is sent back. `unread`: the request's body was not read to its end, so the connection cannot go on.

    With `parts` the body is what they are, each sent as soon as it is there, until the client hangs up, or takes
    nothing for `stall` seconds.
    """

    status: int
    headers: Pairs
    body: bytes = b""
    unread: bool = False
    parts: AsyncGenerator[bytes, None] | None = None
    stall: float | None = None
    beat: Beat | None = None  # between parts that are long in coming


def answered(answer: Answer, form: Form) -> Reply:
    status = 200 if form.refused_is_200 and answer.status == 400 else answer.status
    headers = _typed(form) if answer.keeping == NO_STORE else _kept(form, answer)
    if answer.allow:
        headers.append((b"allow", answer.allow.encode()))
    if answer.tier and answer.standing:
        headers += encoded(answer.tier, answer.standing, answer.retry_after)
    return Reply(status, headers, answer.text)


def batched(found: Batched, form: Form) -> Reply:
    """The answers as a JSON array. That some were refused is said in each, and in no status."""
    body = b"[%b]" % b",".join([answer.text for answer in found.answers])
    return answered(found.whole, form)._replace(body=body)


def by_cookie(answer: Answer) -> Answer:
    """The same where a cookie may be a credential: whoever keeps the answer keeps it for this cookie."""
    if answer.keeping == NO_STORE or "cookie" in answer.differs_by:
        return answer
    return answer._replace(differs_by=(*answer.differs_by, "cookie"))


def refused(error: BffError, form: Form, head: Head, *, was_read: bool | None = None) -> Reply:
    """`was_read`: the request's body. Where nobody says, a mistake in it is one that was found by reading it."""
    headers = _typed(form)
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allow.encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", error.challenge.encode()))
    if isinstance(error, UnsupportedMediaType):
        headers += [(b"accept", JSON.encode()), (b"accept-encoding", b"gzip")]  # RFC 9110 15.5.16
    shown = {"message": str(error), "extensions": dict(error.extensions)}
    reply = Reply(error.status, headers, codec.encode({"errors": [shown]}))
    if was_read is None:
        was_read = isinstance(error, BadRequest) and not head.is_form  # that may be refused while it comes
    return unread(reply) if head.has_body and not was_read else reply


def unread(reply: Reply) -> Reply:
    """The same where the request's body was not read to its end."""
    return reply._replace(headers=[*reply.headers, (b"connection", b"close")], unread=True)


def _kept(form: Form, answer: Answer) -> Pairs:
    """The headers of an answer that may be used again (RFC 9111 5.2.2, RFC 9110 12.5.5)."""
    vary = ", ".join((*CHOSEN_BY, *answer.differs_by)).encode()
    own = {b"cache-control": answer.keeping.encode(), b"vary": vary}
    return [(name, own.get(name, value)) for name, value in _typed(form)]


def _typed(form: Form) -> Pairs:
    return [_content_type(form.media_type), VARY, NOT_KEPT, NOT_GUESSED]


@lru_cache(maxsize=100)
def _content_type(media_type: str) -> tuple[bytes, bytes]:
    return b"content-type", f"{media_type}; charset=utf-8".encode()


async def deliver(reply: Reply, head: Head, trace_id: str, receive: Receive, send: Send) -> None:
    """Send it all."""
    headers = [*reply.headers, (b"x-request-id", trace_id.encode())]
    if reply.parts is not None:
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        if head.method == "HEAD":  # RFC 9110 9.3.2: what GET is answered with, but for what would come
            await reply.parts.aclose()
            await send(start)
            await send({"type": "http.response.body"})
        elif not await _stream(start, reply.parts, reply, receive, send):
            _log.warning("request %s was cut off: its client took nothing for %g s", trace_id, reply.stall)
        return
    if reply.status != 204:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": reply.unread})
    if reply.unread:
        await _end(head, receive, send)


async def _stream(
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


async def _end(head: Head, receive: Receive, send: Send) -> None:
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
