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
from types import ModuleType

import strawberry

TOPS = ("schema", "resolvers")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules of one graph, and nothing else."""

    def __init__(self, modules: Mapping[str, str], origin: str) -> None:
        self._modules = modules
        self._origin = origin

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
        return any(name.startswith(f"{fullname}.") for name in self._modules)

    def get_source(self, fullname: str) -> str:
        return self._modules[fullname]

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        code = compile(self._modules[name], f"<{self._origin}: {name}>", "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - what we wrote


def load(modules: Mapping[str, str], origin: str = "openapi") -> strawberry.Schema:
    """The schema that these modules make. Raises whatever they raise."""
    with _alone(_Finder(modules, origin)):
        schema = importlib.import_module("schema").schema
    if not isinstance(schema, strawberry.Schema):
        raise TypeError("schema.schema is no strawberry.Schema")
    return schema


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
