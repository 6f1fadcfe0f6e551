"""Operations whose document was named: the name becomes a text, and the operation runs as any other.

Knows no HTTP and no store. A request that sends its text and may, passes without a step more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bff.config.tiers import Mode
from bff.errors import (
    BadRequest,
    BffError,
    DocumentNotTrusted,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
)
from bff.mask import refused
from bff.operation import Answer, Asking
from bff.persisted.automatic import Automatic
from bff.persisted.digest import digest
from bff.persisted.trusted import TrustedDocuments
from bff.telemetry import DocumentFact, Observer, OperationFact
from bff.telemetry.documents import Outcome

Run = Callable[[Asking], Awaitable[Answer]]

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class Persisted:
    """What the documents of requests are called. `modes` says by tier whether they have to be trusted."""

    trusted: TrustedDocuments
    automatic: Automatic | None  # None: only what is trusted has a name
    modes: Mapping[str, Mode]
    observer: Observer
    tell: Callable[[DocumentFact], None]

    def answer(self, asking: Asking, run: Run) -> Awaitable[Answer]:
        """What `run` answers, once the document is known; or why it is not run."""
        if asking.envelope.document_id is None and self.modes[asking.caller.tier] == "allowed":
            return run(asking)
        return self._named(asking, run)

    async def aclose(self) -> None:
        if self.automatic is not None:
            await self.automatic.aclose()

    async def _named(self, asking: Asking, run: Run) -> Answer:
        started = asyncio.get_running_loop().time()
        try:
            text = await self._text(asking)
            self._check(asking, text)
        except BffError as refusal:
            return self._refused(refusal, asking, asyncio.get_running_loop().time() - started)
        answer = await run(replace(asking, envelope=replace(asking.envelope, query=text)))
        ran = answer.data is not None or answer.events is not None
        if ran:  # the answer that explains a plan has neither: nothing was run
            self._register(asking)
        return answer

    async def _text(self, asking: Asking) -> str:
        """The document that is asked for. Raises BffError."""
        envelope = asking.envelope
        name = envelope.document_id
        if name is None:
            return envelope.query
        if envelope.query:
            self._check_name(asking, name)
            return envelope.query
        found = await self._find(name, asking.caller.client)
        self._tell(asking, "hit" if found else "miss")
        if found:
            return found
        raise PersistedQueryNotFound if self.automatic or self.trusted.texts else PersistedQueryNotSupported

    async def _find(self, name: str, client: str) -> str | None:
        found = self.trusted.texts.get(name)
        if found is None and self.automatic is not None and _DIGEST.fullmatch(name):
            return await self.automatic.find(name, client)
        return found

    def _check_name(self, asking: Asking, name: str) -> None:
        text = asking.envelope.query
        if self.trusted.texts.get(name) != text and name != digest(text):
            self._tell(asking, "mismatch")
            raise BadRequest("The name of the document is not that of the text sent with it: its SHA-256 is.")

    def _check(self, asking: Asking, text: str) -> None:
        mode = self.modes[asking.caller.tier]
        if mode == "allowed" or text in self.trusted.known:
            return
        if mode == "required":
            self._tell(asking, "refused", text)
            raise DocumentNotTrusted
        self._tell(asking, "logged", text)

    def _register(self, asking: Asking) -> None:
        """Only what ran is kept: it is valid, within the limits of who sent it, and was paid for."""
        name, text = asking.envelope.document_id, asking.envelope.query
        if not (name and text and self.automatic) or text in self.trusted.known:
            return
        if self.automatic.register(name, text, asking.caller.client):
            self._tell(asking, "registered")

    def _tell(self, asking: Asking, outcome: Outcome, text: str = "") -> None:
        envelope, caller = asking.envelope, asking.caller
        name = digest(text) if text else envelope.document_id or ""
        self.tell(DocumentFact(asking.trace_id, caller.client, caller.tier, outcome, name, envelope.operation_name))

    def _refused(self, refusal: BffError, asking: Asking, seconds: float) -> Answer:
        self.observer.operation(_fact(refusal, asking, seconds))
        return Answer(**refused(refusal))


def _fact(refusal: BffError, asking: Asking, seconds: float) -> OperationFact:
    return OperationFact(
        trace_id=asking.trace_id,
        client=asking.caller.client,
        tier=asking.caller.tier,
        name=None,
        kind="",
        status=refusal.status,
        code=refusal.code,
        errors=1,
        price=0,
        planned_calls=0,
        upstream_calls=0,
        seconds=seconds,
        trace=asking.trace.trace_id,
    )
