"""What `bff import` says and does, once its options are read. Knows no option."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from bff.cli import terminal
from bff.cli.options import print_json
from bff.openapi.graph.emit_links import lines_of, links
from bff.openapi.graph.layout import clean
from bff.openapi.graph.lock import Lengths
from bff.openapi.graph.suggest import Proposal
from bff.openapi.importing import Outcome, Wish, run, suggested

MOST = 20  # notes that a terminal is shown
CALLS = frozenset({"operation-left-out", "path-left-out"})


def wish_of(documents: Sequence[str], into: Path, name: str, only: Sequence[str], *, force: bool, lengths: str) -> Wish:
    """What the options say. Raises typer.BadParameter."""
    return Wish(tuple(documents), into, name, tuple(only), force, _lengths(lengths) if lengths else None)


def _lengths(text: str) -> Lengths:
    try:
        answers, rows = map(int, text.split(","))
    except ValueError:
        answers = rows = 0
    if min(answers, rows) < 1:
        raise typer.BadParameter(
            "say two numbers, of answers and of lists inside rows: 250,100", param_hint="--lengths"
        )
    return Lengths(answers, rows)


def imported(wish: Wish, *, as_json: bool) -> bool:
    """Import, and say what was done; whether nothing was left to somebody."""
    outcome = run(wish)
    if as_json:
        print_json(outcome_as_json(outcome))
    else:
        _show(outcome, wish.into)
    return not outcome.plan.edited


def proposed(wish: Wish, *, as_json: bool) -> None:
    """Say which joins the documents hint at."""
    found = suggested(wish)
    if as_json:
        print_json({"suggestions": [_proposed(each) for each in found]})
        return
    typer.echo(links(found), nl=False)
    _say(f"joins that the documents hint at: {len(found)}; what is right of them belongs into schema/links.py")


def _proposed(each: Proposal) -> dict[str, Any]:
    return {"type": each.type, "field": each.field, "why": each.why, "code": "\n".join(lines_of(each))}


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    """What was done, for programs."""
    plan = outcome.plan
    return {
        "ok": not plan.edited,
        "services": [
            {
                "name": each.name,
                "queries": len(each.of("query")),
                "mutations": len(each.of("mutation")),
                "types": len(each.types),
                "connectors": len(each.connectors),
            }
            for each in outcome.services
        ],
        "files": {
            "written": sorted(plan.write),
            "removed": plan.remove,
            "unchanged": sorted(plan.same),
            "edited": plan.edited,
        },
        "changes": None if outcome.changes is None else [asdict(each) for each in outcome.changes],
        "todo": list(outcome.todo),
        "report": outcome.report.to_json(),
    }


def _show(outcome: Outcome, into: Path) -> None:
    for each in outcome.services:
        queries = terminal.counted(len(each.of("query")), "query", "queries")
        mutations = terminal.counted(len(each.of("mutation")), "mutation")
        terminal.good(f"{each.name}: {queries}, {mutations}, {terminal.counted(len(each.types), 'type')}")
    plan = outcome.plan
    _say(f"{len(plan.write)} files written, {len(plan.remove)} removed, {len(plan.same)} unchanged")
    if outcome.changes:
        terminal.changes(outcome.changes)
    _notes(outcome)
    for path in plan.edited:
        terminal.bad(f"{path} was edited by hand and is left as it is; --force writes it anew")
    if "bff.yaml" in plan.write:
        where = "" if into == Path() else f" --config {into / 'bff.yaml'}"
        _say(f"bff{where} dev serves it")
    for left in outcome.todo:
        _say(f"left to you: {left}")


def _say(text: str) -> None:
    """Beside the answer: to standard error, without what a terminal would take for an order."""
    typer.echo(clean(text), err=True)


def _notes(outcome: Outcome) -> None:
    """What was lost, whole operations first, then what was guessed, as far as a screen goes; how many of each."""
    ranks = [("loss", True), ("loss", False), ("guess", False), ("info", False)]
    notes = sorted(outcome.report.notes, key=lambda note: ranks.index((note.level, note.code in CALLS)))
    for note in [each for each in notes if each.level != "info"][:MOST]:
        _say(str(note))
    counts = Counter(note.level for note in notes)
    told = f"{counts['loss']} lost, {counts['guess']} guessed, {counts['info']} worth knowing"
    _say(f"{told}; all of it: --report json")
