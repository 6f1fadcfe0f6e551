"""Running generated modules that are in no file: the graph that they make, imported from memory.

The modules are called as files would be, `schema` and `resolvers`, and stand in `sys.modules` only while they are
imported: another graph of these names, in files or from memory, is left as it was.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType, ModuleType

import strawberry

from bff.openapi.quiet import without_collector

TOPS = ("schema", "resolvers")
DEEPEST = 10_000  # calls inside calls; a step from type to type, along a chain of them, takes about two


Modules = Mapping[str, str | CodeType]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules of one graph, and nothing else."""

    def __init__(self, modules: Modules, origin: str) -> None:
        self._modules = modules
        self._origin = origin
        self._packages = {name.rpartition(".")[0] for name in modules}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target  # the name says it all
        if fullname not in self._modules:
            return None
        return importlib.machinery.ModuleSpec(
            fullname, self, origin=f"{self._origin}/{fullname}", is_package=self.is_package(fullname)
        )

    def is_package(self, fullname: str) -> bool:
        return fullname in self._packages

    def get_source(self, fullname: str) -> str | None:
        found = self._modules[fullname]
        return found if isinstance(found, str) else None

    def exec_module(self, module: ModuleType) -> None:
        found = self._modules[module.__name__]
        code = _code(module.__name__, found, self._origin) if isinstance(found, str) else found
        exec(code, module.__dict__)  # noqa: S102 - what we wrote


def compiled(modules: Mapping[str, str], origin: str = "openapi") -> dict[str, CodeType]:
    """The modules as Python runs them. Raises SyntaxError."""
    return {name: _code(name, text, origin) for name, text in modules.items()}


def load(modules: Modules, origin: str = "openapi") -> strawberry.Schema:
    """The schema that these modules make. Raises whatever they raise."""
    with _alone(_Finder(modules, origin)), without_collector(), _deep():
        schema = importlib.import_module("schema").schema
    if not isinstance(schema, strawberry.Schema):
        raise TypeError("schema.schema is no strawberry.Schema")
    return schema


def _code(name: str, text: str, origin: str) -> CodeType:
    """As in a file: this module's `from __future__` is not theirs, and would make every annotation a text to parse."""
    return compile(text, f"<{origin}: {name}>", "exec", dont_inherit=True)


@contextmanager
def _deep() -> Iterator[None]:
    """graphql-core goes from each type to those that it needs by recursion."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def _alone(finder: _Finder) -> Iterator[None]:
    """Only these modules have the names of a graph's packages in here."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in TOPS}
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in TOPS]:
            del sys.modules[name]
        sys.modules.update(before)
