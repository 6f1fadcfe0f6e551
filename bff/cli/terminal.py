"""What people read: problems, plans, addresses. The only module that knows rich.

Answers go to standard output, everything else to standard error. Text from files and documents is never taken for
markup, and its control characters are shown, not sent.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from graphql import GraphQLError, GraphQLSyntaxError, strip_ignored_characters
from rich.console import Console
from rich.text import Text

from bff.cli.trusted import Priced
from bff.drift import Report as Live
from bff.errors import Problem
from bff.explain import Explanation, Measure
from bff.limits import Estimate
from bff.schema_diff import SEVERITIES, Change
from bff.telemetry.printable import printable

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
READABLE = 2**31  # a number above it says no more than that it is too large
PATH = 52  # columns
COLOURS = {"breaking": "bold red", "dangerous": "bold yellow", "safe": "green"}


def problems(found: Iterable[Problem]) -> None:
    """Mistakes that must be mended, one a line, as editors and people find them: file:line:column: place: message."""
    for problem in found:
        ERR.print(_problem(problem, "red"), soft_wrap=True)


def warnings(found: Iterable[Problem]) -> None:
    for problem in found:
        ERR.print(Text.assemble(("warning: ", "bold yellow"), _problem(problem, "yellow")), soft_wrap=True)


def report(errors: Iterable[Problem], doubts: Iterable[Problem], summary: str) -> None:
    """What a check found."""
    problems(errors)
    warnings(doubts)
    if summary:
        good(summary)


def live(found: Live) -> None:
    """Where services drifted, what was not called, how they answer batches, and a count of it all."""
    for drift in found.drift:
        problem = Problem(drift.coordinate, drift.message, f"{drift.upstream} {drift.call}")
        ERR.print(Text.assemble(("drift: ", "bold red"), _problem(problem, "red")), soft_wrap=True)
    for each in found.skipped:
        message = f"{each.reason}; {each.sample}" if each.sample else each.reason
        problem = Problem(each.coordinate or each.upstream, message, f"{each.upstream} {each.call}")
        ERR.print(Text.assemble(("not looked at: ", "bold yellow"), _problem(problem, "yellow")), soft_wrap=True)
    for batch in found.batches:
        what = f"{batch.upstream} {batch.call}: up to {batch.most} keys; order {batch.order}; unknown keys {batch.gaps}"
        OUT.print(Text.assemble(("batch: ", "dim"), printable(what)), soft_wrap=True)
    (bad if found.drift else good)(found.summary)


def good(text: str) -> None:
    OUT.print(Text(printable(text), "green"), soft_wrap=True)


def bad(text: str) -> None:
    ERR.print(Text(printable(text, keep="\n"), "bold red"), soft_wrap=True)


def note(text: str) -> None:
    ERR.print(Text.assemble(("bff dev: ", "dim"), printable(text)), soft_wrap=True)


def trouble(text: str) -> None:
    ERR.print(Text.assemble(("bff dev: ", "dim"), (printable(text), "bold red")), soft_wrap=True)


def welcome(endpoint: str, query: str) -> None:
    """Where everything is, and something to try."""
    root = endpoint.partition("://")[2].partition("/")[0]
    ERR.print()
    for name, url in (
        ("GraphQL", endpoint),
        ("GraphiQL", f"{endpoint}  in a browser"),
        ("health", f"http://{root}/healthz  http://{root}/readyz"),
    ):
        ERR.print(Text.assemble((f"  {name:10}", "bold"), (url, "cyan")), soft_wrap=True)
    ERR.print(Text(f"\n  Try it there, or here:\n\n  {_curl(endpoint, query)}\n"), soft_wrap=True)
    ERR.print(Text("  Ctrl-C stops everything.\n", "dim"))


def callers(endpoint: str, keys: Mapping[str, str], user: str, token: str, query: str) -> None:
    """A key for each tier, and a user's token in a call that shows what it is good for."""
    ERR.print(Text("  Until then these may call. As a client of a tier, by the header X-API-Key:\n"))
    width = max(map(len, keys), default=0)
    for tier, key in keys.items():
        ERR.print(Text.assemble((f"  {printable(tier):{width}}", "bold"), f"  {key}"), soft_wrap=True)
    ERR.print(Text(f"\n  As the user {user}:\n\n  {_curl(endpoint, query, token)}\n"), soft_wrap=True)


def _curl(endpoint: str, query: str, token: str = "") -> str:
    try:
        query = strip_ignored_characters(query)
    except GraphQLSyntaxError:
        query = "{__typename}"
    body = shlex.quote(json.dumps({"query": query}, ensure_ascii=False))
    bearer = f" -H 'authorization: Bearer {token}'" if token else ""
    return f"curl -s {endpoint} -H 'content-type: application/json'{bearer} -d {printable(body)}"


