"""A run as tables for docs/performance.md. Pure; the prose around them is written by people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.ratios import Spread, difference, growth, ratio, spread
from bench.results import Cell, Results
from bench.run import LAYERED
from bench.scenarios import LISTS, SCENARIOS
from bench.systems import SYSTEMS

TIMES, TO = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
BEGIN = "<!-- make bench writes from here -->"
END = "<!-- to here -->"
OURS = ("ours", "ours-shared")


@dataclass(frozen=True)
class Promise:
    """Of issue 4: how many times theirs ours is to be. For CPU, at most; else at least."""

    scenario: str
    system: str
    measure: str
    times: float

    @property
    def words(self) -> str:
        what = "CPU per request, at most" if self.measure == "cpu" else "requests per second, at least"
        return f"{what} {TIMES}{self.times:g}"

    def kept(self, found: float) -> bool:
        return found <= self.times if self.measure == "cpu" else found >= self.times


PROMISES = (
    Promise("batched", "plain", "per_second", 40),
    Promise("batched", "apollo", "per_second", 7),
    Promise("batched", "jit", "per_second", 1),
    Promise("batched", "jit-http", "per_second", 1),
    Promise("batched", "tailcall", "per_second", 1.3),
    Promise("batched", "tailcall", "cpu", 0.5),
    Promise("by-id", "tailcall", "per_second", 3.5),
    Promise("by-id", "tailcall", "cpu", 0.25),
    Promise("by-id", "tailcall-bare", "per_second", 3.5),
    Promise("by-id", "tailcall-bare", "cpu", 0.25),
    Promise("identical", "tailcall-dedupe", "per_second", 1),
    Promise("constant", "plain", "per_second", 20),
)


def number(value: float) -> str:
    """Three digits that count, as people write them."""
    if abs(value) >= 100:
        return "∞" if value == float("inf") else f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"


def ranged(found: Spread, scale: float = 1) -> str:
    middle = number(found.median * scale)
    return (
        middle if found.low == found.high else f"{middle} ({number(found.low * scale)}{TO}{number(found.high * scale)})"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ours_of(results: Results, scenario: str) -> Cell | None:
    return next((cell for name in OURS if (cell := results.cell(scenario, name))), None)


def _against(ours: Cell | None, cell: Cell, measure: str) -> str:
    if ours is None or ours.system == cell.system or len(ours.figures) != len(cell.figures):
        return ""
    return f"{TIMES}{ranged(ratio(ours.all(measure), cell.all(measure)))}"


def _middle(cell: Cell, measure: str, scale: float = 1) -> str:
    return number(spread(cell.all(measure)).median * scale)


def _row(ours: Cell | None, cell: Cell) -> list[str]:
    if not cell.figures:
        return [cell.system, cell.failure.replace("|", "\\|") or "not measured", *[""] * 7]
    return [
        cell.system,
        ranged(spread(cell.all("per_second"))),
        _against(ours, cell, "per_second"),
        ranged(spread(cell.all("cpu")), 1e3),
        _against(ours, cell, "cpu"),
        _middle(cell, "p50", 1e3),
        _middle(cell, "p99", 1e3),
        _middle(cell, "rss", 2**-20),
        _middle(cell, "calls"),
    ]


def scenarios(results: Results) -> str:
    head = ("", "req/s", "ours is", "CPU ms", "ours is", "p50 ms", "p99 ms", "RSS MiB", "calls")
    parts = (
        f"### {each.name}: {each.about}\n\n{table(head, [_row(ours_of(results, each.name), cell) for cell in cells])}"
        for each in SCENARIOS
        if (cells := results.of(each.name))
    )
    return "\n\n".join(parts)


def promises(results: Results) -> str:
    return table(
        ("scenario", "against", "wanted", "measured", ""), [row for each in PROMISES if (row := _kept(results, each))]
    )


def _kept(results: Results, promise: Promise) -> list[str] | None:
    ours, theirs = ours_of(results, promise.scenario), results.cell(promise.scenario, promise.system)
    if ours is None or theirs is None or len(ours.figures) != len(theirs.figures):
        return None
    found = ratio(ours.all(promise.measure), theirs.all(promise.measure))
    verdict = "reached" if promise.kept(found.median) else "**not reached**"
    return [promise.scenario, promise.system, promise.words, f"{TIMES}{ranged(found)}", verdict]


def lists(results: Results) -> str:
    """Time, CPU and memory of one caller's long lists, and how they grow: 1 is as the rows do."""
    names = [each.name for each in LISTS]
    present = [cell.system for cell in results.of(names[0])]
    head = (
        "",
        *(f"{int(name.partition('-')[2]):,} rows: ms, CPU ms, peak MiB" for name in names),
        "time grows",
        "CPU grows",
    )
    return table(head, [_growing(results, system, names) for system in present])


def _growing(results: Results, system: str, names: Sequence[str]) -> list[str]:
    cells = [results.cell(name, system) for name in names]
    told = [
        f"{_middle(cell, 'p50', 1e3)}, {_middle(cell, 'cpu', 1e3)}, {_middle(cell, 'peak', 2**-20)}"
        if cell
        else "failed"
        for cell in cells
    ]
    small, large = cells[1], cells[-1]
    if not small or not large:
        return [system, *told, "", ""]
    times = int(names[-1].partition("-")[2]) / int(names[1].partition("-")[2])
    grown: Callable[[str], str] = lambda measure: number(  # noqa: E731  -- said twice, right here
        growth(spread(small.all(measure)).median, spread(large.all(measure)).median, times)
    )
    return [system, *told, grown("p50"), grown("cpu")]


def layers(results: Results) -> str:
    ours = results.cell(LAYERED, "ours")
    rows = [_layer(ours, cell) for cell in results.of(LAYERED)]
    return table(("", "req/s", "CPU \N{MICRO SIGN}s", "less than ours by, \N{MICRO SIGN}s"), rows)


def _layer(ours: Cell | None, cell: Cell) -> list[str]:
    if not cell.figures:
        return [cell.system, cell.failure, "", ""]
    saved = "" if ours is None or cell is ours else ranged(difference(ours.all("cpu"), cell.all("cpu")), 1e6)
    return [cell.system, ranged(spread(cell.all("per_second"))), ranged(spread(cell.all("cpu")), 1e6), saved]


def profile(results: Results) -> str:
    rows = (
        [name, f"{share:.0%}", ", ".join(f"`{function}` {own:.0%}" for function, own in functions if own >= 0.01)]
        for name, share, functions in results.profile
        if share >= 0.01
    )
    return table(("layer", "share", "of it"), rows)


def written(results: Results) -> str:
    """All that a run has to say, as Markdown."""
    sections = (
        ("What ran", _about(results), True),
        ("What was wanted, and what came", promises(results), any(_kept(results, each) for each in PROMISES)),
        ("Scenarios", scenarios(results), any(results.of(each.name) for each in SCENARIOS)),
        ("Long lists, one caller", lists(results), any(results.of(each.name) for each in LISTS)),
        ("What each layer costs", layers(results), bool(results.of(LAYERED))),
        ("Where a request's time goes", profile(results), bool(results.profile)),
    )
    return "\n\n".join(f"## {name}\n\n{text}" for name, text, there in sections if there)


def _about(results: Results) -> str:
    machine = table(("", ""), [[name, value] for name, value in results.machine.items()])
    taking_part = {cell.system for cell in results.cells}
    return f"{machine}\n\n{table(('system', ''), [[n, each.about] for n, each in SYSTEMS.items() if n in taking_part])}"


def placed(page: str, tables: str) -> str:
    """`page` with everything between its two marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"
