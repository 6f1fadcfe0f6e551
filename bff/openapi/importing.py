"""`bff import`, without a terminal: documents and a folder in, files written, and what changed.

Nothing is written before everything is known to be right: the documents are read, the graph is made and run from
memory, and only then do files change. Blocks: it reads and writes files, and reads the network.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema

from bff.errors import Problem, StartRefused
from bff.openapi.graph.build import service_name
from bff.openapi.graph.changes import Folder, Plan, digest, planned
from bff.openapi.graph.lock import FILE, Lengths, Lock, lock_in
from bff.openapi.graph.memory import load
from bff.openapi.graph.names import module_name
from bff.openapi.graph.project import (
    CONFIG,
    ROOTS,
    Part,
    entry,
    modules,
    part_of,
    project_files,
    service_files,
    with_entry,
)
from bff.openapi.graph.suggest import Proposal, proposals
from bff.openapi.graph.wanted import Service
from bff.openapi.model import Document
from bff.openapi.place import is_url
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.source import services
from bff.schema_diff import Change, compare

OWNED = ("schema/", "resolvers/")
_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")  # as bff.yaml has it


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, and where to. `only` are tags, or operations such as "GET /path/*"; `lengths` are assumed
    of lists, None: what was assumed before.
    """

    documents: tuple[str, ...]
    into: Path
    name: str = ""
    only: tuple[str, ...] = ()
    force: bool = False
    lengths: Lengths | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. `changes` are None where there was no graph before, or it could not be read."""

    services: tuple[Service, ...]
    plan: Plan
    changes: tuple[Change, ...] | None
    report: Report
    todo: tuple[str, ...] = field(default=())  # what only the adopter can do, in words and lines


def run(wish: Wish) -> Outcome:
    """Import. Raises StartRefused with every problem of the documents or the folder; then nothing was written."""
    report = Report()
    lock = lock_in(wish.into)
    there = _texts(wish.into)
    documents = _documents(wish, lock, report)
    lock.lengths |= dict.fromkeys(documents, wish.lengths) if wish.lengths else {}
    made = services({name: document for name, (_, document) in documents.items()}, lock, report)
    wanted = {path: text for each in made for path, text in service_files(each).items()}
    glue = _glue(made, lock, there)
    own = tuple(path for each in made for path in (f"schema/{each.module}/", f"resolvers/{each.module}.py"))
    plan = planned(wanted, glue, Folder(there, lock.files), own, force=wish.force)
    after = {path: text for path, text in {**there, **plan.write}.items() if path not in plan.remove}
    changes = _changes(there, after, fresh=not plan.theirs)
    lock.documents |= {name: place for name, (place, _) in documents.items()}
    _apply(wish.into, plan, lock)
    return Outcome(made, plan, changes, report, tuple(_todo(made, plan, there)))


def suggested(wish: Wish) -> tuple[Proposal, ...]:
    """Joins between these documents and those that were imported before. Writes nothing. Raises StartRefused."""
    report, lock = Report(), lock_in(wish.into)
    found = {name: document for name, (_, document) in _documents(wish, lock, report).items()}
    for name, place in lock.documents.items():
        if name not in found and (is_url(place) or (Path(place)).is_file()):
            found[name] = read([place], report)[0]
    links = _code(_texts(wish.into).get("schema/links.py", ""))
    return tuple(each for each in proposals(services(found, lock, report)) if not _is_there(each, links))


def _is_there(each: Proposal, links: str) -> bool:
    """Whether somebody has pasted it already, maybe under another name."""
    return f"{each.way.service.module}.{each.way.connector}," in links and each.type in links


def _code(text: str) -> str:
    """A module without its docstring, which may hold code that is only an example."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    doc = tree.body[:1] and isinstance(tree.body[0], ast.Expr)
    return ast.unparse(ast.Module(tree.body[1:] if doc else tree.body, []))


def chosen(only: Sequence[str]) -> Callable[[str, str, tuple[str, ...]], bool]:
    """Whether an operation is wanted: by method and path, "GET /pets/*" or "* /pets", or by tag."""
    patterns = [
        (method.upper(), path) for method, _, path in (each.partition(" ") for each in only) if path.startswith("/")
    ]
    tags = {each for each in only if not each.partition(" ")[2].startswith("/")}

    def wanted(method: str, path: str, of: tuple[str, ...]) -> bool:
        named = any(fnmatchcase(method, kind) and fnmatchcase(path, pattern) for kind, pattern in patterns)
        return not only or named or bool(tags & set(of))

    return wanted


