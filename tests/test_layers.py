"""Who may import whom. The tables are the architecture; the tests read the syntax trees of all code against them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From top to bottom: a part of bff imports only from lines below its own; parts on one line do not know each other.
LAYERS = """
cli
app
endpoint | socket | gateway | front
batch
admission | explain | persisted | subscriptions | webhooks
operation | proxy | openapi | load_graph | graphiql | negotiate
mask
incremental
limits
document | envelope | mock | drift
events
execute
plan | auth
connectors | upstreams
telemetry | config | origins
errors | codec | schema_diff
compiled | lastly
"""

# What the packages of this repository may import of each other. Who writes a graph needs `bff` itself, nothing inside.
PACKAGES = {"bff": [], "resolvers": ["bff"], "schema": ["bff", "resolvers", "resolvers.*"], "backends": []}

# Each vendor's library is known in one place: a module, or a package where it is what the package is about.
VENDORS = {
    "aiodataloader": {"bff.plan.loader"},
    "aiohttp": {"bff.upstreams.wire"},
    "brotli": {"bff.endpoint.compress"},
    "cryptography": {"bff.auth"},
    "fastapi": {"bff.app"},
    "httptools": {"bff.proxy.http1", "bff.proxy.scope", "bff.upstreams.parser"},  # towards clients; towards services
    "jose": {"bff.auth"},
    "msgspec": {"bff.codec"},
    "prometheus_client": {
        "bff.telemetry.metrics",
        "bff.telemetry.processes",
        "bff.telemetry.subscription_metrics",
    },
    "pydantic": {"bff.config"},
    "pydantic_core": {"bff.config"},
    "python_multipart": {"bff.endpoint.form_data"},
    "redis": {"bff.limits.valkey"},
    "rich": {"bff.cli.terminal"},
    "ruamel": {"bff.config.document", "bff.openapi.yaml_events"},
    "structlog": {"bff.telemetry.logs"},
    "typer": {"bff.cli.commands", "bff.cli.options", "bff.cli.given", "bff.cli.imported"},
    "uritemplate": {"bff.connectors.template"},
    "uvicorn": {"bff.cli.server", "bff.proxy.accepted", "bff.socket.protocol"},  # the server; its protocols with limits
    "watchfiles": {"bff.cli.watch"},
    "websockets": {  # towards services; what uvicorn's protocol is made of
        "bff.upstreams.lines",
        "bff.upstreams.dial",
        "bff.upstreams.tunnel",
        "bff.socket.protocol",
    },
    "zstandard": {"bff.endpoint.compress"},
    "yaml": {"bff.openapi.yaml_events"},  # libyaml, for documents that ruamel would take seconds for
    "yarl": {"bff.upstreams.wire"},
    # The graph's own languages are spoken wherever it is read or run,
    "graphql": {
        "bff.plan",
        "bff.execute",
        "bff.document",
        "bff.mask",
        "bff.operation",
        "bff.incremental.shapes",
        "bff.persisted.fit",
        "bff.subscriptions",
        "bff.mock",
        "bff.drift",
        "bff.schema_diff",
        "bff.openapi.importing",
        "bff.cli.check",
        "bff.cli.schema_source",
        "bff.cli.terminal",
        "bff.cli.worst_values",
    },
    "strawberry": {"bff.connectors", "bff.plan", "bff.load_graph", "bff.gateway", "bff.openapi.graph"},
    # the ASGI types wherever ASGI is,
    "starlette": {
        "bff.app",
        "bff.endpoint",
        "bff.front",
        "bff.socket",
        "bff.origins.cors",
        "bff.proxy",
        "bff.webhooks",
        "bff.cli.server",
    },
    # and httpx at the surface that hand-written resolvers see.
    "httpx": {"bff.upstreams.transport", "bff.upstreams.httpx_wire", "bff.plan.context", "bff.openapi.fetch"},
}


# Own modules that are imported late, by who needs them: starting waits for all others.
LATE = {
    "bff.cli.commands -> bff.cli.terminal",
    "bff.cli.demo -> bff.auth.demo",
    "bff.cli.options -> bff.mock",
    "bff.cli.project -> bff.cli.examples",
    "bff.cli.project -> bff.mock",
    "bff.cli.worker -> bff.mock",
    "bff.gateway.store -> bff.limits.valkey",
    "bff.openapi.served -> bff.openapi.fetch",
    "bff.openapi.served -> bff.openapi.making",
    "bff.plan.context -> bff.upstreams.transport",
    "bff.upstreams.sockets -> bff.upstreams.dial",
    "bff.upstreams.sockets -> bff.upstreams.tunnel",
}


@dataclass(frozen=True)
class Import:
    """That one module imports another; `late` when a function does."""

    by: str
    of: str
    late: bool = False

    def __str__(self) -> str:
        return f"{self.by} -> {self.of}"


def modules(package: str) -> dict[str, Path]:
    paths = (ROOT / package).rglob("*.py")
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


OURS = {name: path for package in PACKAGES for name, path in modules(package).items()}


def imports(name: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = {id(inner) for function in functions for inner in ast.walk(function)}
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        for target in targets(node, package):
            yield Import(name, target, late=id(node) in late)


def targets(node: ast.AST, package: str) -> list[str]:
    """The modules that an import statement names; `from bff import codec` names bff.codec, if that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
    source = ".".join(filter(None, (above, node.module)))
    return sorted({full if (full := f"{source}.{alias.name}") in OURS else source for alias in node.names})


