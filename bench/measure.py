"""One system under one scenario: is its answer right, and what did answering cost. Knows /proc and wrk by name only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench import wrk
from bench.process import forget_peak, usage
from bench.scenarios import Scenario, numbered
from bench.systems import Running
from bench.upstream import Upstream


class WrongAnswer(Exception):
    """A figure for a wrong answer would be worth nothing."""


@dataclass(frozen=True)
class Figures:
    """Of one repetition. Times in seconds, memory in bytes; `calls` are upstream calls per request."""

    per_second: float
    p50: float
    p99: float
    cpu: float
    rss: int
    peak: int
    calls: float


def ask(system: Running, body: str) -> bytes:
    headers = {"content-type": "application/json", **({"x-api-key": system.key} if system.key else {})}
    request = urllib.request.Request(system.url, body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            said: bytes = answer.read()
            return said
    except urllib.error.HTTPError as error:
        return error.read()


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def verify(system: Running, scenario: Scenario, body: str) -> int:
    """The size of a right answer in bytes. Members have to be in order; spaces between them do not count."""
    said = ask(system, body)
    try:
        got = compact(json.loads(said))
    except ValueError:
        got = repr(said)
    wanted = compact({"data": scenario.answer()})
    if got != wanted:
        raise WrongAnswer(f"{system.name}, {scenario.name}: got {got[:300]}, not {wanted[:300]}")
    return len(said)


def verify_all(system: Running, scenario: Scenario) -> int:
    """The first and the last of its documents, with two numbers each."""
    bodies = scenario.bodies()
    pairs = ((body, number) for body in {bodies[0], bodies[-1]} for number in (1, 2))
    return min(verify(system, scenario, numbered(body, number)) for body, number in pairs)


def loaded(
    system: Running, upstream: Upstream, bodies: Path, *, seconds: float, size: int, connections: int = 50
) -> Figures:
    """Under connections that never pause. `size` is what `verify` said: a shorter answer is a wrong one."""
    forget_peak(system.pid)
    calls, before = upstream.count(), usage(system.pid)
    load = wrk.run(system.url, bodies, seconds=seconds, connections=connections, key=system.key)
    after, called = usage(system.pid), upstream.count() - calls
    if load.failed or load.answer_bytes < size:
        raise WrongAnswer(f"{system.name}: {load.failed} of {load.requests} failed, {load.answer_bytes:.0f} bytes each")
    return Figures(
        per_second=load.per_second,
        p50=load.p50,
        p99=load.p99,
        cpu=(after.cpu - before.cpu) / load.requests,
        rss=after.rss,
        peak=after.peak,
        calls=called / load.requests,
    )
