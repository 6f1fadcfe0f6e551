"""Types, inputs, enums and unions as Strawberry source: one module for each file. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from strawberry.utils.str_converters import to_camel_case

from bff.openapi.graph.docstrings import docstring
from bff.openapi.graph.files import File
from bff.openapi.graph.imports import Imports
from bff.openapi.graph.layout import STEP, Bars, Group, Node, Str, Text, assigned, call, clean, literal, put
from bff.openapi.graph.names import is_secretive
from bff.openapi.graph.values import annotation, default_of, deprecation, node
from bff.openapi.graph.wanted import Link, Member, Rule, Use, Value, Wanted
from bff.openapi.schema import MISSING


class TypesModule:
    """One file of types, as it is written. `homes` says in which module of the service each type stands."""

    def __init__(self, file: File, service: str, package: str, homes: Mapping[str, str]) -> None:
        self._file = file
        self._service = service
        self._package = package
        self._homes = homes
        self._imports = Imports()
        self._enums = {each.name: each for each in file.types if each.kind == "enum"}
        self._defined: set[str] = set()

    def source(self, enums: Mapping[str, Wanted]) -> str:
        """The module. `enums` are all of the service's, for defaults of inputs."""
        self._enums = dict(enums)
        blocks = []
        for each in self._file.types:
            blocks.append(self._block(each))
            self._defined.add(each.name)
        head = [f'"""{_titles([each.name for each in self._file.types])}"""', "", *self._imports.lines()]
        return "\n".join(_apart(head, blocks)) + "\n"

    def _block(self, wanted: Wanted) -> list[str]:
        if wanted.kind == "enum":
            return self._enum(wanted)
        if wanted.kind == "union":
            return self._union(wanted)
        return self._class(wanted)

    # Classes -------------------------------------------------------------------------------------------------------

    def _class(self, wanted: Wanted) -> list[str]:
        self._imports.module("strawberry")
        told = docstring(wanted.description, STEP)
        described = clean(wanted.description)
        options: dict[str, Node | None] = {
            "one_of": Text("True") if wanted.one_of else None,
            "description": Str(described) if told is None and described else None,
        }
        decorator: Node = Text(f"strawberry.{wanted.kind}")
        if any(options.values()):
            decorator = call(f"strawberry.{wanted.kind}", **options)
        odd = "  # noqa: E742 - the service calls it so" if wanted.name in {"I", "O"} else ""
        lines = [*put("@", decorator), f"class {wanted.name}:{odd}"]
        lines += [*told, ""] if told else []
        for member in wanted.members:
            lines += self._input(member) if wanted.kind == "input" else self._output(member)
        for link in wanted.links:
            lines += self._link(link)
        return lines

    def _output(self, member: Member) -> list[str]:
        options = {**self._told(member), "path": _path(member)}
        if member.entries:
            options["entries"] = Text("True")
        if member.size is not None:
            options["assumed_size"] = Text(str(member.size))
        return self._member(member.python, member.use, options, "field")

    def _input(self, member: Member) -> list[str]:
        options = {**self._told(member), "path": _path(member)}
        default = self._default(member)
        if not options["path"] and not member.entries:
            del options["path"]
            if not any(options.values()) and default is not None:
                self._imports.use(member.use)
                lines = assigned(member.python, self._annotation(member.use), default, STEP)
                return _said(member.python, lines, member.default)
            return self._member(member.python, member.use, {**options, "default": default}, "strawberry.field")
        entries: dict[str, Node | None] = {"entries": Text("True")} if member.entries else {}
        return self._member(member.python, member.use, {**options, **entries, "default": default}, "field")

    def _default(self, member: Member) -> Node | None:
        """What an input has that a client leaves out: the document's default, else nothing at all."""
        if not member.use.nullable:
            return None
        found = None if member.default is MISSING else self.default(member.use, member.default)
        return found or Text("strawberry.UNSET")

    def default(self, use: Use, value: object) -> Node | None:
        """A default as source; None where it does not fit the type."""
        enum = self._enums.get(use.name) if use.module == "own" else None
        if enum:
            named = next((each.name for each in enum.values if each.value == value), None)
            return Text(f"{use.name}.{named}") if named else None
        found = default_of(use, value)
        return None if found is MISSING or isinstance(found, list) else node(found)

    def _told(self, member: Member | Link) -> dict[str, Node | None]:
        """What is said about a member: its name where camel-casing does not make it, its description, its end."""
        odd = to_camel_case(member.python) != member.name
        described = clean(member.description)
        return {
            "name": Str(member.name) if odd else None,
            "description": Str(described) if described else None,
            "deprecation_reason": deprecation() if isinstance(member, Member) and member.deprecated else None,
        }

    def _member(self, python: str, use: Use, options: Mapping[str, Node | None], maker: str) -> list[str]:
        self._imports.use(use)
        order = ("path", "name", "default", "entries", "assumed_size", "description", "deprecation_reason")
        given = {name: options[name] for name in order if options.get(name) is not None}
        written = self._annotation(use)
        if not given:
            return put(f"{python}: ", self._bars(use), "", STEP)
        if maker == "field":
            self._imports.name("bff", "field")
        return assigned(python, written, call(maker, **given), STEP)

    def _link(self, link: Link) -> list[str]:
        self._imports.name("bff", "connect")
        self._imports.name("resolvers", f"{self._service} as calls")
        self._imports.use(link.use)
        if any(not isinstance(value, str) for _, value in link.bindings):
            self._imports.name("bff", "constant")
        bound = {name: node(value) for name, value in link.bindings}
        size = {"assumed_size": Text(str(link.size))} if link.size else {}
        told = {name: each for name, each in self._told(link).items() if each is not None}
        source = call("connect", Text(f"calls.{link.connector}"), **bound, **size, **told)
        return assigned(link.python, self._annotation(link.use.or_null()), source, STEP)

    def _bars(self, use: Use) -> Node:
        whole = self._annotation(use)
        return Bars(tuple(whole.split(" | "))) if not whole.startswith('"') else Text(whole)

    def _annotation(self, use: Use) -> str:
        """A type as written here: in quotes where it is defined further down."""
        inner = use.innermost
        if inner.module == "own" and inner.name not in self._defined:
            home = self._homes[inner.name]
            if home == self._file.module:
                return f'"{annotation(use)}"'
            self._imports.name(f"{self._package}.{home}", inner.name)
        return annotation(use)

    # Enums and unions ----------------------------------------------------------------------------------------------

    def _enum(self, wanted: Wanted) -> list[str]:
        self._imports.module("strawberry")
        self._imports.module("enum")
        described = clean(wanted.description)
        decorator: Node = Text("strawberry.enum")
        if described:
            decorator = call("strawberry.enum", description=Str(described))
        lines = [*put("@", decorator), *put("", call(f"class {wanted.name}", Text("enum.Enum")), ":")]
        for value in wanted.values:
            lines += _value(value)
        return lines

    def _union(self, wanted: Wanted) -> list[str]:
        self._imports.name("typing", "Annotated")
        for name in wanted.types:
            self._annotation(Use(name, "own"))
        described = clean(wanted.description)
        told = {"description": Str(described)} if described else {}
        if wanted.rule == Rule():
            self._imports.module("strawberry")
            source = call("strawberry.union", Str(wanted.name), **told)
        else:
            self._imports.name("bff", "one_of")
            source = call("one_of", Str(wanted.name), **_rule(wanted.rule), **told)
        alternatives = Bars(wanted.types)
        return put(f"{wanted.name} = ", Group("Annotated", "subscript", (("", alternatives), ("", source))))


