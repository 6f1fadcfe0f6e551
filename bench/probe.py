"""Our gateway alone, one scenario, a few seconds: `.venv/bin/python -m bench.probe batched --seconds 5 --spy`.

For whoever makes it faster. Prints requests per second, latency and CPU per request, and with `--spy` where the time
goes: the functions on top of the stack, by share of samples. No repetitions and no peers: `make bench` has those.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench import measure, stacks, systems, upstream, wrk
from bench.scenarios import BY_NAME, Scenario


def main() -> None:
    options = _options()
    scenario = BY_NAME[options.scenario]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        (Path(name) / "nginx").mkdir()
        with (
            upstream.serving(Path(name) / "nginx") as services,
            systems.ours(
                Path(name), services.url, config=Path(options.config).resolve(), tree=Path(options.tree).resolve()
            ) as gateway,
        ):
            _probe(Path(name), gateway, services, scenario, options)


def _probe(
    folder: Path, gateway: systems.Running, services: upstream.Upstream, scenario: Scenario, options: argparse.Namespace
) -> None:
    bodies = folder / "bodies"
    wrk.write_bodies(bodies, scenario.bodies())
    size = measure.verify_all(gateway, scenario)
    measure.loaded(gateway, services, bodies, seconds=1, size=size)
    print(told(scenario, measure.loaded(gateway, services, bodies, seconds=options.seconds, size=size)))
    if options.spy:
        with ThreadPoolExecutor(1) as beside:
            load = partial(measure.loaded, gateway, services, bodies, seconds=options.seconds + 1, size=size)
            loaded = beside.submit(load)
            stacks.record(gateway.pid, options.seconds, folder / "samples")
            loaded.result()
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
    parser.add_argument("--config", default=systems.HERE / "gateway" / "bff.yaml", help="another bff.yaml")
    parser.add_argument("--tree", default=systems.ROOT, help="another checkout, whose engine is measured")
    parser.add_argument("--spy", action="store_true", help="where the time goes, by py-spy")
    return parser.parse_args()


if __name__ == "__main__":
    main()
