"""What other libraries log, as lines of our own log. Knows the standard library's handlers, and no line's form."""

from __future__ import annotations

import logging

from bff.telemetry.logs import Log, raised, without_addresses


def adopt(log: Log) -> None:
    """Let everything that other libraries log, from warnings up, become lines of `log`."""
    logging.basicConfig(handlers=[_Bridge(log)], level=logging.WARNING, force=True)


class _Bridge(logging.Handler):
    """Its records as lines. `logging` keeps weak references to handlers: this one may not be machine code."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        say = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        say(without_addresses(record.getMessage()), logger=record.name, **(raised(error) if error else {}))