def _titles(names: list[str]) -> str:
    """What a module is about, in a line."""
    shown = names[:1]
    for name in names[1:]:
        if len(", ".join([*shown, name])) > 80:
            break
        shown.append(name)
    left = len(names) - len(shown)
    return f"{', '.join(shown)}{f' and {left} more' if left else ''}."


def _apart(head: list[str], blocks: list[list[str]]) -> list[str]:
    """Two empty lines around classes, one between what is none."""
    lines, before = list(head), False
    for block in blocks:
        is_class = block[0].startswith("@")
        lines += ["", *([""] if is_class or before else []), *block]
        before = is_class
    return lines


def _rule(rule: Rule) -> dict[str, Node]:
    found: dict[str, Node] = {}
    if rule.by:
        found["by"] = Str(rule.by)
        found["values"] = node(dict(rule.values))
    if rule.members:
        found["members"] = Group(
            "", "dict", tuple((f"{literal(name)}: ", Text(_texts(members))) for name, members in rule.members)
        )
    if rule.boxes:
        found["boxes"] = node(dict(rule.boxes))
    return found


def _texts(members: tuple[str, ...]) -> str:
    return f"({', '.join(map(literal, members))}{',' if len(members) == 1 else ''})"


def _path(member: Member) -> Node | None:
    if "." in member.wire:
        return Text(f"({literal(member.wire)},)")
    return Str(member.wire) if member.wire != member.python else None


def _value(value: Value) -> list[str]:
    described = clean(value.description)
    source = node(value.value)
    if described:
        source = call("strawberry.enum_value", source, description=Str(described))
        return _named(value.name, put(f"{value.name} = ", source, "", STEP))
    lines = _named(value.name, put(f"{value.name} = ", source, "", STEP))
    return _said(value.name, lines, value.value)


def _named(name: str, lines: list[str]) -> list[str]:
    """The lines of what has this name; one that looks like a number says that it is none."""
    if name not in {"I", "O"}:
        return lines
    return [f"{lines[0]}  # noqa: E741 - the service calls it so", *lines[1:]]


def _said(name: str, lines: list[str], value: object) -> list[str]:
    """The lines of a text; one that looks like a secret says that it is none."""
    if not value or not isinstance(value, str) or not is_secretive(name) or len(lines) > 1:
        return lines
    return [f"{lines[0]}  # noqa: S105 - it is written in the document"]
