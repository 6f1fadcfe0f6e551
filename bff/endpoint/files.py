"""The files of one request, read from its body when they are wanted and not before.

Who reads a file reads the body on until some of it comes; what comes of other files on the way is put aside (`spool`).
So a file that is wanted when it comes goes from socket to socket, as fast as the slower of them, and is never held.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Receive

from bff.connectors import Incoming
from bff.connectors.file import Label
from bff.endpoint.form_data import Begin, End, Event, FormData
from bff.endpoint.mapped import places, shown, used_often, with_files
from bff.endpoint.spool import Spool
from bff.envelope import Envelope
from bff.errors import BadRequest, BadUserInput, BffError, RequestTimeout, RequestTooLarge

SOON = 1.0  # seconds
_BINARY = "application/octet-stream"
_UNNAMED = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Bytes, but where it says otherwise."""

    max_field: int  # of `operations`, and of `map`
    max_file: int
    max_files: int  # a number
    max_total: int
    timeout: float  # seconds until all have come


class Files:
    """Those of one request. Close it when nobody reads them any more."""

    def __init__(self, form: FormData, receive: Receive, limits: UploadLimits) -> None:
        self._failure: BffError | None = None  # what is wrong with the body, once somebody came upon it
        self._form = form
        self._receive = receive
        self._limits = limits
        self._events: deque[Event] = deque()
        self._more = True
        self._deadline = asyncio.get_running_loop().time() + limits.timeout
        self._left = limits.max_total + 2 * limits.max_field
        self._files: dict[str, _File] = {}
        self._at: _File | None = None  # the one that comes now
        self._turn = asyncio.Lock()

    async def envelope(self) -> Envelope:
        """What is asked for. Raises BadRequest and RequestTooLarge. The files are still to come."""
        operations = await self._field("operations")
        mapped = places(await self._field("map"), self._limits.max_files)
        self._files = {name: _File(self, name) for name in mapped}
        found = with_files(operations, mapped, lambda name: Incoming(self._files[name]))
        for name, paths in mapped.items():
            self._files[name].kept = used_often(found, paths)
        return found

    async def read_on(self, wanting: _File, taken: int) -> bytes:
        """Some of this file; nothing, where more of it than `taken` is put aside, or it has ended. Raises BffError."""
        async with self._turn:
            while not wanting.ended and wanting.aside <= taken:
                event = await self._event()
                if isinstance(event, bytes) and self._at is wanting and not wanting.kept:
                    wanting.count(event)
                    return event
                await self._take(event)
        return b""

    async def begun(self, wanting: _File) -> Label:
        async with self._turn:
            while wanting.told is None:
                await self._take(await self._event())
        return wanting.told

    def check(self) -> None:
        """Raises what was wrong with the body: then it was no request, whatever of it has run."""
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))

    async def finished(self) -> bool:
        """Whether the body has come to its end. What follows the last file is nothing, and there soon."""
        if self._failure is None and self._files and all(file.ended for file in self._files.values()):
            with suppress(BffError, TimeoutError):
                async with asyncio.timeout(SOON):
                    while self._more:
                        await self._event()
        return not self._more

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    async def _field(self, name: str) -> bytes:
        """The next part, which has to be this field."""
        begin, raw = await self._event(), b""
        if not isinstance(begin, Begin) or begin.name != name:
            raise self._failed(
                BadRequest(f"The parts must be 'operations', 'map', and then the files: '{name}' is missing.")
            )
        while isinstance(event := await self._event(), bytes):
            raw += event
            if len(raw) > self._limits.max_field:
                message = f"Field '{name}' is over the limit of {self._limits.max_field} bytes."
                raise self._failed(RequestTooLarge(message))
        return raw

    async def _event(self) -> Event | None:
        """What comes next; None at the end. Raises BffError, and the same again to whoever asks after that."""
        self.check()
        while not self._events:
            if not self._more:
                self._over()
                return None
            try:
                self._events.extend(self._form.read(await self._bytes()))
            except BffError as failure:
                raise self._failed(failure) from None
        return self._events.popleft()

    def _over(self) -> None:
        missing = [file.name for file in self._files.values() if not file.ended]
        if not self._form.whole:
            raise self._failed(BadRequest("The body ended early."))
        if missing:
            raise self._failed(BadRequest(f"Field 'map' names the file {shown(missing[0])}, which did not come."))

    async def _bytes(self) -> bytes:
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise RequestTimeout("The body did not come in time.") from None
        if message["type"] == "http.disconnect":
            self._more = False
            raise BadRequest("The body ended early.")
        raw: bytes = message.get("body", b"")
        self._more = message.get("more_body", False)
        self._left -= len(raw)
        if self._left < 0:
            raise RequestTooLarge(f"The files are over the limit of {self._limits.max_total} bytes together.")
        return raw

    async def _take(self, event: Event | None) -> None:
        """Put aside what nobody waits for."""
        if isinstance(event, Begin):
            self._at = self._file(event)
            self._at.begin(event)
        elif self._at is not None and isinstance(event, bytes):
            self._at.count(event)
            await self._at.put_aside(event)
        elif self._at is not None and isinstance(event, End):
            self._at.ended, self._at = True, None

    def _file(self, event: Begin) -> _File:
        found = self._files.get(event.name)
        if found is None:
            raise self._failed(BadRequest("A file came that field 'map' does not name."))
        if found.told is not None:
            raise self._failed(BadRequest("Two files came by one name."))
        return found

    def check_size(self, size: int) -> None:
        """Raises RequestTooLarge for a file of so many bytes."""
        if size > self._limits.max_file:
            raise self._failed(RequestTooLarge(f"A file is over the limit of {self._limits.max_file} bytes."))

    def _failed(self, failure: BffError) -> BffError:
        self._failure = failure
        return failure


class _File:
    """One of them: what of it has come, and what of that is put aside."""

    __slots__ = ("_files", "_size", "_spool", "_wanted", "ended", "kept", "name", "told")

    def __init__(self, files: Files, name: str) -> None:
        self.name = name
        self.told: Label | None = None
        self.ended = False
        self.kept = False  # more than one may read it, so all of it is put aside
        self._files = files
        self._size = 0
        self._spool: Spool | None = None
        self._wanted = False

    async def label(self) -> Label:
        return self.told or await self._files.begun(self)

    async def pieces(self) -> AsyncIterator[bytes]:
        if self._wanted and not self.kept:
            raise BadUserInput("A file is sent on while it comes, and so to one place only: name it twice in 'map'.")
        self._wanted, taken = True, 0
        while True:
            if self._spool is not None and taken < self._spool.size:
                piece = await self._spool.read(taken)
                taken += len(piece)
            elif self.ended:
                return
            else:
                piece = await self._files.read_on(self, taken)
            if piece:
                yield piece

    def begin(self, event: Begin) -> None:
        self.told = Label(event.filename or _UNNAMED, event.media_type or _BINARY)

    def count(self, raw: bytes) -> None:
        self._size += len(raw)
        self._files.check_size(self._size)

    async def put_aside(self, raw: bytes) -> None:
        if self._spool is None:
            self._spool = Spool()
        await self._spool.write(raw)

    @property
    def aside(self) -> int:
        return self._spool.size if self._spool is not None else 0

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()
