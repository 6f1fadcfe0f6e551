"""A reply onto the socket: one that is whole, at once. What takes its time is the affair of `bff.endpoint.flow`."""

from __future__ import annotations

import logging

from starlette.types import Receive, Send

from bff.endpoint.flow import ended, streamed
from bff.endpoint.head import Head
from bff.endpoint.reply import Reply

_log = logging.getLogger(__name__)


async def deliver(reply: Reply, head: Head, trace_id: str, receive: Receive, send: Send) -> None:
    """Send it all."""
    headers = [*reply.headers, (b"x-request-id", trace_id.encode())]
    if reply.parts is not None:
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        if head.method == "HEAD":  # RFC 9110 9.3.2: what GET is answered with, but for what would come
            await reply.parts.aclose()
            await send(start)
            await send({"type": "http.response.body"})
        elif not await streamed(start, reply.parts, reply, receive, send):
            _log.warning("request %s was cut off: its client took nothing for %g s", trace_id, reply.stall)
        return
    if reply.status != 204:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": reply.unread})
    if reply.unread:
        await ended(head, receive, send)
