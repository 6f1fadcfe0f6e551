"""Facts as lines on a stream: JSON for machines, columns for a terminal. The only module that knows structlog.

A line never holds a header, a variable or the address of a call: facts have none, and from what an exception says
addresses are cut out.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from bff import codec
from bff.telemetry.documents import DocumentFact
from bff.telemetry.facts import Exchange, OperationFact, Passage
from bff.telemetry.lines import Lines
from bff.telemetry.printable import printable
from bff.telemetry.subscriptions import SubscriptionEnd, SubscriptionFact

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["json", "text"]
Log = FilteringBoundLogger

MAX_MESSAGE, MAX_STACK = 1_000, 20_000  # characters; the end of a stack is what tells

_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)


def open_log(stream: TextIO, level: Level, form: Form) -> Log:
    """A logger that writes lines to `stream`, from `level` up."""
    lines: list[Processor] = [
        _line,
    ]
    columns: list[Processor] = [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        _tame,
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False),
    ]
    logger: Log = structlog.wrap_logger(
        Lines(stream),
        processors=[structlog.processors.add_log_level, *(lines if form == "json" else columns)],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
    )
    return logger.bind()  # else each line would bind one anew


def _json(line: dict[str, Any]) -> str:
    """ASCII: whatever is not stands as an escape. Nearly every line is, and is written the fast way."""
    try:
        text = codec.encode(line)
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(line, default=datetime.isoformat)
    return text.decode("ascii") if text.isascii() else json.dumps(codec.decode(text))


class LogObserver:
    """An observer that writes what it is told: operations as info, exchanges as debug, failures as errors."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._tells_operations = log.is_enabled_for(logging.INFO)
        self.hears_calls = log.is_enabled_for(logging.DEBUG)

    def exchange(self, fact: Exchange) -> None:
        """A line for every call, which is written only where somebody looks for it."""
        self._log.debug(
            "exchange",
            upstream=fact.upstream,
            label=fact.label,
            status=fact.status,
            error=fact.error,
            waited_ms=_milliseconds(fact.waited),
            ms=_milliseconds(fact.seconds),
            request_bytes=fact.request_bytes,
            response_bytes=fact.response_bytes,
            cache=fact.cache,
            shared=fact.shared,
            repeated=fact.repeated,
        )

    def operation(self, fact: OperationFact) -> None:
        """A line for every operation, which is written only where somebody looks for it."""
        if self._tells_operations:
            self._operation(fact)

    def _operation(self, fact: OperationFact) -> None:
        self._log.info(
            "operation",
            trace_id=fact.trace_id,
            trace=fact.trace,
            client=fact.client,
            tier=fact.tier,
            name=fact.name,
            kind=fact.kind,
            status=fact.status,
            code=fact.code,
            errors=fact.errors,
            price=fact.price,
            planned_calls=fact.planned_calls,
            upstream_calls=fact.upstream_calls,
            shared=fact.shared,
            ms=_milliseconds(fact.seconds),
        )

    def document(self, fact: DocumentFact) -> None:
        """What stands between a tier and `required` as info; what is as it should be as debug."""
        say = self._log.info if fact.outcome in {"logged", "refused"} else self._log.debug
        say(
            "document",
            trace_id=fact.trace_id,
            client=fact.client,
            tier=fact.tier,
            outcome=fact.outcome,
            document=fact.document,
            operation=fact.operation,
        )

    def connected(self, sockets: int) -> None: ...

    def subscribed(self, fact: SubscriptionFact) -> None:
        self._log.info("subscription", state="began", **_subscription(fact))

    def event(self, fact: SubscriptionFact, code: str | None) -> None:
        self._log.debug("event", trace_id=fact.trace_id, code=code)

    def unsubscribed(self, fact: SubscriptionFact, end: SubscriptionEnd) -> None:
        self._log.info(
            "subscription",
            state="ended",
            **_subscription(fact),
            end=end.reason,
            code=end.code,
            events=end.events,
            ms=_milliseconds(end.seconds),
        )

    def passage(self, fact: Passage) -> None:
        self._log.info(
            "passage",
            trace_id=fact.trace_id,
            route=fact.route,
            method=fact.method,
            client=fact.caller,
            status=fact.status,
            code=fact.code,
            spent=fact.spent,
            ms=_milliseconds(fact.seconds),
        )

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        self._log.error("failure", trace_id=trace_id, place=place, **raised(error))

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        """As info: whoever is refused decides how many of these there are."""
        self._log.info("denied", trace_id=trace_id, code=code, detail=without_addresses(detail))

    def store(self, state: Literal["up", "down"], reason: str) -> None:
        """Quotas are kept by each process for itself while the store is down."""
        (self._log.warning if state == "down" else self._log.info)("store", state=state, reason=reason)

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None:
        """While it is open, calls fail at once, and the log has no line for each."""
        (self._log.warning if state == "open" else self._log.info)(
            "circuit", upstream=upstream, state=state, reason=reason
        )


def raised(error: BaseException) -> dict[str, str]:
    """What was raised and where. Local variables are never shown: they hold what clients sent."""
    stack = "".join(traceback.format_exception(error))
    return {
        "error_type": type(error).__name__,
        "error_message": without_addresses(str(error))[:MAX_MESSAGE],
        "stack": without_addresses(stack)[-MAX_STACK:],
    }


def without_addresses(text: str) -> str:
    """As it is, except that nobody reads in it which address was called."""
    return _ADDRESS.sub("<address>", text)


def _line(_logger: Any, _method: str, event: EventDict) -> str:
    """One line of JSON, with what people look for in front. One step: each of structlog's own costs microseconds."""
    time = datetime.now(UTC)
    return _json({"time": time, "level": event.pop("level"), "event": event.pop("event"), **event})


def _tame(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = printable(value, keep="\n\t" if key == "stack" else "")
    return event


def _subscription(fact: SubscriptionFact) -> dict[str, str | None]:
    return {
        "trace_id": fact.trace_id,
        "client": fact.client,
        "tier": fact.tier,
        "name": fact.name,
        "transport": fact.transport,
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 1)
