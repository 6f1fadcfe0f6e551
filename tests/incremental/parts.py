"""One operation answered in parts, and the parts put together again as a client does."""

from __future__ import annotations

import copy
import inspect
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from graphql import ExecutionResult, experimental_execute_incrementally, get_nullable_type, is_list_type

from bff import codec
from bff.document import Documents
from bff.execute import Program, execute_in_parts
from bff.execute.in_parts import Portion
from bff.execute.program import EMIT_AT
from bff.incremental.shapes import Spec, first_part, next_part
from bff.mask import Masked, shown
from bff.plan.compile_parts import compile_in_parts
from bff.plan.graph import Graph, read_graph
from bff.plan.model import Plan
from schema import schema
from tests.execute import family
from tests.execute.documents import Author
from tests.execute.oracle import LIMITS, Outcome, Question, World


@dataclass
class Merged:
    """What a client has after each part, by the rules of the newer format (ids and sub-paths)."""

    data: Any = None
    errors: list[Any] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    open: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    promised: list[Any] = field(default_factory=list)  # paths and labels; of lists, those that had more items

    def take(self, part: dict[str, Any]) -> None:
        assert not self.parts or self.parts[-1]["hasNext"], "a part after the last one"
        self.parts.append(part)
        if "data" in part:
            self.data = copy.deepcopy(part["data"])
        self.errors += part.get("errors", ())
        for promised in part.get("pending", ()):
            assert promised["id"] not in self.open
            self.open[promised["id"]] = tuple(promised["path"])
        for piece in part.get("incremental", ()):
            self._put(piece)
        for promised in part.get("pending", ()):
            assert isinstance(self._at(promised["path"]), dict | list), "promised at a place that is not there"
            if isinstance(self._at(promised["path"]), dict):
                self.promised.append((tuple(promised["path"]), promised.get("label")))
        for over in part.get("completed", ()):
            del self.open[over["id"]]
            self.errors += over.get("errors", ())
        if not part["hasNext"]:
            assert not self.open, f"never completed: {self.open}"

    def _put(self, piece: dict[str, Any]) -> None:
        into = self._at((*self.open[piece["id"]], *piece.get("subPath", ())))
        self.errors += piece.get("errors", ())
        if "items" in piece:
            place = (*self.open[piece["id"]], "items")
            self.promised += [place] if place not in self.promised else []
            into.extend(copy.deepcopy(piece["items"]))
        else:
            assert not into.keys() & piece["data"].keys(), "delivered twice"
            into.update(copy.deepcopy(piece["data"]))

    def _at(self, path: Any) -> Any:
        found = self.data
        for step in path:
            found = found[step]
        return found


@dataclass
class ByPath:
    """The same by the rules of the older format: everything has its path, and is merged deeply there."""

    data: Any = None

    def take(self, part: dict[str, Any]) -> None:
        if "data" in part:
            self.data = copy.deepcopy(part["data"])
        for piece in part.get("incremental", ()):
            if piece.get("items"):
                *path, start = piece["path"]
                for at, item in enumerate(piece["items"]):
                    self._merge([*path, start + at], item)
            elif piece.get("data") is not None:
                self._merge(piece["path"], piece["data"])

    def _merge(self, path: list[Any], value: Any) -> None:
        top = {"data": self.data}
        into: Any = top
        for step in ["data", *path][:-1]:
            into = into[step]
        last = ["data", *path][-1]
        if isinstance(into, list) and last == len(into):
            into.append(copy.deepcopy(value))
        else:
            into[last] = _deeply(into[last], value)
        self.data = top["data"]


