"""Query text -> a parsed, validated document with its plans, remembered by text.

Knows no HTTP and runs nothing. A document that was refused is remembered too, so that a flood of one bad query costs a
lookup. The cache holds the most recently used texts and no more, and so it does with their plans (`bff.plan.kept`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoDeprecatedCustomRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.validation.validate import ValidationAbortedError

from bff.errors import (
    BadUserInput,
    BffError,
    DocumentInvalid,
    DocumentUnparsable,
    OperationNotFound,
    OperationTooComplex,
)
from bff.execute import Program
from bff.plan.compile import asks_for_parts, compile_plan, fragments_in, switches_in
from bff.plan.compile_parts import compile_in_parts
from bff.plan.graph import Graph
from bff.plan.kept import Plans
from bff.plan.model import Plan
from bff.reticent import reticent, without_names

Why = tuple[BffError, tuple[GraphQLError, ...]]

MAX_ERRORS = 10  # validation errors that one answer lists
MAX_TEXT = 1_000_000  # characters of all documents that are kept: parsed, each takes up to 150 bytes of memory
MAX_COMPARED = 40_000  # what comparing fields that answer under one name may cost: one name 200 times is just below


class Refusal(Exception):
    """A document or an operation that cannot run: what kind of mistake, and each place of it."""

    def __init__(self, kind: BffError, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__(str(kind))
        self.kind = kind
        self.errors = errors


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What a text may hold, checked while it is read; and what its mistakes may tell of the schema."""

    tokens: int
    directives: int
    introspection: bool
    suggestions: bool = True  # names that exist, for one that does not
    incremental: bool = False  # @defer and @stream

    @property
    def reticent(self) -> bool:
        """Whether mistakes are told without any name of the schema."""
        return not self.introspection and not self.suggestions


@dataclass(slots=True, eq=False)
class Document:
    """One valid document."""

    graph: Graph
    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    switches: tuple[str, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    limits: DocumentLimits
    schema: GraphQLSchema  # with the directives that it may have
    in_parts: bool  # something in it may come later
    programs: Plans[Program] = record(default_factory=Plans)
    mark: object = record(default_factory=object)  # tells its plans apart, and does not hold it

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run (GraphQL 6.1 GetOperation). Raises Refusal."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name else None
        if found is None:
            raise _refusal(OperationNotFound(_no_operation(name)))
        return found

    def plan(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any], lacking: frozenset[str] = frozenset()
    ) -> Plan:
        """The plan of `operation` with these coerced variables, for a caller without the scopes in `lacking`.

        It is that of a client that takes parts, which is the dearer one. Raises Refusal for a document beyond analysis.
        """
        return self.program(operation, variables, lacking, in_parts=self.in_parts).plan

    def program(
        self,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        lacking: frozenset[str] = frozenset(),
        *,
        in_parts: bool = False,
    ) -> Program:
        """The same plan, ready to run; with `in_parts` one that heeds @defer and @stream."""
        for switch in self.switches:
            if variables.get(switch, True) is None:
                raise Refusal(BadUserInput("The variables do not fit."), (GraphQLError(_no_switch(switch)),))
        switches = {name: variables.get(name) for name in self.switches}
        name = operation.name.value if operation.name else None
        compiled = compile_in_parts if in_parts else compile_plan
        key = (self.mark, name, lacking, compiled, *switches.values())
        try:
            return self.programs.get(
                key,
                lambda: Program(self.graph, compiled(self.graph, self.node, operation, switches, lacking=lacking)),
            )
        except OperationTooComplex as error:
            raise _refusal(error) from None
        except RecursionError:
            raise _refusal(OperationTooComplex("The document is nested too deeply.")) from None

    def deprecated(self) -> tuple[str, ...]:
        """What it asks for and better would not, in the schema's words. Read anew each time."""
        found = validate(self.graph.schema, self.node, (NoDeprecatedCustomRule,), max_errors=MAX_ERRORS)
        return tuple(dict.fromkeys(error.message for error in found if error.locations))

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """Coerced variables (GraphQL 6.1.2). Raises Refusal with every mistake."""
        definitions = operation.variable_definitions or ()
        found = get_variable_values(
            self.graph.schema,
            definitions,
            dict(given),
            max_errors=MAX_ERRORS,
            hide_suggestions=not self.limits.suggestions,
        )
        if isinstance(found, list):
            errors = without_names(found) if self.limits.reticent else tuple(found)
            raise Refusal(BadUserInput("The variables do not fit."), errors)
        return found


