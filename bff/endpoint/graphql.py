"""The GraphQL endpoint: plain ASGI from socket to socket. Knows who asks whom in which order, and no GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.types import Receive, Scope, Send

from bff.auth import Caller
from bff.batch import Batches
from bff.endpoint.deliver import deliver
from bff.endpoint.files import Files, UploadLimits
from bff.endpoint.head import Head, head_of, trace_id_of
from bff.endpoint.intake import METHODS, Intake
from bff.endpoint.leaving import Leaving, Tell
from bff.endpoint.packing import Packing
from bff.endpoint.parts import in_parts
from bff.endpoint.reply import VARY, Pairs, Reply, answered, batched, by_cookie, refused
from bff.endpoint.streams import Lasting
from bff.endpoint.uploads import finished, run_mutation
from bff.envelope import Batch, Envelope
from bff.errors import BadRequest, BffError, CrossSiteRefused, InternalError, NotAcceptable, Unauthenticated
from bff.explain import Explanations
from bff.negotiate import EVENT_STREAM, HTML, JSON, MULTIPART, Form, form_of
from bff.operation import NOTHING, Answer, Asking, Operations, unheard
from bff.origins.csrf import Crossing
from bff.persisted import Persisted, Run
from bff.telemetry.surface import Surface, Unseen
from bff.telemetry.trace import TRACEPARENT, continued, new_trace
from bff.upstreams import Headers

Page = Callable[[str, Headers], Awaitable[tuple[bytes, Pairs] | None]]
Callers = Callable[[Headers], Awaitable[Caller]]

TRUE_STATUS: Final = Form(JSON)
UNACCEPTABLE = (
    "Accept must allow application/graphql-response+json or application/json, or a stream: text/event-stream."
)
NO_ENVELOPE: Final = Envelope("")  # of a batch as a whole
COST: Final = "bff-cost"  # the request header by which a client asks for extensions.cost
EXPLAIN: Final = "bff-explain"  # and the one for extensions.plan and extensions.trace


class GraphQLEndpoint:
    """One GraphQL endpoint. `page` makes what a browser gets for a path: body and headers, or nothing."""

    def __init__(
        self,
        operations: Operations,
        *,
        persisted: Persisted,
        callers: Callers,
        max_body: int,
        page: Page | None,
        seen: Surface | Unseen,
        max_operations: int = 1,
        body_timeout: float = 30.0,
        packing: Packing | None = None,
        crossing: Crossing | None = None,
        lasting: Lasting | None = None,
        uploads: UploadLimits | None = None,
    ) -> None:
        """`callers` says who sent these headers, or raises Unauthenticated. Without `packing` nothing is compressed,
        without `crossing` no cookie is a credential, without `lasting` no subscription is served, and without `uploads`
        no file is taken. `seen` counts the requests.
        """
        self._operations = operations
        self._persisted = persisted
        self._batches = Batches(operations, persisted)
        self._explanations = Explanations(operations)
        self._callers = callers
        self._intake = Intake(max_body, max_operations, uploads, body_timeout)
        self._patience = uploads.timeout if uploads else 0.0
        self._page = page
        self._packing = packing
        self._crossing = crossing
        self._lasting = lasting
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._seen:
            head = head_of(scope)
            trace_id = trace_id_of(head)
            told = (scope.get("extensions") or NOTHING).get("bff.leaving")
            reply = await self._reply(head, receive, trace_id, told and told["tell"])
            if reply is not None:
                if self._packing is not None and (accepted := head.fields.get("accept-encoding")):
                    reply = await self._packing.packed(reply, accepted)
                self._seen.answered(reply.status)
                await deliver(reply, head, trace_id, receive, send)

    async def _reply(self, head: Head, receive: Receive, trace_id: str, tell: Tell | None) -> Reply | None:
        """What to answer; None when the client hung up before there was an answer."""
        form = TRUE_STATUS
        leaving = Leaving(receive, tell)
        asked: Envelope | Batch | Files | None = None
        try:
            if head.method != "POST" and (reply := await self._unasked(head)):
                return reply
            form = _form(head)
            if self._crossing is not None:
                self._crossing.check(head.fields)
            caller = await self._callers(head.headers)
            asked = await self._intake.envelope(head, receive)
            asking = Asking(
                asked if isinstance(asked, Envelope) else NO_ENVELOPE,
                caller,
                head.headers,
                safe=head.safe,
                trace_id=trace_id,
                explain=COST in head.fields,
                trace=continued(head.headers) if TRACEPARENT in head.fields else new_trace(),
                waiting=leaving.watch if isinstance(asked, Envelope) else unheard,
            )
            if isinstance(asked, Envelope):
                return self._replied(await self._one(asking, head, form), form)
            if isinstance(asked, Batch):
                leaving.watch()  # what is in it runs in tasks of its own, which end with this one
                return await self._all(asking, head, form, asked)
            return await self._with_files(asking, head, form, asked)
        except BffError as error:
            if isinstance(error, Unauthenticated | CrossSiteRefused):
                self._operations.observer.denied(trace_id, error.code, error.detail)
            return refused(error, form, head)
        except Exception as error:  # noqa: BLE001 - whatever broke, its text is for the log and never for the client
            self._operations.observer.failure(trace_id, "endpoint", error)
            return refused(InternalError(trace_id), form, head)
        except asyncio.CancelledError:
            if not leaving.left():
                raise  # not the client left: we are told to stop
            return None
        finally:
            leaving.end()
            self._intake.over(asked)

    async def _unasked(self, head: Head) -> Reply | None:
        """What they get who ask for nothing of the graph: which methods there are, or the page of a browser."""
        if head.method == "OPTIONS":
            return Reply(204, [(b"allow", METHODS.encode())])
        form = form_of(head.fields.get("accept"), page=True) if self._page and head.safe else None
        found = await self._page(head.path, head.headers) if self._page and form and form.media_type == HTML else None
        return Reply(200, [*found[1], VARY], found[0]) if found else None

    def _one(self, asking: Asking, head: Head, form: Form) -> Awaitable[Answer]:
        if form.parts:
            asking = replace(asking, parts=form.parts)
        lasting = self._lasting if form.stream else None
        return self._answer(asking, head, lasting.run(form) if lasting else self._operations.run)

    def _replied(self, answer: Answer, form: Form) -> Reply:
        lasting = self._lasting if form.stream else None
        if answer.deferred is not None:
            if lasting and form.media_type == EVENT_STREAM:
                return lasting.in_parts(answer, answer.deferred, form)
            return in_parts(answer, answer.deferred, form, self._operations.timeout)
        if self._crossing is not None:
            answer = by_cookie(answer)
        return lasting.reply(answer, form) if lasting else answered(answer, form)

    def _answer(self, asking: Asking, head: Head, run: Run) -> Awaitable[Answer]:
        explain = head.fields.get(EXPLAIN)
        explained = partial(self._explanations.answer, wanted=explain) if explain else None
        return self._persisted.answer(asking, explained or run)

    async def _with_files(self, asking: Asking, head: Head, form: Form, files: Files) -> Reply:
        """A mutation runs to its end though its client leave, for which nobody looks: it would take of the files."""
        try:
            return await finished(await self._mutated(asking, head, _plain(form), files), files)
        finally:
            files.close()

    async def _mutated(self, asking: Asking, head: Head, form: Form, files: Files) -> Reply:
        try:
            envelope = await files.envelope()
            asking = replace(asking, envelope=envelope, patience=self._patience)
            answer = await self._answer(asking, head, partial(run_mutation, self._operations))
            files.check()
            return answered(answer, form)
        except BffError as error:
            return refused(error, form, head, was_read=True)

    async def _all(self, asking: Asking, head: Head, form: Form, batch: Batch) -> Reply:
        if EXPLAIN in head.fields:
            raise BadRequest("Operations are explained one at a time.")
        return batched(await self._batches.answer(asking, batch), _plain(form))


def _form(head: Head) -> Form:
    form = form_of(head.fields.get("accept"))
    if form is None:
        raise NotAcceptable(UNACCEPTABLE)
    return form


def _plain(form: Form) -> Form:
    """The form of an answer that comes whole, whatever else its client would take."""
    return TRUE_STATUS if form.media_type in {EVENT_STREAM, MULTIPART} else form
