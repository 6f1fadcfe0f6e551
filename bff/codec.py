"""JSON in and out. The one module that imports msgspec; knows no shape and no schema."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from keyword import iskeyword
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, cast

import msgspec

Raw = msgspec.Raw  # JSON text that stands in a value as it is
Record = msgspec.Struct  # what is made for every call: its constructor is C, a dataclass's takes three times as long
field = msgspec.field
changed = msgspec.structs.replace  # a record with other values in some fields

_decoder = msgspec.json.Decoder()
_wide = msgspec.json.Decoder(float_hook=float)  # asked where `_decoder` has refused
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")
_canonical = msgspec.json.Encoder(order="deterministic")


def decode(raw: bytes) -> Any:
    """JSON text as Python values (RFC 8259: NaN, trailing commas and bad UTF-8 are refused).

    Raises ValueError, also for text that is nested too deeply to read.
    """
    try:
        return _decoder.decode(raw)
    except _UNREADABLE as error:
        raise _refusal(error) from None


def decode_answer(raw: bytes) -> Any:
    """The same of what a service says, where a number that no float has room for is infinite.

    No scalar takes it, and where nobody asked for it, it does no harm.
    """
    try:
        return _decoder.decode(raw)
    except _UNREADABLE:
        pass
    try:
        return _wide.decode(raw)
    except _UNREADABLE as error:
        raise _refusal(error) from None


def _refusal(error: Exception) -> ValueError:
    if isinstance(error, msgspec.DecodeError):
        return ValueError(str(error))
    return ValueError("not UTF-8" if isinstance(error, UnicodeDecodeError) else "nested too deeply")


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
M = TypeVar("M")
K = TypeVar("K")

MOST_KEPT = 20_000  # members of all kinds of rows together, and of all kinds of objects: up to 1 kB each
LEAST = 5  # members that a kind with fewer takes as much as

_FINDABLE = re.compile(r"[ !#-\[\]-~]*")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def findable(name: str) -> bool:
    """Whether the library finds members of this name in an object of which others are of no use."""
    return _FINDABLE.fullmatch(name) is not None


class Rows:
    """A `decode` for rows of which only some members are of use: `row` is what each of them becomes.

    What is not one of them, or a list of them and nulls, is read whole. Raises ValueError for members whose names are
    not `findable`.
    """

    __slots__ = ("_decoder", "_members", "attributes", "row")

    def __init__(self, members: tuple[Member, ...]) -> None:
        self._members = {each.name: each for each in members}
        self.attributes = _attributes(self._members)
        fields = [_typed(self.attributes[each.name], each) for each in members]
        self.row = row = _struct(Row, self.attributes, fields, frozen=True)
        self._decoder = msgspec.json.Decoder(list[row | None] | row | None)  # type: ignore[valid-type]

    def member(self, name: str | None) -> Member | None:
        """What is read of each row under this name; None for what is not one member."""
        return None if name is None else self._members[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the order in which a row is written."""
        return tuple(self._members)

    def __call__(self, raw: bytes) -> Any:
        try:
            found = self._decoder.decode(raw)
            if not raw.isascii():
                raw.decode()  # also of what is passed over, which nobody has looked at
        except _UNREADABLE:
            return decode_answer(raw)
        return found


class Made(Row):
    """An object of an answer, made of its members in their order; written as JSON in half of a dict's time."""

    attributes: ClassVar[Mapping[str, str]] = {}

    def __setitem__(self, member: str, value: Any) -> None:
        setattr(self, self.attributes[member], value)


class Kept(Generic[M, K]):
    """What was made of some members. It takes memory by their number, which clients have a say in, and so it counts:
    least recently used ones are forgotten first.
    """

    __slots__ = ("_entries", "_make", "_size")

    def __init__(self, make: Callable[[tuple[M, ...]], K]) -> None:
        self._make = make
        self._entries: OrderedDict[tuple[M, ...], K] = OrderedDict()
        self._size = 0

    def __call__(self, members: tuple[M, ...]) -> K:
        found = self._entries.get(members)
        if found is None:
            found = self._make(members)
            self._remember(members, found)
        else:
            self._entries.move_to_end(members)
        return found

    def _remember(self, members: tuple[M, ...], found: K) -> None:
        self._entries[members] = found
        self._size += LEAST + len(members)
        while self._size > MOST_KEPT:
            forgotten, _ = self._entries.popitem(last=False)
            self._size -= LEAST + len(forgotten)


def _made(names: tuple[str, ...]) -> type[Made]:
    attributes = _attributes(names)
    return _struct(Made, attributes, [(attribute, Any) for attribute in attributes.values()])


made = Kept(_made)  # the objects of these members


def _attributes(names: Iterable[str]) -> dict[str, str]:
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


rows = Kept(Rows)

T = TypeVar("T")


def opened(value: T) -> T | Any:
    """The same value with rows as the objects that they came of, as far as they are of use."""
    if isinstance(value, list):
        return (
            [opened(each) for each in value] if any(issubclass(kind, Row) for kind in set(map(type, value))) else value
        )
    return {name: getter(value) for name, getter in value.getters.items()} if isinstance(value, Row) else value


def encode(value: Any) -> bytes:
    """Python values as compact JSON: dates in ISO 8601, decimals as strings so that no digit is lost."""
    return _encoder.encode(value)


def fingerprint(value: Any) -> bytes:
    """Equal bytes for equal JSON values, whatever the order of object members."""
    return _canonical.encode(value)
