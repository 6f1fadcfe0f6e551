"""Validation that says where a document is wrong and names nothing of the schema: for who may not see it.

graphql-core's words name types, arguments and fields that nobody sent. A rule that looks at the document alone keeps
its own words; of any other, also one that a later version adds, a sentence is told that can name nothing. Knows no
caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from graphql import (
    ASTValidationRule,
    ExecutableDefinitionsRule,
    FieldsOnCorrectTypeRule,
    FragmentsOnCompositeTypesRule,
    GraphQLError,
    KnownArgumentNamesRule,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    KnownOperationTypesRule,
    KnownTypeNamesRule,
    LoneAnonymousOperationRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    NoSchemaIntrospectionCustomRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
    ValidationContext,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
)

Rule = type[ASTValidationRule]

ANYTHING = "The document does not fit the schema here."
A_VARIABLE = "The variables do not fit."

# Rules that know nothing but the document, so that their words hold what was sent.
OF_THE_DOCUMENT: tuple[Rule, ...] = (
    ExecutableDefinitionsRule,
    KnownFragmentNamesRule,
    KnownOperationTypesRule,
    LoneAnonymousOperationRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    NoSchemaIntrospectionCustomRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
)

OF_THE_SCHEMA: tuple[tuple[Rule, str], ...] = (
    (FieldsOnCorrectTypeRule, "There is no such field here."),
    (KnownArgumentNamesRule, "There is no such argument here."),
    (KnownDirectivesRule, "There is no such directive here."),
    (KnownTypeNamesRule, "There is no such type."),
    (FragmentsOnCompositeTypesRule, "A fragment cannot be on a type without fields."),
    (PossibleFragmentSpreadsRule, "This fragment can never apply here."),
    (ProvidedRequiredArgumentsRule, "A required argument is missing."),
    (ScalarLeafsRule, "Fields of this must be chosen, or it has none."),
    (OverlappingFieldsCanBeMergedRule, "These fields have one name in the answer, and are not the same."),
    (ValuesOfCorrectTypeRule, "This value cannot stand here."),
    (VariablesAreInputTypesRule, "A variable cannot be of this type."),
    (VariablesInAllowedPositionRule, "The variable is not of the type that is needed here."),
)


def reticent(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The same rules, in words that name nothing of the schema."""
    return tuple([rule if issubclass(rule, OF_THE_DOCUMENT) else _made(rule, _words(rule)) for rule in rules])


def without_names(errors: Iterable[GraphQLError]) -> tuple[GraphQLError, ...]:
    """Mistakes in variables: which of them do not fit, and not why."""
    return tuple({_of_variable(error): GraphQLError(_of_variable(error), error.nodes) for error in errors}.values())


def _of_variable(error: GraphQLError) -> str:
    for node in error.nodes or ():
        if isinstance(node, VariableDefinitionNode):
            return f"Variable '${node.variable.name.value}' has a value that does not fit."
    return A_VARIABLE


def _words(rule: Rule) -> str:
    return next((words for known, words in OF_THE_SCHEMA if issubclass(rule, known)), ANYTHING)


def _made(rule: Rule, words: str) -> Rule:
    def begin(self: ASTValidationRule, context: ValidationContext) -> None:
        rule.__init__(self, cast("ValidationContext", _Listening(context, words)))

    return type(rule.__name__, (rule,), {"__init__": begin})


class _Listening:
    """The context of a rule, where its errors come by; graphql-core's rules report to it in more than one way."""

    def __init__(self, context: ValidationContext, words: str) -> None:
        self._context = context
        self._words = words

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def report_error(self, error: GraphQLError) -> None:
        self._context.report_error(GraphQLError(self._words, error.nodes))
