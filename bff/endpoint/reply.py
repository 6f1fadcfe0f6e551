"""What is sent back: answers and refusals -> status, headers, body. Decides nothing else."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from bff import codec
from bff.batch import Batched
from bff.endpoint.head import Head
from bff.endpoint.pulse import Beat
from bff.errors import BadRequest, BffError, MethodNotAllowed, Unauthenticated, UnsupportedMediaType
from bff.limits.ratelimit_headers import encoded
from bff.negotiate import JSON, Form
from bff.operation import Answer
from bff.upstreams import NO_STORE

Pairs = list[tuple[bytes, bytes]]

CHOSEN_BY = ("Accept", "Accept-Encoding")  # request headers
VARY: Final = (b"vary", ", ".join(CHOSEN_BY).encode())
NOT_KEPT: Final = (b"cache-control", NO_STORE.encode())
NOT_GUESSED: Final = (b"x-content-type-options", b"nosniff")


@dataclass(init=False, slots=True)
class Reply:
    """What is sent back. `unread`: the request's body was not read to its end, so the connection cannot go on.

    With `parts` the body is what they are, each sent as soon as it is there, until the client hangs up, or takes
    nothing for `stall` seconds.
    """

    status: int
    headers: Pairs
    body: bytes
    unread: bool
    parts: AsyncGenerator[bytes, None] | None
    stall: float | None
    beat: Beat | None  # between parts that are long in coming

    def __init__(  # noqa: PLR0917 - a record
        self,
        status: int,
        headers: Pairs,
        body: bytes = b"",
        unread: bool = False,
        parts: AsyncGenerator[bytes, None] | None = None,
        stall: float | None = None,
        beat: Beat | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.unread = unread
        self.parts = parts
        self.stall = stall
        self.beat = beat


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
    return replace(answered(found.whole, form), body=body)


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
    return replace(reply, headers=[*reply.headers, (b"connection", b"close")], unread=True)


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
