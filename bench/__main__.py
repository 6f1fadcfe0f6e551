"""`make bench`: all systems, all scenarios, side by side; docs/performance.md. The parts are in the other modules."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import machine, report, results, run, stacks, systems, upstream
from bench.results import Cell, Results

PAGE = systems.ROOT / "docs" / "performance.md"
KEPT = systems.CACHE / "results.json"
PROFILED = "batched"
NAMES: Any = {"type": lambda text: text.split(","), "default": []}


def main() -> None:
    options = _options()
    found = results.from_json(KEPT.read_text()) if options.report else _measured(options)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(results.to_json(found))
    tables = report.written(found)
    if options.quick or options.only or options.systems or options.profile or options.tree != systems.ROOT:
        print(f"\n{tables}")
        return
    PAGE.write_text(report.placed(PAGE.read_text("utf-8"), tables), "utf-8")
    print(f"\n{report.promises(found)}\n\n{PAGE.relative_to(systems.ROOT)} is written.")


def _measured(options: argparse.Namespace) -> Results:
    pace = run.QUICK if options.quick else run.FULL
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream.serving(Path(name)) as services:
        place = systems.Place(Path(name), services.url, options.tree.resolve())
        stage = run.Stage(place, services, pace)
        cells = [] if options.profile else _scenarios(options, stage)
        whole = not (options.only or options.systems)
        profile = _profile(stage, 3 if options.quick else 10) if options.profile or whole else []
    return Results(machine.found(options.tree), tuple(cells), profile)


def _scenarios(options: argparse.Namespace, stage: run.Stage) -> list[Cell]:
    cells: list[Cell] = []
    for name in options.only or (run.QUICKLY if options.quick else run.TAKING_PART):
        began = time.monotonic()
        taking_part = run.contenders(name, options.systems)
        cells += run.measured(name, taking_part, stage) if taking_part else []
        print(f"bench: {name} {time.monotonic() - began:.0f} s", file=sys.stderr)
    return cells


def _profile(stage: run.Stage, seconds: int) -> list[object]:
    try:
        return run.profiled(PROFILED, stage, seconds)
    except (*run.FAILURES, stacks.NotPermitted) as error:
        print(f"bench: no profile: {error}", file=sys.stderr)
        return []


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once and briefly, printed only")
    parser.add_argument("--only", help=f"scenarios, printed only: {','.join(run.TAKING_PART)}", **NAMES)
    parser.add_argument("--systems", help=f"printed only: {','.join(systems.SYSTEMS)}", **NAMES)
    parser.add_argument("--profile", action="store_true", help="only where the time goes in ours, printed only")
    parser.add_argument("--tree", default=systems.ROOT, type=Path, help="another checkout's engine, printed only")
    parser.add_argument("--report", action="store_true", help="tell the last run again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