def _texts(folder: Path) -> dict[str, str]:
    """The folder's texts that an import could touch: the configuration and the two packages."""
    found = [folder / CONFIG, *(path for top in OWNED for path in (folder / top).rglob("*.py"))]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found if path.is_file()}


def _documents(wish: Wish, lock: Lock, report: Report) -> dict[str, tuple[str, Document]]:
    """Each service's document and how it was named. One that was imported before has the name that it had."""
    if wish.name and not _NAME.match(wish.name):
        raise StartRefused([Problem("--name", f"{wish.name!r} is no name of a service", 'such as "cities"')])
    before = {place: name for name, place in lock.documents.items()}
    found: dict[str, tuple[str, Document]] = {}
    for document in read(wish.documents, report, wanted=chosen(wish.only)):
        place = document.at.document
        name = wish.name or before.get(place) or service_name(document.title or Path(place).stem)
        if name in found:
            hint = "import one of them alone, with --name" if not wish.name else "--name is for one document"
            raise StartRefused([Problem(name, f"{found[name][0]} and {place} would have the same name", hint)])
        if not document.operations:
            raise StartRefused([Problem(place, "has no operation that was asked for", "see --only")])
        found[name] = (place, document)
    return found


def _glue(made: Sequence[Service], lock: Lock, there: Mapping[str, str]) -> dict[str, str]:
    """What holds the project together: none of it where the project is somebody's own."""
    if CONFIG in there and CONFIG not in lock.files:
        return {}
    parts = {each.name: part_of(each) for each in made}
    for name in lock.documents.keys() - parts.keys():
        module = module_name(name)
        roots = tuple(root for root in ROOTS if f"schema/{module}/{root}.py" in lock.files)
        parts[name] = Part(name, module, roots)
    files = project_files([parts[name] for name in sorted(parts)])
    files["schema/links.py"] = there.get("schema/links.py", files["schema/links.py"])
    if CONFIG in there:
        files[CONFIG] = there[CONFIG]
        for part in parts.values():
            files[CONFIG] = with_entry(files[CONFIG], part) or files[CONFIG]
    return files


def _changes(before: Mapping[str, str], after: Mapping[str, str], *, fresh: bool) -> tuple[Change, ...] | None:
    """What clients would see. Raises StartRefused where a graph of our own making does not run."""
    before_it = "schema/__init__.py" in before
    try:
        made = load(modules(after), "project")
        new = _described(made) if before_it else None
    except Exception as error:
        if fresh:
            told = f"{type(error).__name__}: {error}"
            raise StartRefused(
                [Problem("import", f"what was made does not run: {told}", "please report it")]
            ) from error
        return None
    if new is None:
        return None
    try:
        old = _described(load(modules(before), "project"))
    except Exception:  # noqa: BLE001 - somebody's code, on its way to what it will be
        return None
    return compare(old, new)


def _described(made: Any) -> GraphQLSchema:
    """What clients see of a Strawberry schema, and nothing else of it."""
    return build_schema(made.as_str())


def _apply(folder: Path, plan: Plan, lock: Lock) -> None:
    """The files, and last of all the lock."""
    for path, text in plan.write.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    for path in plan.remove:
        (folder / path).unlink()
        lock.files.pop(path, None)
    lock.files |= {path: digest(text) for path, text in plan.write.items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(lock.text(), "utf-8")


def _todo(made: Sequence[Service], plan: Plan, there: Mapping[str, str]) -> list[str]:
    """What is left to the adopter, where the project is their own."""
    config = plan.write.get(CONFIG, there.get(CONFIG, ""))
    missing = [each for each in made if f"\n  {each.name}:" not in config]
    found = [f"{CONFIG}, under upstreams:\n{entry(each.name, each.upstream)}" for each in missing]
    ours = {path for path in plan.write if path.count("/") == 1}
    if "schema/query.py" not in {*ours, *plan.same}:
        for each in made:
            named = [root for root in ROOTS if each.of(root)]
            found += [
                f"schema/{root}.py: let {root.capitalize()} have the base class of schema.{each.module}.{root}"
                for root in named
            ]
    return found
