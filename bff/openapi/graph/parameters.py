"""From an operation's parameters to arguments, template variables and headers. Knows no answer and no body.

Every parameter is an argument of its own. One that no URI template can carry (RFC 6570) is left out with a note; where
it is required, the whole operation is, since every call of it would fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bff.openapi.graph.formats import is_id
from bff.openapi.graph.names import apart, field_name, parameter_name
from bff.openapi.graph.places import Place
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import ID, STR, Argument, Code, Use, list_of
from bff.openapi.model import Operation, Parameter
from bff.openapi.report import Report
from bff.openapi.schema import MISSING, Array, Enum, Object, Property, Scalar, Schema

# What the gateway itself says in every call, or what a caller's credentials are.
OWN_HEADERS = frozenset(
    [
        *("accept", "accept-charset", "accept-encoding", "authorization", "connection", "content-encoding"),
        *("content-length", "content-type", "cookie", "expect", "host", "if-modified-since", "if-none-match"),
        *("if-range", "keep-alive", "range", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"),
    ]
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")  # RFC 9110 5.6.2
_IN_PATH = re.compile(r"\{([^{}]*)\}")
_LITERAL = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*\Z")  # RFC 3986: pchar, "/" and "?"
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_OPERATORS = {"label": ".", "matrix": ";"}  # RFC 6570 3.2.5, 3.2.7


class Inexpressible(Exception):
    """An operation that no connector can call, and why."""


@dataclass(frozen=True, slots=True)
class Around:
    """What parameters are read with: the document's types, where theirs would stand, and the report."""

    types: Types
    place: Place
    report: Report


@dataclass(slots=True)
class Call:
    """How values reach the service, as it is put together."""

    template: str = ""
    query: list[str] = field(default_factory=list)  # "id*", "limit"
    arguments: list[Argument] = field(default_factory=list)
    bindings: dict[str, Code] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)  # parameter in the query -> variable
    steps: dict[str, str] = field(default_factory=dict)  # parameter in the path -> variable
    sent: dict[str, str] = field(default_factory=dict)  # name in the query -> variable, members of objects too
    forms: dict[str, str] = field(default_factory=dict)  # parameter in the path -> its expression: "{id}", "{;id*}"

    @property
    def all_variables(self) -> dict[str, str]:
        """Every variable of the call but those of its body, by what the service calls it."""
        return {**self.headers, **self.cookies, **self.sent, **self.variables, **self.steps}

    @property
    def text(self) -> str:
        """The whole URI template."""
        if not self.query:
            return self.template
        return f"{self.template}{{{'&' if '?' in self.template else '?'}{','.join(self.query)}}}"


def call_of(
    operation: Operation, types: Types, place: Place, secret: Iterable[tuple[str, str]], report: Report
) -> Call:
    """The call and its arguments. `secret` are parameters, (where, name), that hold credentials: no arguments.

    Raises Inexpressible.
    """
    hidden = set(secret)
    kept = [each for each in operation.parameters if _argued(each, hidden, report)]
    named = _argument_names(kept)
    call = Call()
    for each in (*(p for p in kept if p.where == "path"), *(p for p in kept if p.where != "path")):
        _add(call, each, named[each.where, each.name], Around(types, place, report))
    call.template = _path(operation, call, kept)
    return call


def _argued(each: Parameter, hidden: set[tuple[str, str]], report: Report) -> bool:
    if (each.where, each.name.lower() if each.where == "header" else each.name) in hidden:
        return False
    if each.where == "header" and each.name.lower() in OWN_HEADERS:
        report.info("own-header", each.at, f"{each.name} is the gateway's own affair")
        return False
    return True


def _argument_names(kept: list[Parameter]) -> dict[tuple[str, str], str]:
    """A GraphQL name for each; where two parameters are called alike, the one in the path keeps it."""
    plain = {(each.where, each.name): field_name(each.name) for each in kept}
    path = {name for (where, _), name in plain.items() if where == "path"}
    wanted = {}
    for (where, name), called in plain.items():
        clash = where != "path" and (called in path or list(plain.values()).count(called) > 1)
        wanted[f"{where} {name}"] = field_name(f"{where} {name}") if clash else called
    found = apart(wanted, {})
    return {key: found[f"{key[0]} {key[1]}"] for key in plain}


def _add(call: Call, each: Parameter, name: str, around: Around) -> None:
    python = parameter_name(name)
    schema = around.types.resolved(each.schema)
    try:
        use = _carried(call, each, schema, python, around)
    except Inexpressible as why:
        if each.required:
            raise
        around.report.loss("parameter-left-out", each.at, f"{each.name}: {why}")
        return
    if each.allow_reserved:
        around.report.info("allow-reserved", each.at, f"{each.name}: reserved characters are sent encoded")
    default = MISSING if each.required else schema.default
    if isinstance(default, list | dict) and not default:
        default = MISSING
    optional = not each.required
    argument = Argument(name, python, use.or_null(optional), each.description, each.deprecated and optional, default)
    call.arguments.append(argument)