def _deeply(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: _deeply(old[key], value) if key in old else value for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        assert len(old) == len(new), "a list of another length is merged into one"
        return [_deeply(*pair) for pair in zip(old, new, strict=True)]
    return copy.deepcopy(new)


class InPartsAuthor(Author):
    """Writes documents with @defer and @stream in them."""

    def _later(self, name: str, more: str = "") -> str:
        if not self._hits(45):
            return ""
        written = [more] if more else []
        if self._hits(30):
            self._keys += 1
            written.append(f'label: "l{self._keys}"')
        if self._hits(20):
            variable = f"d{len(self._declared)}"
            self._declared[variable] = f"${variable}: Boolean! = {self._chance.choice(('true', 'false'))}"
            if self._hits(50):
                self.variables[variable] = self._hits(60)
            written.append(f"if: ${variable}")
        return f" @{name}({', '.join(written)})" if written else f" @{name}"

    def _on_fragment(self, within: Any) -> str:
        return super()._on_fragment(within) + (self._later("defer") if self._may(within) else "")

    def _alias(self, type_: Any, name: str, field: Any) -> str:
        """What streams has a name of its own: fields of one name must stream alike."""
        self._stream = ""
        if self._may(type_) and is_list_type(get_nullable_type(field.type)):
            self._stream = self._later("stream", self._chance.choice(("", "initialCount: 1", "initialCount: 2")))
        if not self._stream:
            return super()._alias(type_, name, field)
        self._keys += 1
        return f"s{self._keys}: "

    def _on_field(self) -> str:
        return super()._on_field() + self._stream

    def _may(self, type_: Any) -> bool:
        return type_ is not self._schema.mutation_type


def with_parts(graph: Graph) -> World:
    """A world whose documents may have @defer and @stream."""
    made = World(graph, {})
    made.documents = Documents(graph, replace(LIMITS, incremental=True), 1_000)
    return made


@cache
def travel() -> World:
    return with_parts(read_graph(schema))


@cache
def relative(number: int) -> World:
    return with_parts(family.graph(number))


def in_parts(of: World, question: Question) -> Plan:
    """The plan of a client that takes parts. Raises Refusal and OperationTooComplex."""
    document = of.documents.get(question.query)
    operation = document.operation(question.name)
    variables = document.variables(operation, question.variables)
    switches = {name: variables.coerced.get(name) for name in document.switches}
    lacking = of.graph.scopes - question.scopes
    return compile_in_parts(of.graph, document.node, operation, switches, lacking=lacking)


def generated(of: World, plan: Plan) -> Program:
    """As it runs from the second time on."""
    program = Program(of.graph, plan)
    for _ in range(EMIT_AT):
        program.begun()
    return program


async def merged(of: World, question: Question, program: Program) -> tuple[Outcome, Merged]:
    """What a client has when the last part has come, and the parts."""
    calls, taken = Counter[str](), Merged()
    by_path: dict[Spec, ByPath] = {"2022": ByPath(), "both": ByPath()}
    context = of.context(question, calls)
    masked = Masked(context.trace_id, context.observer)

    def told(error: Any) -> dict[str, Any]:
        return shown(error, masked)

    def send(part: Portion) -> None:
        taken.take(written(part, "2023"))
        for spec, other in by_path.items():
            other.take(written(part, spec))

    def written(part: Portion, spec: Spec) -> Any:
        if part.executed is not None:
            errors = [told(error) for error in part.executed.errors]
            return json.loads(codec.encode(first_part(part, spec, part.executed.data, errors)))
        return json.loads(codec.encode(next_part(part, spec, told) or {}))

    try:
        asked = of.asked(of.documents.get(question.query), question, context)
        await execute_in_parts(program, asked, question.variables, send)
    finally:
        await context.aclose()
    assert not taken.parts[-1]["hasNext"]
    for spec, other in by_path.items():
        assert other.data == taken.data, f"{spec} is another answer"
    return Outcome(taken.data, taken.errors, calls), taken


async def merged_by_core(of: World, question: Question) -> Merged:
    """The same of graphql-core's own incremental execution."""
    document, taken = of.documents.get(question.query), Merged()
    context = of.context(question, Counter[str]())
    context.waves.serial = document.operation(question.name).operation.value == "mutation"
    try:
        result: Any = experimental_execute_incrementally(
            of.graph.incremental,
            document.node,
            context_value=context,
            variable_values=dict(question.variables),
            hide_suggestions=True,
        )
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, ExecutionResult):
            taken.take({"hasNext": False} | json.loads(codec.encode(result.formatted)))
            return taken
        taken.take(json.loads(codec.encode(result.initial_result.formatted)))
        async for part in result.subsequent_results:
            taken.take(json.loads(codec.encode(part.formatted)))
    finally:
        await context.aclose()
    return taken
