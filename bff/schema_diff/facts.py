"""What it means when one fact of an element is another one in the new schema. A table of pure functions.

Each takes the old and the new element, which differ in that fact, and says what a client of the old one would see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import GraphQLType, get_named_type, is_list_type, is_non_null_type

from bff.schema_diff.change import Change
from bff.schema_diff.elements import Element

Changes = Iterator[Change]

REFUSED = "operations that {} are refused"
OPERATIONS = {"query": "queries", "mutation": "mutations", "subscription": "subscriptions"}


def _kind(old: Element, new: Element) -> Changes:
    message = f"was {_a(old.facts['kind'])} and is {_a(new.facts['kind'])}"
    yield Change("breaking", "TYPE_CHANGED_KIND", old.coordinate, message, REFUSED.format("name it"))


def _roots(old: Element, new: Element) -> Changes:
    before, after = old.facts["roots"], new.facts["roots"]
    for kind in sorted(before.keys() - after.keys()):
        yield Change(
            "breaking", "ROOT_REMOVED", old.coordinate, f"has no {OPERATIONS[kind]}", "all of them are refused"
        )
    for kind in sorted(after.keys() - before.keys()):
        yield Change("safe", "ROOT_ADDED", old.coordinate, f"has {OPERATIONS[kind]}")
    for kind in sorted(kind for kind in before.keys() & after.keys() if before[kind] != after[kind]):
        message = f"{OPERATIONS[kind]} begin at {after[kind]} and not at {before[kind]}"
        yield Change(
            "breaking", "ROOT_CHANGED", old.coordinate, message, REFUSED.format("need what only the other has")
        )


def _type(old: Element, new: Element) -> Changes:
    before, after = old.facts["type"], new.facts["type"]
    message = f"was {before} and is {after}"
    sent = old.kind != "field"
    kind = "ARG_CHANGED_KIND" if old.kind == "argument" else "FIELD_CHANGED_KIND"
    if (accepts if sent else promises)(before, after):
        yield Change("safe", f"{kind}_SAFE", old.coordinate, message)
    else:
        yield Change("breaking", kind, old.coordinate, message, (_refused if sent else _received)(before, after))


def promises(before: GraphQLType, after: GraphQLType) -> bool:
    """Whether whoever reads a value of the old type can read one of the new type: null may cease, never begin."""
    if is_non_null_type(before):
        return is_non_null_type(after) and promises(before.of_type, after.of_type)
    if is_non_null_type(after):
        return promises(before, after.of_type)
    return _inside(promises, before, after)


def accepts(before: GraphQLType, after: GraphQLType) -> bool:
    """Whether whoever sends a value of the old type may send it as the new type: null may begin, never cease."""
    if is_non_null_type(before):
        return accepts(before.of_type, after.of_type if is_non_null_type(after) else after)
    return not is_non_null_type(after) and _inside(accepts, before, after)


def _inside(fits: Callable[[GraphQLType, GraphQLType], bool], before: GraphQLType, after: GraphQLType) -> bool:
    if is_list_type(before) and is_list_type(after):
        return fits(before.of_type, after.of_type)
    return (
        not is_list_type(before)
        and not is_list_type(after)
        and get_named_type(before).name == get_named_type(after).name
    )


def _received(before: GraphQLType, after: GraphQLType) -> str:
    if get_named_type(before).name != get_named_type(after).name:
        return "values of another type come, and selections on the old one are refused"
    if str(before).count("[") != str(after).count("["):
        return "a list comes where none was, or none where one was"
    return "null can come where a value was promised"


def _refused(before: GraphQLType, after: GraphQLType) -> str:
    if get_named_type(before).name != get_named_type(after).name:
        return "variables of the old type are refused"
    if str(before).count("[") != str(after).count("["):
        return "variables that are lists, or are none, are refused"
    return REFUSED.format("send null, or leave it out")


def _default(old: Element, new: Element) -> Changes:
    before, after = old.facts["default"], new.facts["default"]
    kind = "ARG_DEFAULT_VALUE" if old.kind == "argument" else "INPUT_FIELD_DEFAULT_VALUE"
    left_out = "operations that leave it out"
    if before is None:
        yield Change("safe", f"{kind}_ADDED", old.coordinate, f"has the default {after}", "")
    elif after is not None:
        yield Change(
            "dangerous",
            f"{kind}_CHANGE",
            old.coordinate,
            f"had the default {before} and has {after}",
            f"{left_out} are answered differently",
        )
    elif new.facts["required"]:  # the default was what made it optional
        yield Change(
            "breaking",
            f"{kind}_CHANGE",
            old.coordinate,
            f"has no default any more, it was {before}",
            f"{left_out} are refused",
        )
    else:
        yield Change(
            "dangerous",
            f"{kind}_CHANGE",
            old.coordinate,
            f"has no default any more, it was {before}",
            f"{left_out} are answered differently",
        )


def _description(old: Element, _new: Element) -> Changes:
    yield Change("safe", "DESCRIPTION_CHANGED", old.coordinate, "is described in other words")


def _deprecated(old: Element, new: Element) -> Changes:
    before, after = old.facts["deprecated"], new.facts["deprecated"]
    if after is None:
        yield Change("safe", "DEPRECATION_REMOVED", old.coordinate, "is no longer deprecated")
    elif before is None:
        yield Change(
            "safe", "DEPRECATION_ADDED", old.coordinate, f"is deprecated: {after}", "editors and linters warn of it"
        )
    else:
        yield Change("safe", "DEPRECATION_CHANGED", old.coordinate, f"is deprecated for another reason: {after}")


def _interfaces(old: Element, new: Element) -> Changes:
    before, after = old.facts["interfaces"], new.facts["interfaces"]
    for name in sorted(before - after):
        effect = f"it comes no more where {_a(name)} is asked for, and fragments on it there are refused"
        yield Change("breaking", "IMPLEMENTED_INTERFACE_REMOVED", old.coordinate, f"is no {name} any more", effect)
    for name in sorted(after - before):
        effect = f"where {_a(name)} is asked for, objects of a type come that clients may not know"
        yield Change("dangerous", "IMPLEMENTED_INTERFACE_ADDED", old.coordinate, f"is {_a(name)} now", effect)


def _members(old: Element, new: Element) -> Changes:
    before, after = old.facts["members"], new.facts["members"]
    for name in sorted(before - after):
        effect = f"fragments on {name} are refused there"
        yield Change("breaking", "TYPE_REMOVED_FROM_UNION", old.coordinate, f"cannot be {_a(name)} any more", effect)
    for name in sorted(after - before):
        effect = "objects of a type come that clients may not know"
        yield Change("dangerous", "TYPE_ADDED_TO_UNION", old.coordinate, f"can be {_a(name)} now", effect)


def _locations(old: Element, new: Element) -> Changes:
    before, after = old.facts["locations"], new.facts["locations"]
    for name in sorted(before - after):
        effect = REFUSED.format("have it there")
        yield Change(
            "breaking", "DIRECTIVE_LOCATION_REMOVED", old.coordinate, f"cannot stand at {name} any more", effect
        )
    for name in sorted(after - before):
        yield Change("safe", "DIRECTIVE_LOCATION_ADDED", old.coordinate, f"can stand at {name}")


def _repeatable(old: Element, new: Element) -> Changes:
    if new.facts["repeatable"]:
        yield Change("safe", "DIRECTIVE_REPEATABLE_ADDED", old.coordinate, "can be repeated")
    else:
        effect = REFUSED.format("repeat it")
        yield Change("breaking", "DIRECTIVE_REPEATABLE_REMOVED", old.coordinate, "cannot be repeated any more", effect)


def _url(old: Element, new: Element) -> Changes:
    message = f"is specified by {new.facts['url']} and not by {old.facts['url']}"
    yield Change("dangerous", "SPECIFIED_BY_CHANGED", old.coordinate, message, "its values may be written differently")


def _one_of(old: Element, new: Element) -> Changes:
    if new.facts["one_of"]:
        effect = REFUSED.format("give several of its members, or none")
        yield Change("breaking", "ONE_OF_ADDED", old.coordinate, "takes exactly one of its members", effect)
    else:
        yield Change("safe", "ONE_OF_REMOVED", old.coordinate, "takes any number of its members")


def _scopes(old: Element, new: Element) -> Changes:
    before, after = (_sets(element.facts.get("scopes")) for element in (old, new))
    needs, needed = (" or ".join(map(" and ".join, sets)) for sets in (after, before))
    if not after:
        message, effect = f"needs no scope any more, it was {needed}", "it is there for callers who could not see it"
    else:
        message = f"needs the scope {needs}{f', it was {needed}' if needed else ''}"
        effect = "callers without it get FORBIDDEN"
    yield Change("dangerous", "SCOPES_CHANGED", old.coordinate, message, effect)


def _sets(scopes: Mapping[str, Any] | None) -> list[list[str]]:
    return [list(each) for each in scopes["scopes"]] if scopes else []


def _cost(old: Element, new: Element) -> Changes:
    before, after = ((element.facts.get("cost") or {}).get("weight", "the default") for element in (old, new))
    yield Change("dangerous", "COST_CHANGED", old.coordinate, f"weighed {before} and weighs {after}", PRICED)


def _size(old: Element, new: Element) -> Changes:
    before, after = (_as_text(element.facts.get("size")) for element in (old, new))
    yield Change("dangerous", "LIST_SIZE_CHANGED", old.coordinate, f"was sized by {before} and is by {after}", PRICED)


PRICED = "operations have another price, and may be over a limit"


def _as_text(size: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}: {value}" for name, value in (size or {}).items()) or "nothing"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeioAEIO' else 'a'} {noun}"


# In this order; a fact that is not here, such as what a type's own kind brings with it, is told by another.
FACTS: Mapping[str, Callable[[Element, Element], Changes]] = {
    "kind": _kind,
    "roots": _roots,
    "type": _type,
    "default": _default,
    "interfaces": _interfaces,
    "members": _members,
    "one_of": _one_of,
    "locations": _locations,
    "repeatable": _repeatable,
    "url": _url,
    "scopes": _scopes,
    "cost": _cost,
    "size": _size,
    "deprecated": _deprecated,
    "description": _description,
}
