"""Load: wrk, and what it said. Knows bodies and an address; knows neither scenarios nor systems."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("wrk.lua")
WRK = shutil.which("wrk")
PATIENCE = 30  # seconds; an answer that takes longer is a failed one


class LoadFailed(Exception):
    """wrk did not say what it measured."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk measured. Times in seconds; `failed`: not answered in time, or not with 2xx."""

    requests: int
    seconds: float
    answer_bytes: float  # of the mean answer, its head among them
    p50: float
    p99: float
    failed: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def parse(output: str) -> Load:
    """The line of JSON that wrk.lua prints at the end of wrk's own report."""
    said = next((json.loads(line) for line in output.splitlines() if line.startswith("{")), None)
    if said is None or not said["requests"] or said["seconds"] <= 0:
        raise LoadFailed(output.strip() or "wrk printed nothing")
    return Load(
        requests=said["requests"],
        seconds=said["seconds"],
        answer_bytes=said["bytes"] / said["requests"],
        p50=said["p50"] / 1e6,
        p99=said["p99"] / 1e6,
        failed=said["failed"] + said["sent"] - said["requests"],
    )


def _unused_number() -> int:
    """Microseconds: no load sends more than that, so what one run numbers no other did. An Int of GraphQL's."""
    return time.time_ns() // 1_000 % 1_000_000_000


def write_bodies(file: Path, bodies: Sequence[str]) -> None:
    file.write_text("".join(f"{body}\n" for body in bodies))


def run(url: str, bodies: Path, *, seconds: float, connections: int, key: str = "") -> Load:
    """Requests for so many seconds, and until the last answer has come."""
    longest = math.ceil(seconds) + PATIENCE
    command = [WRK or "wrk", "-t1", f"-c{connections}", f"-d{longest}s", "--timeout", f"{PATIENCE}s", "-s", str(SCRIPT)]
    command += [url, "--", str(bodies), str(seconds), str(_unused_number()), *([key] if key else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=longest + PATIENCE)
    return parse(done.stdout + done.stderr)
