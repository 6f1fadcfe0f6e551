"""What wrk said, read."""

from __future__ import annotations

import pytest

from bench.wrk import LoadFailed, parse

REPORT = """\
Running 32s test @ http://127.0.0.1:1/graphql
  1 threads and 50 connections
  Latency   256.57us  276.36us   9.71ms   99.09%
"""
LINE = '{"sent": 503, "requests": 500, "seconds": 2.5, "bytes": 10000, "p50": 1500, "p99": 20000, "failed": 2}'


def test_the_line_of_json_is_found_in_wrks_own_report() -> None:
    load = parse(REPORT + LINE + "\n")
    assert (load.per_second, load.answer_bytes, load.p50, load.p99) == (200.0, 20.0, 0.0015, 0.02)


def test_what_was_sent_and_never_answered_has_failed_too() -> None:
    assert parse(LINE).failed == 2 + 3


@pytest.mark.parametrize("output", ["", REPORT, LINE.replace('"requests": 500', '"requests": 0')])
def test_a_load_that_brought_no_answer_is_no_measurement(output: str) -> None:
    with pytest.raises(LoadFailed):
        parse(output)
