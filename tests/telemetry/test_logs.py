"""Lines of the log: what they say, what they never say, and that nothing in them can forge another."""

from __future__ import annotations

import gc
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bff.telemetry.bridge import adopt
from bff.telemetry.logs import Form, Level, LogObserver, open_log
from tests.telemetry.facts import EXCHANGE, OPERATION


class Log:
    def __init__(self, level: Level = "info", form: Form = "json") -> None:
        self._stream = io.StringIO()
        self.log = open_log(self._stream, level, form)
        self.observer = LogObserver(self.log)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The standard library's logging is the process's; it is put back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    yield
    root.handlers, root.level = handlers, level


def call_a_service() -> None:
    secret = "local variables are not told"
    raise ValueError("for url 'http://cities.internal:8000/cities?token=s3cret'", len(secret))


def raised() -> RuntimeError:
    """What a hand-written resolver may raise."""
    try:
        call_a_service()
    except ValueError as cause:
        error = RuntimeError("no\nlines\x1b[31m, see https://ana:pw@cities.internal/x")
        error.__cause__ = cause
        return error
    raise AssertionError


def test_a_refused_credential_is_a_line_with_its_cause() -> None:
    log = Log()
    log.observer.denied("c0ffee", "UNAUTHENTICATED", "iss is https://id.example/ and\nnot trusted")
    (line,) = log.lines
    del line["time"]
    assert line == {
        "level": "info",
        "event": "denied",
        "trace_id": "c0ffee",
        "code": "UNAUTHENTICATED",
        "detail": "iss is <address> and\nnot trusted",
    }


def test_an_operation_is_one_line_of_json() -> None:
    log = Log()
    log.observer.operation(OPERATION)
    (line,) = log.lines
    assert list(line)[:3] == ["time", "level", "event"]
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "operation",
        "trace_id": "c0ffee",
        "trace": "0af7651916cd43dd8448eb211c80319c",
        "client": "web",
        "tier": "partner",
        "name": "Lisbon",
        "kind": "query",
        "status": 200,
        "code": None,
        "errors": 0,
        "price": 12,
        "planned_calls": 3,
        "upstream_calls": 2,
        "shared": False,
        "ms": 12.3,
    }


@pytest.mark.parametrize("said", ["só ☃", "half \ud800 of a pair"])
def test_a_line_is_ascii_whatever_was_said(said: str) -> None:
    log = Log()
    log.observer.failure("c0ffee", "Query.post", ValueError(said))
    assert log.text.isascii()
    (line,) = log.lines
    assert line["error_message"] == said
    assert line["time"].startswith("20")


def test_calls_are_told_at_level_debug_by_their_template() -> None:
    quiet, talkative = Log("info"), Log("debug")
    for log in (quiet, talkative):
        log.observer.exchange(EXCHANGE)
    assert quiet.text == ""
    (line,) = talkative.lines
    assert (line["label"], line["ms"], line["waited_ms"]) == ("GET /cities{?id*}", 15.1, 1.0)


def test_a_failure_has_type_message_and_stack_but_no_address_and_no_variable() -> None:
    log = Log("error")
    log.observer.failure("c0ffee", "City.name", raised())
    (line,) = log.lines
    assert (line["level"], line["event"], line["trace_id"], line["place"]) == (
        "error",
        "failure",
        "c0ffee",
        "City.name",
    )
    assert (line["error_type"], line["error_message"]) == ("RuntimeError", "no\nlines\x1b[31m, see <address>")
    assert "in call_a_service" in line["stack"]
    assert "ValueError: (\"for url '<address>'\"" in line["stack"]
    for told in ("s3cret", "ana:pw", "cities.internal", "not told"):
        assert told not in log.text.replace('secret = "local', "")


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("name", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\x9b2Jb", "a\u2028b", "a\u202eb", "a\x00b"])
def test_no_character_forges_a_line_or_steers_a_terminal(form: Form, name: str) -> None:
    log = Log(form=form)
    log.log.info("operation", name=name)
    assert log.text.count("\n") == 1
    assert log.text.rstrip("\n").isprintable()


def test_what_other_libraries_warn_of_becomes_lines_too(own_logging: None) -> None:
    log = Log()
    adopt(log.log)
    other = logging.getLogger("some.library")
    other.info("not this")
    other.warning("odd %s", "request")
    other.error("bad", exc_info=raised())
    first, second = log.lines
    assert (first["level"], first["event"], first["logger"]) == ("warning", "odd request", "some.library")
    assert (second["level"], second["error_type"]) == ("error", "RuntimeError")


def test_who_adopts_again_leaves_nothing_of_the_handlers_before(own_logging: None) -> None:
    for _ in range(20):
        adopt(Log().log)
        gc.collect()
    assert len(logging.getLogger().handlers) == 1


def test_a_stream_that_is_gone_stops_nothing() -> None:
    stream = io.StringIO()
    observer = LogObserver(open_log(stream, "info", "json"))
    stream.close()
    observer.operation(OPERATION)