def refusal(errors: Iterable[GraphQLError]) -> None:
    """What is wrong with a document, each mistake below the line of the document where it is."""
    for error in errors:
        bad(str(error))


def changes(found: Sequence[Change]) -> None:
    """Differences between two schemas, one a line, and how many of each severity."""
    for change in found:
        effect = f" ({change.effect})" if change.effect else ""
        line = Text.assemble(
            (f"{change.severity}: ", COLOURS[change.severity]),
            (f"{printable(change.coordinate)}: ", "cyan"),
            printable(change.message),
            (printable(effect), "dim"),
        )
        OUT.print(line, soft_wrap=True)
    counted = Counter(change.severity for change in found)
    OUT.print(Text(", ".join(f"{counted[each]} {each}" for each in SEVERITIES)), soft_wrap=True)


def trusted(found: Sequence[Priced]) -> None:
    """What each document costs, and below it what is wrong with it."""
    for each in found:
        if not each.wrong:
            cost = f"  {counted(each.points, 'point')}, {counted(each.calls, 'call')}"
            OUT.print(Text.assemble((printable(each.name), "cyan"), cost), soft_wrap=True)
        for message in each.mistakes:
            ERR.print(Text.assemble((f"{printable(each.name)}: ", "cyan"), (printable(message), "red")), soft_wrap=True)
        for path in each.known:
            ERR.print(Text(printable(f"{each.name}: known N+1: {path}"), "dim"), soft_wrap=True)
    wrong = sum(not each.ok for each in found)
    operations = counted(len(found), "operation")
    (bad if wrong else good)(f"{operations}, {wrong} not as they should be" if wrong else operations)


def counted(number: int, noun: str, plural: str = "") -> str:
    """So many of them: "1 call", "2 calls"."""
    return f"{_number(number)} {noun if number == 1 else plural or f'{noun}s'}"


def plan(found: Explanation) -> None:
    """The waves of an operation, what each costs at worst, and its limits. Readable at 80 columns."""
    OUT.print(Text.assemble((found.kind, "bold"), f" {found.name}" if found.name else ""))
    OUT.print(Text(_row("", "keys", "calls", "rows", "points"), "dim"))
    for wave, fetches in groupby(found.fetches, key=lambda fetch: fetch.wave):
        OUT.print(Text(f"wave {wave}", "bold"))
        for fetch in fetches:
            OUT.print(_fetch(fetch), soft_wrap=True)
    if not found.fetches:
        OUT.print(Text("no service is called", "dim"))
    if not found.complete:
        OUT.print(Text(f"… and more than these {len(found.fetches)} fetches", "dim"))
    OUT.print()
    OUT.print(_measures(found.measures))
    OUT.print()
    for doubt in found.doubts:
        if doubt.kind != "OVER_LIMIT":  # which the measures show
            OUT.print(Text.assemble(("warning: ", "bold yellow"), printable(doubt.message)), soft_wrap=True)
    if found.refusal:
        OUT.print(Text(f"Refused: {found.refusal}", "bold red"), soft_wrap=True)
    else:
        OUT.print(Text("Within the limits.", "green"))


def _fetch(fetch: Estimate) -> Text:
    path = "  " + ".".join(fetch.path)
    if len(path) >= PATH:
        path = f"{path}\n".ljust(PATH + len(path) + 1)
    numbers = map(_number, (fetch.keys, fetch.calls, fetch.rows, fetch.points))
    call = ("\n    ", (fetch.upstream, "cyan"), f" {fetch.call}", (f"  {fetch.form}{', later' * fetch.later}", "dim"))
    return Text.assemble(_row(path, *numbers), *call)


def _row(path: str, keys: str, calls: str, rows: str, points: str) -> str:
    return f"{path:{PATH}}{keys:>6}{calls:>6}{rows:>8}{points:>8}"


def _measures(measures: Iterable[Measure]) -> Text:
    lines = [Text(f"{'':16}{'at worst':>10}{'at most':>10}", "dim")]
    for measure in measures:
        over = measure.most is not None and measure.value > measure.most
        most = "" if measure.most is None else f"{_number(measure.most):>10}"
        value = (f"{_number(measure.value):>10}", "bold red" if over else "")
        lines.append(Text.assemble(f"{measure.name:16}", value, most))
    return Text("\n").join(lines)


def _number(value: int) -> str:
    return str(value) if value < READABLE else "> 2e9"


def _problem(problem: Problem, colour: str) -> Text:
    where = f"{problem.file}:{problem.line}:{problem.column}: " if problem.line else ""
    where = where or (f"{problem.file}: " if problem.file else "")
    hint = f" ({problem.hint})" if problem.hint else ""
    return Text.assemble(
        (printable(where), "bold"),
        (f"{printable(problem.place)}: ", "cyan"),
        (printable(problem.message), colour),
        (printable(hint), "dim"),
    )
