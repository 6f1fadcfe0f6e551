"""One operation or fragment, walked once: whether all that it selects is there, and what is left to be told of it.

Says no to whatever it is not sure of. Knows nothing of the definitions beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLIncludeDirective,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.utilities import validate_input_literal

from bff.document.shapes import Selectable, Shape, Shapes

MOST_DEEP = (
    100  # selections in selections; graphql-core looks at up to 200, without fragments at as many as were parsed
)

SWITCHES = {each.name: each.args for each in (GraphQLSkipDirective, GraphQLIncludeDirective)}


class Usage(NamedTuple):
    """A variable where it stands."""

    name: str
    type: Any  # that is needed there
    defaulted: bool  # something else stands there where the variable has no value


class Spread(NamedTuple):
    """A named fragment where it stands."""

    name: str
    within: GraphQLCompositeType


class Walk:
    """One definition on its way; what is found is in its members."""

    __slots__ = ("_shapes", "deepest", "meeting", "spreads", "usages")

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self.usages: list[Usage] = []
        self.spreads: list[Spread] = []
        self.meeting: list[tuple[SelectionSetNode, GraphQLCompositeType]] = []  # where fields of one name may meet
        self.deepest = 0

    def selections(self, set_: SelectionSetNode, shape: Shape, depth: int = 1, *, inline: bool = False) -> bool:
        """Whether everything in a selection set, and in what is selected in it, is right for certain."""
        if depth > MOST_DEEP:
            return False
        self.deepest = max(self.deepest, depth)
        keys = set()
        for each in set_.selections:
            if each.directives and not self._directives(each.directives):
                return False
            if isinstance(each, FieldNode):
                if not self._field(each, shape, depth):
                    return False
                keys.add(each.alias.value if each.alias else each.name.value)
            elif isinstance(each, FragmentSpreadNode):
                self.spreads.append(Spread(each.name.value, shape.type))
            elif not isinstance(each, InlineFragmentNode) or not self._inline(each, shape, depth):
                return False
        if len(keys) < len(set_.selections) and not inline:  # of an inline fragment they meet those around it
            self.meeting.append((set_, shape.type))
        return bool(set_.selections)

    def value(self, node: ValueNode, type_: Any, *, defaulted: bool = False) -> bool:
        """Whether a value may stand where one of this input type has to."""
        if isinstance(node, VariableNode):
            self.usages.append(Usage(node.name.value, type_, defaulted))
            return True
        if is_non_null_type(type_):
            return not isinstance(node, NullValueNode) and self.value(node, type_.of_type)
        if isinstance(node, NullValueNode):
            return True
        if is_list_type(type_):
            items = node.values if isinstance(node, ListValueNode) else (node,)  # a value may stand for a list of one
            return all(self.value(item, type_.of_type) for item in items)
        if is_input_object_type(type_):
            return isinstance(node, ObjectValueNode) and self._members(node, type_)
        return not isinstance(node, (ListValueNode, ObjectValueNode)) and _taken(node, type_)

    def _field(self, node: FieldNode, shape: Shape, depth: int) -> bool:
        field = shape.fields.get(node.name.value)
        if field is None:
            return False
        if (node.arguments or field.required) and not self._arguments(node.arguments or (), field):
            return False
        if node.selection_set is None or field.inside is None:
            return node.selection_set is None and field.inside is None
        inside = self._shapes[field.inside]
        return inside is not None and self.selections(node.selection_set, inside, depth + 1)

    def _inline(self, node: InlineFragmentNode, shape: Shape, depth: int) -> bool:
        inside: Shape | None = shape
        if node.type_condition is not None:
            inside = self._shapes[node.type_condition.name.value]
            if inside is None or not self._shapes.meet(inside.type, shape.type):
                return False
        return inside is not None and self.selections(node.selection_set, inside, depth + 1, inline=True)

    def _arguments(self, given: Sequence[ArgumentNode], field: Selectable) -> bool:
        names = {each.name.value for each in given}
        if len(names) < len(given) or not names.issuperset(field.required):
            return False
        return all(self._argument(each, field.arguments) for each in given)

    def _argument(self, given: ArgumentNode, declared: Mapping[str, GraphQLArgument]) -> bool:
        argument = declared.get(given.name.value)
        return argument is not None and self.value(given.value, argument.type, defaulted=_defaulted(argument))

    def _directives(self, directives: Sequence[DirectiveNode]) -> bool:
        """@skip and @include, once each."""
        names = {each.name.value for each in directives}
        return len(names) == len(directives) and all(self._directive(each) for each in directives)

    def _directive(self, node: DirectiveNode) -> bool:
        declared, given = SWITCHES.get(node.name.value), node.arguments or ()
        return declared is not None and len(given) == 1 and self._argument(given[0], declared)

    def _members(self, node: ObjectValueNode, type_: GraphQLInputObjectType) -> bool:
        if type_.is_one_of:
            return False
        given = {each.name.value: each.value for each in node.fields}
        if len(given) < len(node.fields) or not given.keys() <= type_.fields.keys():
            return False
        if any(is_required_input_field(field) for name, field in type_.fields.items() if name not in given):
            return False
        return all(self._member(value, type_.fields[name]) for name, value in given.items())

    def _member(self, value: ValueNode, field: GraphQLInputField) -> bool:
        return self.value(value, field.type, defaulted=_defaulted(field))


def _defaulted(declared: GraphQLArgument | GraphQLInputField) -> bool:
    return declared.default is not None or declared.default_value is not Undefined


def _taken(node: ValueNode, type_: Any) -> bool:
    """Whether a scalar or an enum takes what is written."""
    errors: list[object] = []
    validate_input_literal(node, type_, lambda error, _: errors.append(error))
    return not errors
