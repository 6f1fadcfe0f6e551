"""Our gateway alone, one scenario, a few seconds: `.venv/bin/python -m bench.probe batched --seconds 5 --spy`.

For whoever makes it faster. Prints requests per second, latency and CPU per request, and with `--spy` where the time
goes. No repetitions and no peers: `make bench` has those. `--tree` measures the engine of another checkout.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench import measure, stacks, systems, upstream, wrk
from bench.process import DidNotStart
from bench.scenarios import BY_NAME, LISTS, Scenario


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream.serving(Path(name)) as services:
        place = systems.Place(Path(name), services.url, Path(options.tree).resolve())
        with systems.ours(place, shared=options.shared) as gateway:
            _probe(place.folder, gateway, services, BY_NAME[options.scenario], options)


def _probe(
    folder: Path, gateway: systems.Running, services: upstream.Upstream, scenario: Scenario, options: argparse.Namespace
) -> None:
    bodies = folder / "bodies"
    wrk.write_bodies(bodies, scenario.bodies())
    size = measure.verify_all(gateway, scenario)
    connections = 1 if scenario in LISTS else 50
    load = partial(measure.loaded, gateway, services, bodies, size=size, connections=connections)
    load(seconds=1)
    print(told(scenario, load(seconds=options.seconds)))
    if options.spy:
        with ThreadPoolExecutor(1) as beside:
            spied = beside.submit(load, seconds=options.seconds + 1)
            stacks.record(gateway.pid, options.seconds, folder / "samples")
            spied.result()
        print(stacks.top((folder / "samples").read_text()))


def told(scenario: Scenario, figures: measure.Figures) -> str:
    return (
        f"{scenario.name}: {figures.per_second:,.0f} req/s, {figures.cpu * 1e3:.3f} ms CPU, "
        f"p50 {figures.p50 * 1e3:.1f} ms, p99 {figures.p99 * 1e3:.1f} ms, "
        f"{figures.rss / 2**20:.0f} MiB, {figures.calls:.2f} calls per request"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.probe", description=__doc__)
    parser.add_argument("scenario", nargs="?", default="batched", choices=sorted(BY_NAME))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--shared", action="store_true", help="leave in-flight sharing on")
    parser.add_argument("--spy", action="store_true", help="where the time goes, by py-spy")
    parser.add_argument("--tree", default=systems.ROOT, help="another checkout, whose engine is measured")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except (DidNotStart, measure.WrongAnswer, stacks.NotPermitted) as error:
        raise SystemExit(f"bench: {error}") from None