ALL = [found for name, path in OURS.items() for found in imports(name, path)]


def top(name: str) -> str:
    return name.partition(".")[0]


def part(name: str) -> str:
    """The part of bff that a module belongs to; "" is the front door, bff/__init__.py."""
    return name.split(".")[1] if "." in name else ""


def broken_layers(found: list[Import]) -> list[str]:
    rank = {name.strip(): at for at, line in enumerate(LAYERS.strip().splitlines()) for name in line.split("|")}
    inside = [each for each in found if top(each.by) == top(each.of) == "bff" and part(each.by) != part(each.of)]
    return [str(each) for each in inside if part(each.by) and rank[part(each.by)] >= rank.get(part(each.of), -1)]


def cycle(found: list[Import]) -> list[str]:
    edges: dict[str, set[str]] = {}
    for each in found:
        if (
            each.of in OURS and each.of != each.by and top(each.by) != "schema"
        ):  # types do refer to each other in circles
            edges.setdefault(each.by, set()).add(each.of)
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_part_of_bff_has_a_layer() -> None:
    named = {name.strip() for line in LAYERS.strip().splitlines() for name in line.split("|")}
    assert {part(name) for name in OURS if top(name) == "bff"} - {""} <= named


def test_the_page_on_architecture_has_the_same_layers() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8").split("```")[1]
    told = [line.partition("  ")[0].split(", ") for line in page.strip().splitlines()]
    assert told == [line.split(" | ") for line in LAYERS.strip().splitlines()]


def test_a_part_imports_only_from_layers_below_its_own() -> None:
    assert broken_layers(ALL) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Import("bff.config.load", "bff.plan.compile"),
        Import("bff.upstreams.wire", "bff.connectors"),
        Import("bff.telemetry.logs", "bff"),
    ],
    ids=str,
)
def test_an_import_upwards_sideways_or_of_the_front_door_is_noticed(wrong: Import) -> None:
    assert broken_layers([wrong]) == [str(wrong)]


def test_there_is_no_cycle_of_imports() -> None:
    assert cycle(ALL) == []
    assert cycle([*ALL, Import("bff.errors", "bff.cli.commands")])


def test_own_modules_are_imported_at_the_top_but_for_those_that_are_named() -> None:
    assert {str(each) for each in ALL if each.late and each.of in OURS} == LATE


def test_packages_import_only_what_lies_below_them() -> None:
    foreign = [each for each in ALL if top(each.of) in PACKAGES and top(each.of) != top(each.by)]
    allowed = [each for each in foreign if any(fnmatch(each.of, name) for name in PACKAGES[top(each.by)])]
    assert [str(each) for each in foreign if each not in allowed] == []


def vendors() -> list[Import]:
    return [
        each for each in ALL if top(each.by) == "bff" and top(each.of) not in sys.stdlib_module_names | PACKAGES.keys()
    ]


def test_a_vendor_is_known_in_one_place() -> None:
    def at_home(found: Import) -> bool:
        homes = VENDORS.get(top(found.of), set())
        return any(found.by == home or found.by.startswith(f"{home}.") for home in homes)

    assert [str(each) for each in vendors() if not at_home(each)] == []
