"""A graph's services as the files of a project: what `bff import` writes, and what runs from memory. Pure.

Each service has its connectors in `resolvers/<service>.py` and its types in `schema/<service>/`; what holds them
together (`schema/query.py` and its like) is written where there is no project yet, and is the adopter's from then on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bff.openapi.graph.emit_fields import class_name, connectors_module, fields_module
from bff.openapi.graph.emit_types import TypesModule
from bff.openapi.graph.files import files_of, where
from bff.openapi.graph.imports import Imports
from bff.openapi.graph.layout import STEP, excused, joined, literal
from bff.openapi.graph.wanted import Root, Service, Upstream

Files = dict[str, str]  # path below the project's folder -> text

ROOTS: tuple[Root, ...] = ("query", "mutation")
CONFIG = "bff.yaml"
NEWLINE = "\n"

LINKS = '''"""Joins between services: fields added to generated types, so that all of them are read in one place.

from bff import connect, extend

from resolvers import cities
from schema.airports.airport import Airport
from schema.cities.city import City


@extend(Airport)
class AirportLinks:
    city: City | None = connect(cities.cities_by_id, id="city_id")
"""
'''


def service_files(service: Service) -> Files:
    """The files that are the service's own. They are written anew each time."""
    package = f"schema.{service.module}"
    files = files_of(service)
    homes = where(files)
    enums = {each.name: each for each in service.types if each.kind == "enum"}
    found = {f"resolvers/{service.module}.py": connectors_module(service)}
    found[f"schema/{service.module}/__init__.py"] = f'"""Types of the service {service.name}."""\n'
    for file in files:
        source = TypesModule(file, service.module, package, homes).source(enums)
        found[f"schema/{service.module}/{file.module}.py"] = source
    for root in ROOTS:
        if service.of(root):
            found[f"schema/{service.module}/{root}.py"] = fields_module(service, root, package, homes, enums)
    return {path: excused(text) for path, text in found.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """A service as the files that hold a project together know it."""

    name: str
    module: str
    roots: tuple[Root, ...]
    upstream: Upstream | None = None  # None: its entry stands in `bff.yaml` already
    document: str = ""  # where the graph is made of it at every start


def part_of(service: Service) -> Part:
    return Part(service.name, service.module, tuple(root for root in ROOTS if service.of(root)), service.upstream)


def project_files(parts: Sequence[Part]) -> Files:
    """The files that make services a project that `bff dev` serves."""
    roots = [root for root in ROOTS if root == "query" or any(root in each.roots for each in parts)]
    found = {
        CONFIG: config(parts),
        "resolvers/__init__.py": '"""Where the data comes from: one service a file."""\n',
        "schema/__init__.py": _schema(roots),
        "schema/links.py": LINKS,
    }
    return found | {f"schema/{root}.py": _root(root, parts) for root in roots}


def modules(files: Mapping[str, str]) -> dict[str, str]:
    """Sources by module name, for running them from memory."""
    found = {path[:-3].replace("/", "."): text for path, text in files.items() if path.endswith(".py")}
    return {name.removesuffix(".__init__"): text for name, text in found.items()}


def source_modules(services: Sequence[Service]) -> dict[str, str]:
    """The modules of a whole graph over these services."""
    files = project_files([part_of(each) for each in services])
    for each in services:
        files |= service_files(each)
    return modules(files)


def entry(name: str, upstream: Upstream) -> str:
    """The service's lines under `upstreams:` in `bff.yaml`."""
    lines = [f"  {name}:", f"    url: {literal(upstream.url)}"]
    if upstream.forward:
        lines.append(f"    forward: [{', '.join(upstream.forward)}]")
    if upstream.headers:
        given = ", ".join(f"{_key(header)}: {json.dumps(value)}" for header, value in upstream.headers)
        lines.append(f"    headers: {{{given}}}")
    if upstream.query:
        given = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in upstream.query)
        lines.append(f"    query: {{{given}}}")
    return "\n".join(lines)


def _key(header: str) -> str:
    """A header's name in YAML: in quotes where it is no plain word."""
    return header if re.fullmatch(r"[a-z][a-z0-9_-]*", header) else json.dumps(header)


def config(parts: Iterable[Part]) -> str:
    """A whole `bff.yaml`, over the code that is written beside it or over the documents themselves."""
    whole = [(each, entry(each.name, each.upstream)) for each in parts if each.upstream]
    entries = [f"{text}\n    openapi: {literal(each.document)}" if each.document else text for each, text in whole]
    graph = "" if any(each.document for each, _ in whole) else "graph: schema:schema\n\n"
    return (
        "# Written by `bff import`; yours from now on. Every setting: docs/configuration.md\n\n"
        f"{graph}"
        f"upstreams:\n{NEWLINE.join(entries)}\n\n"
        "limits: # of one operation; lists are priced by the length that is assumed of them\n"
        "  max_price: 20000\n"
    )


def with_entry(text: str, part: Part) -> str | None:
    """A `bff.yaml` with one upstream more; None where only a person can tell where to put it."""
    head = "\nupstreams:\n"
    if part.upstream is None or text.count(head) != 1 or f"\n  {part.name}:" in text:
        return None
    return text.replace(head, f"{head}{entry(part.name, part.upstream)}\n")


def _schema(roots: Sequence[Root]) -> str:
    imports = Imports()
    imports.module("strawberry")
    imports.name("strawberry.schema.config", "StrawberryConfig")
    imports.name("bff", "SCALARS")
    imports.name("schema", "links")
    for root in roots:
        imports.name(f"schema.{root}", root.capitalize())
    given = ", ".join(f"{root}={root.capitalize()}" for root in roots)
    made = f"schema = strawberry.Schema({given}, config=StrawberryConfig(scalar_map=SCALARS))"
    head = ['"""What clients see."""', "", *imports.lines(), "", made, "", '__all__ = ["links", "schema"]']
    return joined([head], 1)


def _root(root: Root, parts: Sequence[Part]) -> str:
    """Query or Mutation: the services' own, one after the other."""
    having = sorted((each for each in parts if root in each.roots), key=lambda each: each.module)
    imports = Imports()
    imports.module("strawberry")
    bases = [class_name(each.name, root) for each in having]
    for each, base in zip(having, bases, strict=True):
        imports.name(f"schema.{each.module}.{root}", base)
    what = "What can be asked for." if root == "query" else "What can be changed."
    head = [f'"""{what}"""', "", *imports.lines()]
    lines = ["@strawberry.type", *_class(root.capitalize(), bases), f'{STEP}"""{what}"""', *_nothing(bases)]
    return joined([head, lines], 2)


def _class(name: str, bases: Sequence[str]) -> list[str]:
    line = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    if len(line) <= 120:
        return [line]
    inside = f"{STEP}{', '.join(bases)}"
    if len(inside) <= 120:
        return [f"class {name}(", inside, "):"]
    return [f"class {name}(", *(f"{STEP}{base}," for base in bases), "):"]


def _nothing(bases: Sequence[str]) -> list[str]:
    """A Query must have a field: services that answer no GET have none."""
    if bases:
        return []
    return [
        "",
        f"{STEP}@strawberry.field",
        f"{STEP}def ready(self) -> bool:",
        f'{STEP * 2}"""Always true: the services have nothing to ask for, only to change."""',
        f"{STEP * 2}return True",
    ]
