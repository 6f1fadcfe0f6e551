"""Records that are made in C: those of ours, and the kinds of objects that JSON is read as and written from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from keyword import iskeyword
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar, cast

import msgspec

Record = msgspec.Struct  # what is made for every call: its constructor is C, a dataclass's takes three times as long
field = msgspec.field
changed = msgspec.structs.replace  # a record with other values in some fields


class Row(msgspec.Struct, eq=False):
    """A JSON object of which only the members of use became values, each an attribute. Reads as the object does."""

    getters: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    def get(self, member: str) -> Any:
        """As of the object itself, but that nothing is known of other members."""
        getter = self.getters.get(member)
        return None if getter is None else getter(self)

    def keys(self) -> Collection[str]:
        return self.getters.keys()

    def __getitem__(self, member: str) -> Any:
        return self.getters[member](self)

    def __eq__(self, other: object) -> bool:
        return dict(self) == (dict(other) if isinstance(other, Row) else other)

    def __ne__(self, other: object) -> bool:  # the library's own would be found, and knows nothing of dicts
        return not self == other

    __hash__ = None  # type: ignore[assignment]


class Member(NamedTuple):
    """A member of rows, and what is of use there: a value of a built-in scalar, one of some texts, or (None) anything.

    Where it is not `required`, it may be missing or null.
    """

    name: str
    kind: str | frozenset[str] | None = None
    required: bool = False


_KINDS: Mapping[str, Any] = {
    "Boolean": bool,
    "Float": Annotated[float, msgspec.Meta(gt=-(2**53), lt=2**53)],  # beyond, not every whole number is a float
    "ID": str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    "Int": Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)],
    "String": str,
}
R = TypeVar("R", bound="Row")

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Made(Row):
    """An object of an answer, made of its members in their order; written as JSON in half of a dict's time."""

    attributes: ClassVar[Mapping[str, str]] = {}

    def __setitem__(self, member: str, value: Any) -> None:
        setattr(self, self.attributes[member], value)


def made_of(names: Iterable[str]) -> type[Made]:
    """The objects of these members."""
    attributes = attributes_of(names)
    return _struct(Made, attributes, [(attribute, Any) for attribute in attributes.values()])


def read_as(members: Iterable[Member], attributes: Mapping[str, str]) -> type[Row]:
    """The rows of which these members are of use."""
    fields = [_typed(attributes[each.name], each) for each in members]
    return _struct(Row, attributes, fields, frozen=True)


def attributes_of(names: Iterable[str]) -> dict[str, str]:
    """What members are called where they are attributes."""
    return {name: name if _may_be_attribute(name) else f"_{at}" for at, name in enumerate(names)}


def _struct(base: type[R], attributes: Mapping[str, str], fields: list[Any], *, frozen: bool = False) -> type[R]:
    """A kind of `base` with these attributes, by their names in JSON; `frozen`: as it was read."""
    found = msgspec.defstruct(
        "row",
        fields,
        bases=(base,),
        namespace={
            "attributes": attributes,
            "getters": {name: attrgetter(attribute) for name, attribute in attributes.items()},
        },
        rename={attribute: name for name, attribute in attributes.items()},
        eq=False,
        gc=not frozen,  # JSON that was read has no cycles; why a member of an answer failed may be part of one
        frozen=frozen,
        kw_only=frozen,
    )
    return cast("type[R]", found)


def _may_be_attribute(name: str) -> bool:
    return (
        _ATTRIBUTE.fullmatch(name) is not None
        and not iskeyword(name)
        and not hasattr(Made, name)
        and not hasattr(dict, name)
    )


def _typed(attribute: str, member: Member) -> Any:
    kind = member.kind
    if kind is None:
        return attribute, Any, None
    type_ = _KINDS[kind] if isinstance(kind, str) else Literal[tuple(sorted(kind))]
    return (attribute, type_) if member.required else (attribute, type_ | None, None)