def _carried(call: Call, each: Parameter, schema: Schema, python: str, around: Around) -> Use:
    """The argument's type; the call then has what carries it."""
    if not each.name.isprintable() or (each.where in {"header", "cookie"} and not _TOKEN.match(each.name)):
        raise Inexpressible(f"{each.name!r} is no name of a {each.where} parameter")
    use = _use(each, schema, around.types, around.place, around.report)
    if each.where == "header":
        call.headers[each.name.lower()] = python
    elif each.where == "cookie":
        call.cookies[each.name] = python
    elif each.where == "path":
        _step(call, each, schema, python)
    elif isinstance(schema, Object) and not each.media_type:
        _members(call, each, schema, python, around)
    else:
        _queried(call, each, schema, python)
    return use


def _use(each: Parameter, schema: Schema, types: Types, place: Place, report: Report) -> Use:
    if each.media_type:
        report.loss("encoded-parameter", each.at, f"{each.name} is text in {each.media_type}: a String")
        return STR
    if is_id(each.name, schema):
        return list_of(ID) if isinstance(schema, Array) else ID
    use = types.use(each.schema, place.member(each.name), "input")
    leaf = use.innermost
    members = each.where == "query" and isinstance(schema, Object)  # each of which is a variable of its own
    if (leaf.composite and not members) or leaf.module == "strawberry.scalars" or use.lists > 1:
        report.loss("parameter-as-text", each.at, f"{each.name} has no type that a URL can carry: a String")
        return STR
    return use.or_null(False)


def _step(call: Call, each: Parameter, schema: Schema, python: str) -> None:
    """A value in the path. Of a list, `{ids*}` is one call with all of it, where `{ids}` would be a call for each."""
    operator, several = _OPERATORS.get(each.style, ""), isinstance(schema, Array)
    if several and operator and not each.explode:
        raise Inexpressible(f"a list of style {each.style} in a path, not exploded")
    variable = each.name if operator == ";" else python
    if not _IDENTIFIER.match(variable):
        raise Inexpressible(f"style {each.style} for a name that is no variable")
    call.steps[each.name] = variable
    call.forms[each.name] = f"{{{operator}{variable}{'*' if several else ''}}}"
    if variable != python:
        call.bindings[variable] = Code("argument", (("", python),))


def _queried(call: Call, each: Parameter, schema: Schema, python: str) -> None:
    variable = _variable(call, each.name, python)
    call.variables[each.name] = variable
    several = isinstance(schema, Array)
    if several and not each.explode and each.style in _SEPARATORS:
        call.joins[variable] = _SEPARATORS[each.style]
    call.query.append(f"{variable}*" if several and each.explode else variable)
    if variable != python:
        call.bindings[variable] = Code("argument", (("", python),))


def _variable(call: Call, name: str, python: str) -> str:
    """The variable of a name in the query: itself, where it can be one. Raises Inexpressible for a name twice."""
    if name in call.sent:
        raise Inexpressible(f"the query has {name!r} already")
    call.sent[name] = ""
    if _IDENTIFIER.match(name) and name not in {*call.sent.values(), *call.steps.values()}:
        call.sent[name] = name
        return name
    call.names[python] = name
    call.sent[name] = python
    return python


def _members(call: Call, each: Parameter, schema: Object, python: str, around: Around) -> None:
    """An object in the query: one variable for each of its members, `filter[state]` or just `state`."""
    if each.style != "deepObject" and not (each.style == "form" and each.explode):
        raise Inexpressible(f"an object of style {each.style}, not exploded")
    for member in schema.properties:
        wire = f"{each.name}[{member.name}]" if each.style == "deepObject" else member.name
        try:
            variable = _of_member(call, wire, f"{python}_{parameter_name(field_name(member.name))}", member, around)
        except Inexpressible as why:
            around.report.loss("parameter-member", member.schema.at, f"{each.name}.{member.name}: {why}")
        else:
            call.bindings[variable] = Code("argument", (("", f"{python}.{member.name}"),))


def _of_member(call: Call, wire: str, python: str, member: Property, around: Around) -> str:
    target = around.types.resolved(member.schema)
    inner = around.types.resolved(target.items) if isinstance(target, Array) else target
    if not isinstance(inner, Scalar | Enum) or "." in member.name:
        raise Inexpressible("it cannot stand in a URL")
    variable = _variable(call, wire, python)
    call.query.append(f"{variable}*" if isinstance(target, Array) else variable)
    return variable


def _path(operation: Operation, call: Call, kept: list[Parameter]) -> str:
    """The path with our variables for theirs. A variable that nobody describes is a text."""
    known = {each.name for each in kept if each.where == "path"}
    for name in _IN_PATH.findall(operation.path):
        if name not in known and name not in call.steps:
            called = field_name(name)
            call.arguments.append(Argument(called, parameter_name(called), STR))
            call.steps[name] = parameter_name(called)
            call.forms[name] = f"{{{call.steps[name]}}}"
    literal = _IN_PATH.sub("", operation.path)
    if not operation.path.startswith("/") or operation.path.startswith("//") or not _LITERAL.match(literal):
        raise Inexpressible("its path is no path of a URL")
    return _IN_PATH.sub(lambda found: call.forms[found[1]], operation.path)
