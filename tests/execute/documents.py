"""Documents made up for any schema: valid by construction, but for what only validation can tell.

Aliases, fragments that are spread again, inline fragments, @skip and @include, variables with and without defaults,
input objects, lists of one, introspection.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

TEXTS: dict[str, tuple[str, ...]] = {
    "Int": ("0", "1", "2", "3"),
    "Float": ("0.5", "2", "-1e3"),
    "Boolean": ("true", "false"),
    "ID": ('"1"', '"2"', "3", '"x"', '""'),
    "String": ('"x"', '""', '"ß\\n"', '"1"'),
    "Date": ('"2026-01-31"',),
    "Decimal": ('"1.5"',),
    "UUID": ('"12345678-1234-5678-1234-567812345678"',),
    "JSON": ("{a: [1, null]}", "7"),
}
CURSORS = ("null", '"WyJvIiwxXQ"', '"WyJjIixudWxsLDFd"', '"no cursor"')
INTROSPECTED = (
    "{key}: __schema {{ queryType {{ name }} types {{ name }} }}",
    '{key}: __type(name: "Query") {{ kind fields {{ name type {{ name ofType {{ name }} }} }} }}',
    '{key}: __type(name: "Nothing") {{ name }}',
)


class Author:
    """Writes one document. `chance` is hypothesis's, so that a document that shows a mistake shrinks."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random, *, size: int = 12, depth: int = 5) -> None:
        self._schema = schema
        self._chance = chance
        self._left = size  # fields with fields in them that may still be written
        self._depth = depth
        self._differing = _differing(schema)
        self._fragments: dict[str, tuple[str, str]] = {}  # name -> type and text
        self._declared: dict[str, str] = {}
        self._keys = 0
        self.variables: dict[str, Any] = {}

    def document(self, kind: str = "query") -> str:
        root: Any = self._schema.query_type if kind == "query" else self._schema.mutation_type
        selections = self._selections(root, 0)
        declared = f"({', '.join(self._declared.values())})" if self._declared else ""
        fragments = [f"fragment {name} on {on} {text}" for name, (on, text) in self._fragments.items()]
        return "\n".join([f"{kind} Q{declared} {selections}", *fragments])

    def _hits(self, percent: int) -> bool:
        return self._chance.randrange(100) >= 100 - percent

    def _selections(self, type_: Any, depth: int) -> str:
        count = 1 + self._chance.randrange(4)
        parts = [part for _ in range(count) for part in self._selection(type_, depth)]
        return f"{{ {' '.join(parts) or '__typename'} }}"

    def _selection(self, type_: Any, depth: int) -> Iterator[str]:
        if self._hits(8):
            yield f"{self._key('__typename')}__typename{self._directives()}"
        elif depth == 0 and type_ is self._schema.query_type and self._hits(4):
            self._keys += 1
            yield self._chance.choice(INTROSPECTED).format(key=f"i{self._keys}")
        elif self._hits(25) or not getattr(type_, "fields", None):
            yield from self._fragment(type_, depth)
        else:
            yield from self._field(type_, depth)

    def _fragment(self, type_: Any, depth: int) -> Iterator[str]:
        if self._left <= 0:
            return
        self._left -= 1
        on = type_
        if is_abstract_type(type_):
            on = self._chance.choice([*self._schema.get_possible_types(type_), type_])
        known = [name for name, (of, _) in self._fragments.items() if of == on.name]
        if known and self._hits(50):
            yield f"...{self._chance.choice(known)}{self._on_fragment(type_)}"
        elif self._hits(50):
            text = self._selections(on, depth + 1)
            name = f"F{len(self._fragments)}"
            self._fragments[name] = (on.name, text)
            yield f"...{name}{self._on_fragment(type_)}"
        else:
            condition = "" if on is type_ and self._hits(50) else f" on {on.name}"
            yield f"...{condition}{self._on_fragment(type_)} {self._selections(on, depth + 1)}"

    def _field(self, type_: Any, depth: int) -> Iterator[str]:
        name = self._chance.choice(sorted(type_.fields))
        field = type_.fields[name]
        named: Any = get_named_type(field.type)
        inside = ""
        if is_composite_type(named):
            if self._left <= 0 or depth >= self._depth:
                return
            self._left -= 1
            inside = f" {self._selections(named, depth + 1)}"
        yield f"{self._alias(type_, name, field)}{name}{self._arguments(field)}{self._on_field()}{inside}"

    def _alias(self, type_: Any, name: str, field: Any) -> str:
        """Fields that answer under one name must be the same field with the same arguments."""
        if field.args:
            self._keys += 1
            return f"a{self._keys}: "
        if name in self._differing:
            return f"{name}_{type_.name}: "
        return self._key(name)

    def _key(self, name: str) -> str:
        return f"{name}Too: " if self._hits(15) else ""

    def _arguments(self, field: Any) -> str:
        written = [text for name, argument in field.args.items() for text in self._argument(name, argument)]
        return f"({', '.join(written)})" if written else ""

    def _argument(self, name: str, argument: Any) -> Iterator[str]:
        optional = not is_non_null_type(argument.type) or argument.default is not None
        optional = optional or argument.default_value is not Undefined
        if optional and self._hits(30):
            return
        if self._hits(30):
            yield f"{name}: ${self._variable(argument)}"
        elif name == "after":
            yield f"{name}: {self._chance.choice(CURSORS)}"
        else:
            yield f"{name}: {self._value(argument.type)}"

    def _variable(self, argument: Any) -> str:
        """A variable of the argument's type; with a default, without one, given or not."""
        name = f"v{len(self._declared)}"
        needed = is_non_null_type(argument.type)
        self._declared[name] = f"${name}: {argument.type}"
        if self._hits(40):
            nullable = get_nullable_type(argument.type)
            self._declared[name] = f"${name}: {nullable} = {self._value(nullable, certain=True)}"
            needed = False
        if needed or self._hits(60):
            self.variables[name] = self._given(argument.type)
        return name

    def _given(self, type_: Any) -> Any:
        """JSON for a variable."""
        inner = get_nullable_type(type_)
        if inner is type_ and self._hits(15):
            return None
        if is_list_type(inner):
            return [self._given(inner.of_type) for _ in range(self._chance.randrange(3))]
        if is_input_object_type(inner):
            return {
                name: self._given(each.type)
                for name, each in inner.fields.items()
                if is_non_null_type(each.type) or self._hits(60)
            }
        if is_enum_type(inner):
            return self._chance.choice(sorted(inner.values))
        if inner.name == "JSON":
            return {"a": [1, None]}
        found = json.loads(self._chance.choice(TEXTS[inner.name]))
        return str(found) if inner.name == "ID" else found

    def _value(self, type_: Any, *, certain: bool = False) -> str:
        inner: Any = get_nullable_type(type_)
        if inner is type_ and not certain and self._hits(15):
            return "null"
        if is_list_type(inner):
            if self._hits(15):
                return self._value(inner.of_type, certain=True)  # one is taken for a list of one
            items = [self._value(inner.of_type) for _ in range(self._chance.randrange(4))]
            return f"[{', '.join(items)}]"
        if is_input_object_type(inner):
            members = [
                f"{name}: {self._value(each.type)}"
                for name, each in inner.fields.items()
                if is_non_null_type(each.type) or self._hits(60)
            ]
            return f"{{{', '.join(members)}}}"
        if is_enum_type(inner):
            return str(self._chance.choice(sorted(inner.values)))
        return str(self._chance.choice(TEXTS[inner.name]))

    def _on_fragment(self, _within: Any) -> str:
        return self._directives()

    def _on_field(self) -> str:
        return self._directives()

    def _directives(self) -> str:
        if not self._hits(8):
            return ""
        name = self._chance.choice(("skip", "include"))
        if self._hits(50):
            return f" @{name}(if: {self._chance.choice(('true', 'false'))})"
        variable = f"b{len(self._declared)}"
        self._declared[variable] = f"${variable}: Boolean! = {self._chance.choice(('true', 'false'))}"
        if self._hits(50):
            self.variables[variable] = self._hits(50)
        return f" @{name}(if: ${variable})"


def _differing(schema: GraphQLSchema) -> frozenset[str]:
    """Names of fields that are of different types in different types, and so could not answer under one name."""
    seen: dict[str, set[str]] = {}
    for name, type_ in schema.type_map.items():
        if not name.startswith("__") and (is_object_type(type_) or is_abstract_type(type_)):
            for field_name, field in getattr(type_, "fields", {}).items():
                seen.setdefault(field_name, set()).add(str(field.type))
    return frozenset(name for name, types in seen.items() if len(types) > 1)
