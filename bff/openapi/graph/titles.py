"""What operations are called: as fields of the graph, and as connectors in Python. Pure.

A GET called get_airport is `airport`, since a query is a question already; unless two would then be called alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bff.openapi.graph.lock import Names
from bff.openapi.graph.names import apart, camel, field_name, is_builtin, marked, python_name, words
from bff.openapi.model import Operation

READS = frozenset({"get", "list", "fetch", "retrieve", "read"})
MODULE = frozenset({"api", "upstream"})  # what a module of connectors says itself
_PAGINGS = frozenset({"offset", "cursor", "page", "after"})


@dataclass(frozen=True, slots=True)
class Title:
    """The names of one operation."""

    field: str  # GraphQL
    connector: str  # Python


def plain_fields(operations: Iterable[Operation]) -> Names:
    """The name that each operation's field would have were its service alone: "GET /airports/{iata}" -> airport."""
    whole = {each.key: _words(each) for each in operations}
    short = {key: _asked(key, named) for key, named in whole.items()}
    often = Counter(camel(named) for named in short.values())
    return {
        key: field_name(" ".join(short[key] if often[camel(short[key])] == 1 else named))
        for key, named in whole.items()
    }


def field_names(plain: Names, locked: Names, prefix: str, taken: frozenset[str]) -> Names:
    """The names that they have in a graph where others have `taken`: then the service's own name comes first."""
    wanted = {key: name if name not in taken else field_name(f"{prefix} {name}") for key, name in plain.items()}
    return apart(wanted, {key: name for key, name in locked.items() if key in plain})


def connector_names(operations: Iterable[Operation], locked: Names) -> Names:
    """Python names of connectors: the service's own words for its operations."""
    wanted = {each.key: connector_name(camel(_words(each))) for each in operations}
    return apart(wanted, {key: name for key, name in locked.items() if key in wanted}, _marked)


def _marked(key: str, name: str) -> str:
    return python_name(marked(key, name))


def connector_name(name: str) -> str:
    found = python_name(field_name(name), MODULE)
    return f"{found}_" if is_builtin(found) else found


def _words(operation: Operation) -> list[str]:
    """From its operationId; else from method and path: GET /cities/{id} is cities by id."""
    if operation.operation_id and words(operation.operation_id) != ["empty"]:
        return words(operation.operation_id)
    steps = [step for step in operation.path.split("/") if step]
    named = [word for step in steps for word in (["by"] if step.startswith("{") else []) + words(step)]
    return [*([] if operation.method == "GET" else [operation.method.lower()]), *(named or ["root"])]


def _asked(key: str, named: list[str]) -> list[str]:
    reading = key.startswith("GET ") and named[0] in READS and len(named) > 1
    return named[1:] if reading else named


def described(operation: Operation) -> str:
    """What clients read about it: the description, or the summary where there is none."""
    return operation.description.strip() or operation.summary.strip()


def first_line(operation: Operation) -> str:
    """What a connector's comment says: the first line that is no heading and no admonition."""
    lines = (line.strip() for line in described(operation).split("\n"))
    line = next((line for line in lines if line and line[0] not in "#>|<-*="), "")
    return line if len(line) <= 100 else f"{line[:97].rstrip()}…"


def by_operation(fields: Mapping[str, str], connectors: Mapping[str, str]) -> dict[str, Title]:
    return {key: Title(fields[key], connectors[key]) for key in fields}
