"""One connector called: its rows, and what of its answers the graph cannot live with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from bff.connectors import Connector
from bff.connectors.paging import MalformedPage, Paged, Paging
from bff.connectors.path import reader, shown
from bff.connectors.rows import row_of, rows_of
from bff.drift.asking import SIZE, Asking
from bff.drift.batches import KNOWN, Behaviour, behaviour, shuffled, unlike
from bff.drift.caller import Caller
from bff.drift.report import Batch, Drift, Kind
from bff.errors import UpstreamError, UpstreamMalformed, UpstreamRefused, UpstreamStatus
from bff.plan.brought import Brought
from bff.plan.call import MAX_TARGET, MISSING, TypedError
from bff.upstreams import Headers

TRIES = 3  # of different values, where nothing comes for the first


@dataclass(slots=True)
class Visit:
    """What comes of one connector. Run once."""

    ask: Asking
    brought: Brought
    caller: Caller
    rows: list[Any] = record(default_factory=list)
    drift: list[Drift] = record(default_factory=list)
    batch: Batch | None = None
    calls: int = 0
    headers: Headers = ()  # of the last answer

    @property
    def connector(self) -> Connector:
        return self.ask.connector

    @property
    def coordinate(self) -> str:
        return self.brought.uses[0].field.coordinate

    async def run(self) -> None:
        """Raises Enough where no more calls may be made; whatever else goes wrong is drift."""
        try:
            await (self._batched() if self.connector.batched else self._single())
        except UpstreamError as error:
            self._wrong(*_told(self.connector, error))

    async def _single(self) -> None:
        tried: list[Mapping[str, Any]] = []
        for choice in range(TRIES):
            values = self.ask.values(choice)
            if values in tried:
                return
            tried.append(values)
            answer = await self._answer(values)
            if answer is not MISSING and not isinstance(answer, TypedError):
                self._take(answer)
            if self.rows or self.drift:
                return

    async def _answer(self, values: Mapping[str, Any]) -> Any:
        self.calls += 1
        paging = self.connector.paging
        asked = {**values, **(paging.ask(SIZE, None) if paging else {})}
        answer, self.headers = await self.caller.answer(self.connector, asked)
        return answer

    def _take(self, answer: Any) -> None:
        connector = self.connector
        if connector.many:
            self.rows = rows_of(connector, answer)
        else:
            row = row_of(connector, answer)
            self.rows = [] if row is None else [row]
        if connector.paging:
            self._take_page(connector.paging, Paged(answer, self.rows, self.headers))

    def _take_page(self, paging: Paging, came: Paged) -> None:
        if paging.total is not None and came.count(paging.total) is None:
            self._wrong("TOTAL", f"no number at '{shown(paging.total)}', which says how many rows there are")
        try:
            paging.cut(came, SIZE, None)
        except MalformedPage as error:
            self._wrong("SHAPE", str(error))

    async def _batched(self) -> None:
        """Ask for keys that should be there, shuffled, with one among them that is not; then for as many as may be."""
        (name,) = self.connector.key
        known = self.ask.choices[name][: min(KNOWN, max(1, self.connector.max_batch - 1))]
        strange = unlike(self.ask.choices[name], 1) if self.connector.max_batch > 1 else []
        asked = shuffled(known, strange[0]) if strange else [str(key) for key in known]
        answer = await self._tolerated({**self.ask.values(), name: asked})
        refused = answer is None
        if refused:
            asked = [key for key in asked if key not in strange]
            answer = await self._answer({**self.ask.values(), name: asked})
            if answer is not MISSING:
                self._wrong("GAPS", "one key that nothing has fails the whole call, and all keys of the batch with it")
        if answer is MISSING or isinstance(answer, TypedError):
            return
        found = behaviour(self.connector, answer, asked, strange[0] if strange else "")
        for kind, message in found.wrong:
            self._wrong(kind, message)
        self.rows = _rows(self.connector, answer)
        most = len(asked) if refused or not found.found else await self._cap(name, known, found)
        gaps = "refused" if refused else found.gaps
        label, upstream = self.connector.label, self.connector.upstream
        self.batch = Batch(upstream, label, found.order, gaps, found.repeated, found.surplus, most)

    async def _tolerated(self, values: Mapping[str, Any]) -> Any:
        """The answer; None where an unknown key seems to be too much for the service."""
        try:
            answer = await self._answer(values)
        except (UpstreamStatus, UpstreamRefused):
            return None
        return None if answer is MISSING else answer

    async def _cap(self, name: str, known: Sequence[Any], before: Behaviour) -> int:
        """Whether as many keys as `max_batch` says are answered, those at the end too. The most that were asked for."""
        texts = [str(key) for key in known]
        keys = [*unlike(self.ask.choices[name], self.connector.max_batch - len(texts)), *texts]
        while len(keys) > len(texts) and len(self._target(name, keys)) > MAX_TARGET:
            keys = keys[len(keys) // 4 + 1 :]
        if len(keys) <= len(texts) + 1:
            return len(texts) + 1
        declared = f"max_batch={self.connector.max_batch}"
        try:
            answer = await self._answer({**self.ask.values(), name: keys})
        except (UpstreamStatus, UpstreamRefused) as error:
            self._wrong("CAP", f"{declared}, but {len(keys)} keys at once are refused (status {error.http_status})")
            return len(keys)
        found = 0 if answer is MISSING else behaviour(self.connector, answer, keys, "").found
        if found < before.found:
            self._wrong("CAP", f"{declared}, but of {len(keys)} keys at once {before.found - found} bring nothing")
        return len(keys)

    def _target(self, name: str, keys: Sequence[str]) -> str:
        return self.connector.template.expand({**self.ask.values(), name: keys})

    def _wrong(self, kind: Kind, message: str) -> None:
        self.drift.append(Drift(self.coordinate, kind, message, self.connector.upstream, self.connector.label))


def _told(connector: Connector, error: UpstreamError) -> tuple[Kind, str]:
    """What an error of a call means for the graph. Details are ours: they hold labels and no values."""
    if isinstance(error, UpstreamStatus):
        credential = error.http_status in {401, 403}
        hint = f"; a token can be given: --header {connector.upstream}:authorization=…" if credential else ""
        return "STATUS", f"status {error.http_status}{hint}"
    if isinstance(error, UpstreamMalformed):
        return "SHAPE", error.detail.removeprefix(f"{connector.label}: ")
    if isinstance(error, UpstreamRefused):
        return "STATUS", f"the service refused the call, with an error at '{connector.error}' of its answer"
    return "UNREACHABLE", str(error)


def _rows(connector: Connector, answer: Any) -> list[Any]:
    found = reader(connector.rows)(answer)
    if connector.by_key:
        values = list(found.values()) if isinstance(found, dict) else []
        return [row for value in values for row in (value if isinstance(value, list) else [value]) if row is not None]
    return [row for row in found if row is not None] if isinstance(found, list) else []
