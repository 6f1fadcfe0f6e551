"""One client's connection: who it is, once it has said so, and the operations that it has under way.

One task reads, and each operation has its own. Whatever ends the connection ends them all; a stop waits for them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.types import Receive, Send

from bff.auth import Caller
from bff.envelope import Envelope
from bff.errors import BadRequest, BffError, GatewayStopping, InternalError, TooManySubscriptions, Unauthenticated
from bff.mask import refused
from bff.negotiate import spec_of
from bff.operation import Answer, Asking, Events
from bff.socket import messages
from bff.socket.closing import BROKEN, EXPIRED, RESTART, SILENT, Closing, TooSlow
from bff.socket.known import Known, credentials
from bff.socket.messages import Complete, Init, Message, Subscribe
from bff.socket.serving import Serving
from bff.telemetry.trace import continued
from bff.upstreams import Headers

_log = logging.getLogger(__name__)


class Connection:
    """From the handshake to the end."""

    __slots__ = (
        "_end",
        "_ending",
        "_headers",
        "_known",
        "_receive",
        "_running",
        "_send",
        "_serving",
        "_stopping",
        "_tasks",
        "_until",
    )

    def __init__(self, serving: Serving, headers: Headers, receive: Receive, send: Send) -> None:
        self._serving = serving
        self._headers = headers
        self._receive = receive
        self._send = send
        self._known: Known | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._end = SILENT  # when its time is over
        self._until = asyncio.timeout(serving.init_timeout)
        self._ending = False
        self._stopping = False

    async def run(self) -> None:
        """Until it ends, by whomever. Nothing of it is left then."""
        try:
            async with self._until:
                self._serving.subscriptions.connections.add(self)
                try:
                    await self._read()
                finally:
                    self._ending = True
        except Closing as closing:
            await self._close(closing)
        except TimeoutError:
            if not self._until.expired():
                raise
            await self._close(self._end)
        except OSError:
            pass  # it is gone, and this was the first to notice
        except Exception as error:  # noqa: BLE001 - whatever broke, its text is for the log and never for the client
            self._serving.observer.failure(secrets.token_hex(8), "socket", error)
            await self._close(BROKEN)
        finally:
            self._serving.subscriptions.connections.discard(self)
            await self._ended()

    def stop(self) -> None:
        """Take on nothing more, and end once what is under way is over; it has as long as any operation has."""
        self._stopping = True
        latest, until = asyncio.get_running_loop().time() + self._serving.patience, self._until.when()
        if not self._closing and (until is None or latest < until):
            self._end = RESTART
            self._until.reschedule(latest)
        self._drained()

    async def _read(self) -> None:
        while (found := await self._receive())["type"] == "websocket.receive":
            await self._heard(_message(found.get("text")))

    async def _heard(self, message: Message) -> None:
        if isinstance(message, Init):
            await self._init(message.payload)
        elif isinstance(message, Subscribe):
            await self._subscribe(message)
        elif isinstance(message, Complete):
            if (task := self._running.pop(message.id, None)) is not None:
                task.cancel()
        elif message.wants_pong:
            await self._say(messages.pong(message.payload))

    async def _init(self, payload: Mapping[str, Any]) -> None:
        if self._known is not None:
            raise Closing(4429, "Too many initialisation requests")
        headers = (*self._headers, *credentials(payload))
        caller = await self._caller(headers)
        try:
            self._serving.slots.take(caller.client)
        except TooManySubscriptions as error:
            raise Closing(1013, str(error)) from None
        lasting = replace(caller, expires=None)  # its operations end with the connection
        self._known = Known(lasting, headers, spec_of(payload))
        if not self._closing:  # a stop may have come meanwhile
            self._end = EXPIRED
            self._until.reschedule(_at(caller.expires))
        await self._say(messages.ack())

    async def _caller(self, headers: Headers) -> Caller:
        try:
            return await self._serving.callers(headers)
        except Unauthenticated as error:
            self._serving.observer.denied(secrets.token_hex(8), error.code, error.detail)
            raise Closing(4401, "Unauthorized") from None

    async def _subscribe(self, message: Subscribe) -> None:
        if self._known is None:
            raise Closing(4401, "Unauthorized")
        if message.id in self._running:
            raise Closing(4409, f"Subscriber for {message.id} already exists")
        if (refusal := self._refusal()) is not None:
            await self._say(messages.error(message.id, refused(refusal)["errors"]))
            return
        task = asyncio.ensure_future(self._operate(message.id, message.envelope, self._known))
        self._running[message.id] = task
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _refusal(self) -> BffError | None:
        """Why no operation may begin, if none may."""
        if self._stopping:
            return GatewayStopping()
        most = self._serving.per_connection
        if len(self._running) < most:
            return None
        return TooManySubscriptions(f"This connection has {most} operations under way, as many as it may have.")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._drained()

    def _drained(self) -> None:
        """Be it now, or when the last operation has said its last word."""
        if self._stopping and not self._tasks:
            self._cut(RESTART)

    async def _operate(self, id_: str, envelope: Envelope, known: Known) -> None:
        """One operation. Whatever ends it too soon is told, or ends the connection: nobody awaits this task."""
        trace_id = secrets.token_hex(8)
        try:
            try:
                await self._spoken(id_, await self._answer(envelope, known, trace_id))
            except (GatewayStopping, Closing, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - its text is for the log and never for the client
                await self._broken(id_, trace_id, error)
        except GatewayStopping:
            self.stop()  # without a word: who is told "complete" does not come again
        except Closing as closing:
            self._cut(closing)
        except OSError:
            pass  # it is gone, and whoever reads knows
        except Exception:  # noqa: BLE001 - told by what may have been the reason
            _log.exception("what broke operation %s could not be told", trace_id)
            self._cut(BROKEN)

    async def _spoken(self, id_: str, answer: Answer) -> None:
        """An operation's messages, to its last."""
        if answer.events is not None:
            await self._subscribed(id_, answer.events)
        elif answer.deferred is not None:
            await self._in_parts(id_, answer.deferred)
        else:
            await self._last(id_, answer)

    async def _subscribed(self, id_: str, events: Events) -> None:
        try:
            async for each in events:
                if not each.ran:
                    await self._last(id_, each)
                    return
                await self._say(messages.following(id_, each.text))
            await self._over(id_, messages.complete(id_))
        finally:
            await events.aclose()

    async def _in_parts(self, id_: str, parts: AsyncGenerator[bytes, None]) -> None:
        try:
            async for part in parts:
                await self._say(messages.following(id_, part))
            await self._over(id_, messages.complete(id_))
        finally:
            await parts.aclose()

    async def _broken(self, id_: str, trace_id: str, error: Exception) -> None:
        self._serving.observer.failure(trace_id, "socket", error)
        await self._over(id_, messages.error(id_, refused(InternalError(trace_id))["errors"]))

    async def _answer(self, envelope: Envelope, known: Known, trace_id: str) -> Answer:
        asking = Asking(
            envelope,
            known.caller,
            known.headers,
            trace_id=trace_id,
            trace=continued(known.headers),
            parts=known.parts,
        )
        run = partial(self._serving.subscriptions.run, transport="websocket")
        return await self._serving.persisted.answer(asking, run)

    async def _last(self, id_: str, answer: Answer) -> None:
        """An answer that nothing comes after. What never ran is an error, and that is the end."""
        if not answer.ran:
            await self._over(id_, messages.error(id_, answer.errors))
            return
        await self._say(messages.following(id_, answer.text))
        await self._over(id_, messages.complete(id_))

    async def _over(self, id_: str, message: str) -> None:
        """Say the last word of an operation: from then on the client may use its id again."""
        if self._running.get(id_) is asyncio.current_task():
            del self._running[id_]
            await self._say(message)

    async def _say(self, message: str) -> None:
        """Raises Closing for a client that takes nothing."""
        try:
            async with asyncio.timeout(self._serving.stall):
                await self._send({"type": "websocket.send", "text": message})
        except TimeoutError:
            raise TooSlow from None

    def _cut(self, closing: Closing) -> None:
        """Have the task that reads close the connection."""
        if not self._closing:
            self._end, self._ending = closing, True
            self._until.reschedule(asyncio.get_running_loop().time())

    @property
    def _closing(self) -> bool:
        return self._ending or self._until.expired()

    async def _close(self, closing: Closing) -> None:
        if isinstance(closing, TooSlow):
            _log.warning("a WebSocket was cut off: its client took nothing for %g s", self._serving.stall)
        try:
            reason = messages.reason(closing.reason)
            await self._send({"type": "websocket.close", "code": closing.code, "reason": reason})
        except OSError:
            pass  # it is gone already

    async def _ended(self) -> None:
        self._running.clear()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._known is not None:
            self._serving.slots.free(self._known.caller.client)


def _message(text: str | None) -> Message:
    if text is None:
        raise Closing(4400, "Messages must be text")
    try:
        return messages.read(text)
    except BadRequest as error:
        raise Closing(4400, str(error)) from None


def _at(expires: float | None) -> float | None:
    """When that is, on the event loop's clock."""
    return None if expires is None else asyncio.get_running_loop().time() + expires - time.time()
