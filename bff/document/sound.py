"""Whether a document is right for certain, in one pass over it: graphql-core's rules take twenty times as long.

Who is told no asks the rules, which find what is wrong, or nothing: what a mistake is, and how it is told, is theirs
alone. What is rare is not looked into: introspection, subscriptions, directives but @skip and @include, definitions of
more than a document needs. `tests/document` holds every yes against the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLSchema,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    TypeInfo,
    ValidationContext,
    VariableDefinitionNode,
    is_input_type,
    is_non_null_type,
    is_type_sub_type_of,
    specified_rules,
    type_from_ast,
)
from graphql.validation.validate import ValidationAbortedError

from bff.document.selections import MOST_DEEP, Usage, Walk
from bff.document.shapes import Shapes

MOST_COMPARED = 4_000  # a tenth of what the rule may take where it has the last word
MOST_REACHED = 10_000  # fragments and variables of all operations; graphql-core stops at five times as many

# The rules that it answers for; of any other that a version of graphql-core has, it can know nothing.
RULES = {
    "DeferStreamDirectiveLabel",
    "DeferStreamDirectiveOnRootField",
    "DeferStreamDirectiveOnValidOperationsRule",
    "ExecutableDefinitionsRule",
    "FieldsOnCorrectTypeRule",
    "FragmentsOnCompositeTypesRule",
    "KnownArgumentNamesRule",
    "KnownDirectivesRule",
    "KnownFragmentNamesRule",
    "KnownOperationTypesRule",
    "KnownTypeNamesRule",
    "LoneAnonymousOperationRule",
    "MaxIntrospectionDepthRule",
    "NoFragmentCyclesRule",
    "NoUndefinedVariablesRule",
    "NoUnusedFragmentsRule",
    "NoUnusedVariablesRule",
    "OverlappingFieldsCanBeMergedRule",
    "PossibleFragmentSpreadsRule",
    "ProvidedRequiredArgumentsRule",
    "ScalarLeafsRule",
    "SingleFieldSubscriptionsRule",
    "StreamDirectiveOnListField",
    "UniqueArgumentNamesRule",
    "UniqueDirectivesPerLocationRule",
    "UniqueFragmentNamesRule",
    "UniqueInputFieldNamesRule",
    "UniqueOperationNamesRule",
    "UniqueVariableNamesRule",
    "ValuesOfCorrectTypeRule",
    "VariablesAreInputTypesRule",
    "VariablesInAllowedPositionRule",
}
KNOWS_ALL_RULES = {rule.__name__ for rule in specified_rules} <= RULES

Fragments = Mapping[str, FragmentDefinitionNode]


class Sound:
    """Says of the documents of one schema whether they are right for certain."""

    __slots__ = ("_schema", "_shapes")

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._shapes = Shapes(schema)

    def __call__(self, document: DocumentNode) -> bool:
        """False: the rules have to be asked."""
        try:
            return KNOWS_ALL_RULES and self._look(document)
        except RecursionError:
            return False

    def _look(self, document: DocumentNode) -> bool:
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        if len(operations) + len(fragments) < len(document.definitions) or not _told_apart(operations):
            return False
        look = _Look(self._schema, self._shapes, fragments)
        return (
            all(map(look.fragment, fragments))
            and look.size * (len(operations) + 1) <= MOST_REACHED
            and all(map(look.operation, operations))
            and look.used == fragments.keys()
            and (not look.meeting or _merges(self._schema, document, look.meeting))
        )


class _Look:
    """One document while it is looked at."""

    __slots__ = ("_depths", "_fragments", "_schema", "_shapes", "_walks", "meeting", "used")

    def __init__(self, schema: GraphQLSchema, shapes: Shapes, fragments: Fragments) -> None:
        self._schema = schema
        self._shapes = shapes
        self._fragments = fragments
        self._walks: dict[str, Walk] = {}  # of the fragments
        self._depths: dict[str, int] = {}  # of the fragments, with what is spread in them
        self.used: set[str] = set()  # fragments
        self.meeting: list[tuple[SelectionSetNode, GraphQLCompositeType]] = []

    def fragment(self, name: str) -> bool:
        """Whether a fragment is right by itself."""
        node, walk = self._fragments[name], Walk(self._shapes)
        shape = self._shapes[node.type_condition.name.value]
        if shape is None or node.directives or node.variable_definitions:
            return False
        self._walks[name] = walk
        return walk.selections(node.selection_set, shape) and self._spread(walk)

    def operation(self, node: OperationDefinitionNode) -> bool:
        """Whether an operation is right with the fragments that it reaches, all of which have been looked at."""
        root, walk = self._schema.get_root_type(node.operation), Walk(self._shapes)
        shape = self._shapes[root.name] if root else None
        if shape is None or node.directives or node.operation is OperationType.SUBSCRIPTION:
            return False
        if not walk.selections(node.selection_set, shape) or not self._spread(walk) or self._depth(walk) > MOST_DEEP:
            return False
        reached = self._reached(walk)
        self.used.update(reached)
        usages = [usage for each in (walk, *reached.values()) for usage in each.usages]
        return self._variables(node.variable_definitions or (), usages)

    @property
    def size(self) -> int:
        """How much each operation may reach."""
        walks = self._walks.values()
        return len(walks) + sum([len(walk.spreads) + len(walk.usages) for walk in walks])

    def _spread(self, walk: Walk) -> bool:
        """Whether the fragments that are spread are there, and can apply."""
        self.meeting += walk.meeting
        for name, within in walk.spreads:
            fragment = self._fragments.get(name)
            shape = self._shapes[fragment.type_condition.name.value] if fragment else None
            if shape is None or not self._shapes.meet(shape.type, within):
                return False
        return True

    def _depth(self, walk: Walk) -> int:
        """At least how deep its selections are with those of its fragments. One that spreads itself is too deep."""
        return walk.deepest + max([self._below(name) for name, _ in walk.spreads], default=0)

    def _below(self, name: str) -> int:
        known = self._depths.get(name)
        if known is None:
            self._depths[name] = MOST_DEEP
            known = self._depths[name] = min(self._depth(self._walks[name]), 2 * MOST_DEEP)
        return known

    def _reached(self, walk: Walk) -> dict[str, Walk]:
        """The fragments that stand in it, or in one of them."""
        found: dict[str, Walk] = {}
        open_ = [walk]
        while open_:
            new = [name for name, _ in open_.pop().spreads if name not in found]
            found |= {name: self._walks[name] for name in new}
            open_ += [self._walks[name] for name in dict.fromkeys(new)]
        return found

    def _variables(self, definitions: Iterable[VariableDefinitionNode], usages: list[Usage]) -> bool:
        """Whether each is declared once and rightly, used, and fits wherever it is."""
        declared: dict[str, tuple[Any, bool]] = {}
        for each in definitions:
            type_: Any = type_from_ast(self._schema, each.type)
            if each.directives or each.variable.name.value in declared or not is_input_type(type_):
                return False
            default = each.default_value
            if default is not None and not Walk(self._shapes).value(default, type_):
                return False
            given = default is not None and not isinstance(default, NullValueNode)
            declared[each.variable.name.value] = (type_, given)
        if declared.keys() != {usage.name for usage in usages}:
            return False
        return all(self._fits(usage, *declared[usage.name]) for usage in usages)

    def _fits(self, usage: Usage, type_: Any, given: bool) -> bool:
        """GraphQL 5.8.5: All Variable Usages Are Allowed."""
        needed = usage.type
        if is_non_null_type(needed) and not is_non_null_type(type_):
            if not given and not usage.defaulted:
                return False
            needed = needed.of_type
        return type_ is needed or is_type_sub_type_of(self._schema, type_, needed)


def _told_apart(operations: list[OperationDefinitionNode]) -> bool:
    names = {each.name.value for each in operations if each.name}
    return len(names) == len(operations) or len(operations) == 1


def _merges(
    schema: GraphQLSchema, document: DocumentNode, sets: list[tuple[SelectionSetNode, GraphQLCompositeType]]
) -> bool:
    """graphql-core's own rule for fields that answer under one name, asked only where there may be some."""
    place = _Place(schema, document)
    rule = OverlappingFieldsCanBeMergedRule(place)
    rule.rule_context.remaining_complexity_budget = MOST_COMPARED
    try:
        for set_, parent in sets:
            place.parent = parent
            rule.enter_selection_set(set_, None, None)
    except ValidationAbortedError:
        return False
    return not place.errors


class _Place(ValidationContext):
    """Where the rule is asked."""

    parent: GraphQLCompositeType | None = None

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.errors: list[object] = []
        info = TypeInfo(schema)
        info.enter(document)
        super().__init__(schema, document, info, self.errors.append)

    def get_parent_type(self) -> GraphQLCompositeType | None:
        return self.parent
