"""Query text -> a valid document, or why it is none. Remembers nothing."""

from __future__ import annotations

from typing import Any, cast

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLStreamDirective,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SingleFieldSubscriptionsRule,
    StreamDirectiveOnListField,
    ValidationContext,
    is_union_type,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from bff.document.document import Document
from bff.document.limits import MAX_ERRORS, DocumentLimits
from bff.document.refusal import Refusal, refusal
from bff.document.reticent import reticent
from bff.document.sound import Sound
from bff.errors import DocumentInvalid, DocumentUnparsable, OperationTooComplex
from bff.execute import Codes, Program
from bff.plan.compile import asks_for_parts, fragments_in, switches_in
from bff.plan.graph import Graph
from bff.plan.kept import Plans

MAX_COMPARED = 40_000  # what comparing fields that answer under one name may cost: one name 200 times is just below


class Overlapping(OverlappingFieldsCanBeMergedRule):
    """Each field is compared with all others of its name: some 5,000 tokens could take seconds."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARED


class Streaming(StreamDirectiveOnListField):
    """It looks for the field's name among those of its type, and a union has none."""

    def enter_directive(self, node: DirectiveNode, *args: Any) -> None:
        context = cast("ValidationContext", self.context)
        union = context.get_parent_type()
        if not is_union_type(union):
            super().enter_directive(node, *args)
        elif node.name.value == GraphQLStreamDirective.name and context.get_field_def():
            words = "Stream directive cannot be used on non-list field '__typename' on type"
            self.report_error(GraphQLError(f"{words} '{union.name}'.", node))


class OneField(SingleFieldSubscriptionsRule):
    """It reads what @defer is given before it is known to be right, and raises what is wrong of that."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *args: Any) -> None:
        try:
            super().enter_operation_definition(node, *args)
        except ValidationAbortedError:
            raise
        except GraphQLError as error:
            self.report_error(error)


OURS = {
    OverlappingFieldsCanBeMergedRule: Overlapping,
    SingleFieldSubscriptionsRule: OneField,
    StreamDirectiveOnListField: Streaming,
}
RULES = tuple(OURS.get(rule, rule) for rule in specified_rules)


class Reading:
    """How texts are read, for those who may ask the same of a graph; their plans are kept together."""

    __slots__ = ("_codes", "_graph", "_limits", "_programs", "_rules", "_schema", "_sound")

    def __init__(self, graph: Graph, limits: DocumentLimits) -> None:
        self._graph = graph
        self._schema = graph.incremental if limits.incremental else graph.schema
        self._limits = limits
        self._programs: Plans[Program] = Plans()
        self._codes = Codes()
        self._rules = _rules(limits)
        self._sound = Sound(self._schema)

    def document(self, text: str) -> Document:
        """The document of this text. Raises Refusal."""
        node = _parsed(text, self._limits)
        self._check(node)
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
            self._codes,
        )

    def _check(self, node: DocumentNode) -> None:
        if self._sound(node):
            return
        hide = not self._limits.suggestions
        found = validate(self._schema, node, self._rules, max_errors=MAX_ERRORS, hide_suggestions=hide)
        if found and isinstance(found[0], ValidationAbortedError):
            raise refusal(OperationTooComplex("The document repeats too many fields to be validated."))
        if found:
            raise Refusal(DocumentInvalid("The document does not fit the schema."), tuple(found))


def _rules(limits: DocumentLimits) -> tuple[type[ASTValidationRule], ...]:
    rules = (*RULES, *(() if limits.introspection else (NoSchemaIntrospectionCustomRule,)))
    return reticent(rules) if limits.reticent else rules


def _parsed(text: str, limits: DocumentLimits) -> DocumentNode:
    try:
        node = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        raise _unparsable(error) from None
    except RecursionError:
        raise refusal(OperationTooComplex("The document is nested too deeply.")) from None
    _let_go_of_tokens(node)
    directives = text.count("@")  # an upper bound that costs nothing; only a text above it is looked at
    if directives > limits.directives and (directives := _count_directives(node)) > limits.directives:
        message = f"The document has {directives} directives; at most {limits.directives} are allowed."
        raise refusal(OperationTooComplex(message))
    return node


def _let_go_of_tokens(node: DocumentNode) -> None:
    """Each knows the next and the one before, which nobody asks for, and only the collector could free them."""
    token = node.loc.start_token if node.loc else None
    while token is not None:
        following, token.next, token.prev = token.next, None, None
        token = following


def _unparsable(error: GraphQLSyntaxError) -> Refusal:
    """The parser's own limits are syntax errors too, and only their words tell them apart."""
    words = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
    if words.startswith(("Document contains more than", "Document is nested too deeply")):
        return refusal(OperationTooComplex(words))
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
