"""A run: each scenario with its systems side by side, repetitions in turn. Starts and ends them; tells nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from bench import measure, profile, stacks, systems, wrk
from bench.measure import Figures, WrongAnswer
from bench.process import DidNotStart
from bench.results import Cell
from bench.scenarios import BY_NAME, LISTS, Scenario
from bench.systems import Place, Running, System
from bench.upstream import Upstream
from bench.wrk import LoadFailed

EVERYBODY = ("ours", "plain", "apollo", "jit")
LAYERED = "layers"
# Tailcall takes part with what serves it best; where that joins the calls of several callers, without it too.
TAKING_PART = {
    "batched": (*EVERYBODY, "jit-http", "tailcall", "floor"),
    "by-id": (*EVERYBODY, "jit-http", "tailcall", "tailcall-bare", "floor"),
    "titles": (*EVERYBODY, "tailcall-bare", "floor"),
    "constant": (*EVERYBODY, "tailcall-bare", "floor"),
    "travel": (*EVERYBODY, "tailcall"),
    "identical": ("ours-shared", *EVERYBODY[1:], "tailcall-dedupe"),
    "documents": (*EVERYBODY, "tailcall"),
    "unseen": (*EVERYBODY, "tailcall"),
    **{each.name: (*EVERYBODY, "tailcall-bare") for each in LISTS},
    LAYERED: ("ours",),
}
FAILURES = (DidNotStart, WrongAnswer, LoadFailed, OSError)


@dataclass(frozen=True)
class Pace:
    """Seconds under load, and how often. `longest_warm`: who takes longer for many documents keeps nothing of them."""

    warm: float
    longest_warm: float
    seconds: float
    repetitions: int


FULL = Pace(warm=1, longest_warm=10, seconds=2, repetitions=3)
QUICK = Pace(warm=0.2, longest_warm=5, seconds=0.6, repetitions=1)


@dataclass(frozen=True)
class Stage:
    place: Place
    services: Upstream
    pace: Pace


@dataclass(frozen=True)
class Contender:
    """One that answered rightly. `load` is a repetition."""

    name: str
    load: Callable[[float], Figures]


SEEN = 3  # times that each of many documents is sent before a figure is taken
QUICKLY = tuple(name for name in TAKING_PART if name not in {"documents", "unseen"})
# A layer costs too little to be seen in three repetitions of whatever else the machine does.
OFTEN = {LAYERED: 2}


def scenario_of(name: str) -> Scenario:
    """What each layer costs is seen best where there is little else."""
    return BY_NAME["constant" if name == LAYERED else name]


def contenders(name: str, wanted: Sequence[str]) -> Mapping[str, System]:
    """Empty where none of `wanted` takes part."""
    chosen = {each: systems.SYSTEMS[each] for each in TAKING_PART[name] if not wanted or each in wanted}
    return systems.layered() if name == LAYERED and chosen else chosen


def measured(name: str, taking_part: Mapping[str, System], stage: Stage) -> list[Cell]:
    """One scenario. Who cannot start, or answers wrongly, is told of and left out."""
    scenario = scenario_of(name)
    cells = {each: Cell(name, each) for each in taking_part}
    with contextlib.ExitStack() as running:
        ready = []
        for each, system in taking_part.items():
            try:
                ready.append(_readied(each, running.enter_context(system.start(stage.place)), scenario, stage))
            except FAILURES as error:
                cells[each] = replace(cells[each], failure=_short(error))
        for contender, figures in _in_turn(
            ready, replace(stage.pace, repetitions=stage.pace.repetitions * OFTEN.get(name, 1))
        ):
            before = cells[contender]
            if isinstance(figures, Figures):
                cells[contender] = replace(before, figures=(*before.figures, figures))
            else:
                cells[contender] = replace(before, figures=(), failure=_short(figures))
    return list(cells.values())


def _readied(name: str, system: Running, scenario: Scenario, stage: Stage) -> Contender:
    bodies = stage.place.folder / scenario.name
    wrk.write_bodies(bodies, scenario.bodies())
    size = measure.verify_all(system, scenario)
    connections = 1 if scenario in LISTS else 50
    load = partial(measure.loaded, system, stage.services, bodies, size=size, connections=connections)
    warm(lambda seconds: load(seconds=seconds), scenario, stage.pace)
    return Contender(name, lambda seconds: _unshared(name, scenario, load(seconds=seconds)))


def warm(load: Callable[[float], Figures], scenario: Scenario, pace: Pace) -> None:
    """Until each of its documents has been seen: what is kept of one is not made under the load that counts."""
    found = load(pace.warm)
    if scenario.documents > 1:
        load(min(pace.longest_warm, SEEN * scenario.documents / found.per_second))


def _unshared(name: str, scenario: Scenario, figures: Figures) -> Figures:
    if name == "ours" and abs(figures.calls - scenario.calls) > 0.05:
        raise WrongAnswer(f"{figures.calls:.2f} calls for one operation, not {scenario.calls}: something is shared")
    return figures


def _in_turn(ready: Sequence[Contender], pace: Pace) -> Iterator[tuple[str, Figures | BaseException]]:
    """A B C, A B C: what disturbs the machine for a while disturbs all of them. Who fails once is out."""
    failed: set[str] = set()
    for _ in range(pace.repetitions):
        for each in ready:
            if each.name not in failed:
                try:
                    yield each.name, each.load(pace.seconds)
                except FAILURES as error:
                    failed.add(each.name)
                    yield each.name, error


def _short(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:400]


def profiled(name: str, stage: Stage, seconds: int) -> list[object]:
    """Ours alone, by layer."""
    samples = stage.place.folder / "samples"
    with systems.ours(stage.place) as gateway, ThreadPoolExecutor(1) as beside:
        ready = _readied("ours", gateway, BY_NAME[name], stage)
        load = beside.submit(ready.load, seconds + 1)
        stacks.record(gateway.pid, seconds, samples)
        load.result()
    return list(profile.by_layer(samples.read_text()))
