"""Sampled stacks, as py-spy's raw format writes them, and what they say. Pure but for `record`; knows py-spy.

One line a stack: frames from the root, separated by `;`, then a space and how often it was seen. A frame of Python ends
in `(file.py:line)`, another in the library that it is of; one of our machine code is told as what it was made of.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from machine_code import HOLDS, modules

PY_SPY = Path(__file__).parent / ".venv" / "bin" / "py-spy"
RATE = "150"  # a second; more would take the processor from who is looked at
COLLECTOR = "gc_collect_main"
COLLECTING = "(garbage collection)"
PYTHON = re.compile(r"\.pyx?(:\d+)?\)$")
ENDS = r"(?:_____mypyc_generator_helper__|_clear_on_completion)?(?:\.\w+)*"  # of what mypyc and gcc add
MADE = re.compile(rf"^CPyDef_(\w+?)(?:_gen)?{ENDS} \({HOLDS}")
Stack = tuple[str, ...]


class NotPermitted(Exception):
    """py-spy may not look into a process: it says why."""


def record(pid: int, seconds: int, samples: Path) -> None:
    command = [str(PY_SPY), "record", "--pid", str(pid), "--duration", str(seconds), "--rate", RATE, "--format", "raw"]
    done = subprocess.run(
        [*command, "--native", "--function", "--output", str(samples)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotPermitted(done.stderr.strip())


def parse(samples: str) -> Iterator[tuple[Stack, int]]:
    for line in samples.splitlines():
        frames, _, count = line.rpartition(" ")
        yield tuple(map(named, frames.split(";"))), int(count)


@cache
def named(frame: str) -> str:
    """With the module that machine code was made of; mypyc's names begin with as much of a module's as it takes."""
    made = MADE.match(frame)
    if made is None:
        return frame
    begins = {
        "___".join(parts[first:]) + "___": "/".join(parts)
        for parts in (module.split(".") for module in modules())
        for first in range(len(parts))
    }
    known = max((each for each in begins if made[1].startswith(each)), key=len, default="")
    return f"{made[1].removeprefix(known).replace('___', '.')} ({begins[known]}.py)" if known else frame


def own(stack: Stack) -> str:
    """Whose time it is: the collector's, or that of the innermost Python function, which C works for."""
    if any(frame.startswith(COLLECTOR) for frame in stack):
        return COLLECTING
    return next((frame for frame in reversed(stack) if PYTHON.search(frame)), stack[-1])


def tally(samples: str) -> tuple[Counter[str], Counter[str]]:
    """Samples by function: those that are its own, and those that it was anywhere in."""
    mine: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack, count in parse(samples):
        mine[own(stack)] += count
        within.update(dict.fromkeys((*stack, own(stack)), count))
    return mine, within


def top(samples: str, most: int = 40) -> str:
    mine, within = tally(samples)
    every = sum(mine.values()) or 1
    rows = (f"{count / every:6.1%} {within[name] / every:6.1%}  {name}" for name, count in mine.most_common(most))
    return "\n".join(("   own within  function", *rows))