class Overlapping(OverlappingFieldsCanBeMergedRule):
    """Each field is compared with all others of its name: some 5,000 tokens could take seconds."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARED


RULES = tuple(Overlapping if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)


class Documents:
    """Documents by their text, least recently used ones forgotten first."""

    __slots__ = ("_entries", "_graph", "_limits", "_most", "_programs", "_rules", "_schema", "_size")

    def __init__(self, graph: Graph, limits: DocumentLimits, most: int) -> None:
        self._graph = graph
        self._schema = graph.incremental if limits.incremental else graph.schema
        self._limits = limits
        self._most = most
        self._entries: OrderedDict[str, Document | Why] = OrderedDict()
        self._size = 0
        self._programs: Plans[Program] = Plans()
        rules = (*RULES, *(() if limits.introspection else (NoSchemaIntrospectionCustomRule,)))
        self._rules = reticent(rules) if limits.reticent else rules

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, text: str) -> Document:
        """The document of this text. Raises Refusal."""
        entry = self._entries.get(text)
        if entry is None:
            entry = _attempt(lambda: self._read(text))
            self._remember(text, entry)
        else:
            self._entries.move_to_end(text)
        if isinstance(entry, Document):
            return entry
        raise Refusal(*entry)  # a new one each time: a raised exception holds the frames it went through

    def _remember(self, text: str, entry: Document | Why) -> None:
        self._entries[text] = entry
        self._size += len(text)
        while len(self._entries) > self._most or self._size > MAX_TEXT:
            forgotten, _ = self._entries.popitem(last=False)
            self._size -= len(forgotten)

    def _read(self, text: str) -> Document:
        node = _parsed(text, self._limits)
        found = validate(
            self._schema,
            node,
            self._rules,
            max_errors=MAX_ERRORS,
            hide_suggestions=not self._limits.suggestions,
        )
        if found and isinstance(found[0], ValidationAbortedError):
            raise _refusal(OperationTooComplex("The document repeats too many fields to be validated."))
        if found:
            raise Refusal(DocumentInvalid("The document does not fit the schema."), tuple(found))
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(
            self._graph,
            node,
            operations,
            switches_in(node),
            fragments_in(node),
            self._limits,
            self._schema,
            asks_for_parts(node),
            self._programs,
        )


def _parsed(text: str, limits: DocumentLimits) -> DocumentNode:
    try:
        node = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        raise _unparsable(error) from None
    except RecursionError:
        raise _refusal(OperationTooComplex("The document is nested too deeply.")) from None
    directives = text.count("@")  # an upper bound that costs nothing; only a text above it is looked at
    if directives > limits.directives and (directives := _count_directives(node)) > limits.directives:
        message = f"The document has {directives} directives; at most {limits.directives} are allowed."
        raise _refusal(OperationTooComplex(message))
    return node


def _unparsable(error: GraphQLSyntaxError) -> Refusal:
    """The parser's own limits are syntax errors too, and only their words tell them apart."""
    words = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
    if words.startswith(("Document contains more than", "Document is nested too deeply")):
        return _refusal(OperationTooComplex(words))
    return Refusal(DocumentUnparsable("The document is not GraphQL."), (error,))


def _count_directives(node: Any) -> int:
    stack, count = [node], 0
    while stack:
        current = stack.pop()
        count += len(getattr(current, "directives", None) or ())
        for name in ("definitions", "selections", "variable_definitions"):
            stack.extend(getattr(current, name, None) or ())
        if inner := getattr(current, "selection_set", None):
            stack.append(inner)
    return count


def _attempt(read: Callable[[], Document]) -> Document | Why:
    try:
        return read()
    except Refusal as refusal:
        return (refusal.kind, refusal.errors)
    except RecursionError:
        deep = _refusal(OperationTooComplex("The document is nested too deeply."))
        return (deep.kind, deep.errors)


def _refusal(error: BffError) -> Refusal:
    return Refusal(error, (GraphQLError(str(error)),))


def _no_switch(name: str) -> str:
    """A default lets `$name: Boolean = true` stand where Boolean! is asked for, and an explicit null still through."""
    return f"Variable '${name}' must not be null: it says what is skipped or included."


def _no_operation(name: str | None) -> str:
    if name:
        return f'The document has no operation named "{name}".'
    return "The document has several operations, or none: name the one to run in operationName."
