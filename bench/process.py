"""Programs that this run started, what they used, and their end: by their own id, never by name.

CPU time and memory are those of the whole family, from /proc (proc(5)): a server may be several processes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 30.0  # seconds


class DidNotStart(Exception):
    """With the last lines that it printed."""


@dataclass(frozen=True)
class Usage:
    """`cpu` in seconds, of all who are alive; `rss` and `peak` in bytes."""

    cpu: float
    rss: int
    peak: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def family(pid: int) -> list[int]:
    """A process and all below it."""
    with contextlib.suppress(OSError):
        tasks = [Path(task, "children").read_text().split() for task in Path(f"/proc/{pid}/task").iterdir()]
        return [pid, *(each for below in tasks for child in below for each in family(int(child)))]
    return []


def _one(pid: int) -> Usage:
    # The name may hold spaces and brackets; what follows the last bracket are fields 3 and on.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return Usage((int(fields[11]) + int(fields[12])) / TICKS, int(fields[21]) * PAGE, int(peak.split()[1]) * 1024)


def usage(pid: int) -> Usage:
    each = [_one(member) for member in family(pid)]
    return Usage(sum(one.cpu for one in each), sum(one.rss for one in each), sum(one.peak for one in each))


def forget_peak(pid: int) -> None:
    """From here on `peak` counts anew; where that is not permitted, it goes on counting from the start."""
    for member in family(pid):
        with contextlib.suppress(OSError):
            Path(f"/proc/{member}/clear_refs").write_text("5")


def until(look: Callable[[], bool], doubt: Callable[[], str | None]) -> None:
    """Wait until `look` sees it. What `doubt` says ends the waiting as `DidNotStart`."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        said = doubt() or (time.monotonic() > deadline and "this never happened") or None
        if said:
            raise DidNotStart(said)
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _last_words(output: Path) -> str:
    return "\n".join(output.read_text("utf-8", "replace").splitlines()[-12:])


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], *, port: int, output: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator[int]:
    """The id of a server that listens on `port` by now. It and its family have ended when this is left."""
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        until(lambda: listens(port), lambda: _last_words(output) if process.poll() is not None else None)
        yield process.pid
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and its family: asked, and made to where they take too long. The group is theirs, nobody else is in it."""
    members = family(process.pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + 5
        while process.poll() is None or any(map(_lives, members)):
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        else:
            return


def _lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
