"""From an operation's parameters to arguments, template variables and headers. Knows no answer and no body.

Every parameter is an argument of its own. One that no URI template can carry (RFC 6570) is left out with a note; where
it is required, the whole operation is, since every call of it would fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from bff.connectors.media import is_json, is_text
from bff.openapi.graph.call import Around, Call, Inexpressible
from bff.openapi.graph.formats import is_id
from bff.openapi.graph.lock import ServiceNames
from bff.openapi.graph.names import apart, field_name, parameter_name
from bff.openapi.graph.places import Place
from bff.openapi.graph.query_objects import flat, spread
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import ID, STR, Argument, Code, Use, list_of
from bff.openapi.model import Operation, Parameter, Where
from bff.openapi.report import Report
from bff.openapi.schema import MISSING, Array, Enum, Object, Scalar, Schema, Union

BODY = "input"  # the argument that is sent as the body
_LISTS = {
    "path": 1,
    "query": 1,
    "header": 1,
    "cookie": 0,
}  # a comma ends no header's value, and may stand in no cookie's
_EITHER = 2
_RANKS: tuple[Where, ...] = ("path", "query", "header", "cookie")
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
_PARTS = re.compile(r"\{[^{}]*\}|[^{]+|\{")
_LITERAL = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*\Z")  # RFC 3986: pchar, "/" and "?"
SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_OPERATORS = {"label": ".", "matrix": ";"}  # RFC 6570 3.2.5, 3.2.7


def call_of(
    operation: Operation, types: Types, place: Place, secret: Iterable[tuple[str, str]], report: Report
) -> Call:
    """The call and its arguments. `secret` are parameters, (where, name), that hold credentials: no arguments.

    Raises Inexpressible.
    """
    hidden = set(secret)
    kept = [each for each in operation.parameters if _argued(each, hidden, report)]
    named = _argument_names(operation, kept, types.names)
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


def _argument_names(operation: Operation, kept: list[Parameter], names: ServiceNames) -> dict[tuple[str, str], str]:
    """A GraphQL name for each: what was locked stays. Of two that are called alike in different places, the one in the
    path or else the query keeps its name, of two in one place the one that is spelled so; the body is `input`.
    """
    locked = names.arguments.get(operation.key, {})
    wanted: dict[str, str] = {}
    taken = {BODY} if operation.body else set()
    for where in _RANKS:
        plain = {each.name: field_name(each.name) for each in kept if each.where == where}
        found = {
            name: called if called not in taken else field_name(f"{where} {name}") for name, called in plain.items()
        }
        wanted |= {f"{where} {name}": called for name, called in found.items()}
        taken |= {*plain.values(), *found.values()}
    same = {f"{each.where} {each.name}": each.name for each in kept}
    spelled = {key: name for key, name in same.items() if wanted[key] == name and name not in locked.values()}
    made = apart(wanted, {**spelled, **locked})
    names.arguments[operation.key] = {key: name for key, name in made.items() if not _is_certain(key, name)}
    return {(each.where, each.name): made[f"{each.where} {each.name}"] for each in kept}


def _is_certain(key: str, name: str) -> bool:
    """Whether nothing that is added to the operation takes the name from it: the service spells it so, in the URL."""
    return key in {f"path {name}", f"query {name}"}


def _add(call: Call, each: Parameter, name: str, around: Around) -> None:
    python = parameter_name(name)
    each = replace(each, schema=_several(each.schema, around.types))
    schema = around.types.resolved(each.schema)
    try:
        use = _carried(call, each, schema, python, around)
    except Inexpressible as why:
        if each.required:
            raise
        around.report.loss("parameter-left-out", each.at, f"{each.name}: {why}")
        return
    default = MISSING if each.required else schema.default
    if isinstance(default, list | dict) and not default:
        default = MISSING
    optional = not each.required
    argument = Argument(name, python, use.or_null(optional), each.description, each.deprecated and optional, default)
    call.arguments.append(argument)


def _several(schema: Schema, types: Types) -> Schema:
    """Of a value or a list of such, the list: GraphQL takes one value for a list of one, and it is sent alike."""
    union = types.resolved(schema)
    members = [types.resolved(each) for each in union.members] if isinstance(union, Union) else []
    if len(members) != _EITHER:
        return schema
    lists = [(each, other) for each, other in (members, members[::-1]) if isinstance(each, Array)]
    found = next((each for each, other in lists if types.resolved(each.items) == other), None)
    return replace(found, description=union.description, nullable=union.nullable) if found else schema


def _carried(call: Call, each: Parameter, schema: Schema, python: str, around: Around) -> Use:
    """The argument's type; the call then has what carries it."""
    if not each.name.isprintable() or (each.where in {"header", "cookie"} and not _TOKEN.match(each.name)):
        raise Inexpressible(f"{each.name!r} is no name of a {each.where} parameter")
    if each.media_type and not (is_text(each.media_type) and isinstance(schema, Scalar | Enum)):
        return _written(call, each, python, around)
    if isinstance(schema, Object) and each.style != "deepObject" and not each.explode and each.where != "cookie":
        return _in_turn(call, each, schema, python, around)
    if each.where == "query" and isinstance(schema, Object):
        before = len(call.query)
        each = replace(each, schema=spread(call, each, schema, python, around))
        _reserved(call, each, [variable.rstrip("*") for variable in call.query[before:]], around)
    use = _use(each, schema, around.types, around.place, around.report)
    if each.where != "query" or not isinstance(schema, Object):
        _placed(call, each, schema, python, around)
    return use


def _written(call: Call, each: Parameter, python: str, around: Around) -> Use:
    """A value that is sent as a text of a media type: JSON is made of it here, in any other it is given as it is."""
    variable = _placed(call, each, Scalar(at=each.at, kind="string"), python, around)
    if not is_json(each.media_type) or each.where == "cookie":  # a cookie's value has no place for quotes and commas
        around.report.loss("encoded-parameter", each.at, f"{each.name} is text in {each.media_type}: a String")
        return STR
    use, entries = around.types.member_use(each.schema, around.place.member(each.name), "input")
    call.bindings[variable] = Code(
        "argument", (("", python), *((("entries", True),) if entries else ()), ("json", True))
    )
    return use.or_null(False)


def _in_turn(call: Call, each: Parameter, schema: Object, python: str, around: Around) -> Use:
    """An object that does not explode: a list of its names and values (RFC 6570 2.4.2)."""
    kept = flat(each, schema, around)
    text = Scalar(at=each.at, kind="string")
    variable = _placed(call, each, Array(at=each.at, items=text), python, around)
    call.bindings[variable] = Code("argument", (("", python), ("pairs", True)))
    return around.types.use(kept, around.place.member(each.name), "input").or_null(False)


def _placed(call: Call, each: Parameter, schema: Schema, python: str, around: Around) -> str:
    """The variable that carries it, where the parameter is."""
    if each.where == "header":
        call.headers[each.name.lower()] = python
        return python
    if each.where == "cookie":
        call.cookies[each.name] = python
        return python
    variable = _step(call, each, schema, python) if each.where == "path" else _queried(call, each, schema, python)
    _reserved(call, each, [variable], around)
    return variable


def _reserved(call: Call, each: Parameter, variables: list[str], around: Around) -> None:
    if each.allow_reserved:
        call.reserved += variables
        odd = "#[]&=+;" if each.where == "query" else "/?#[],;"
        around.report.info("allow-reserved", each.at, f"{each.name}: of reserved characters {odd} are sent encoded")


def _use(each: Parameter, schema: Schema, types: Types, place: Place, report: Report) -> Use:
    if is_id(each.name, schema) and not (isinstance(schema, Array) and _LISTS[each.where] == 0):
        return list_of(ID) if isinstance(schema, Array) else ID
    use = types.use(each.schema, place.member(each.name), "input")
    leaf = use.innermost
    members = each.where == "query" and isinstance(schema, Object)  # each of which is a variable of its own
    odd = each.where == "header" and each.style != "simple"  # of Swagger: a header's list has commas here
    if (
        (leaf.composite and not members)
        or leaf.module == "strawberry.scalars"
        or use.lists > (not odd and _LISTS[each.where])
    ):
        report.loss("parameter-as-text", each.at, f"{each.name} has no type that a URL can carry: a String")
        return STR
    return use.or_null(False)


def _step(call: Call, each: Parameter, schema: Schema, python: str) -> str:
    """A value in the path. Of a list, `{ids*}` is one call with all of it, where `{ids}` would be a call for each."""
    operator, several = _OPERATORS.get(each.style, ""), isinstance(schema, Array)
    if several and operator and not each.explode:  # RFC 6570 3.2.5 and 3.2.7: as of style simple, behind what begins it
        lead = f";{quote(each.name, safe='')}=" if operator == ";" else operator
        call.steps[each.name], call.forms[each.name] = python, f"{lead}{{{python}*}}"
        return python
    if several and not operator and each.style in SEPARATORS:
        raise Inexpressible(f"a list of style {each.style} in a path")
    variable = each.name if operator == ";" else python
    if not _IDENTIFIER.match(variable):
        raise Inexpressible(f"style {each.style} for a name that is no variable")
    call.steps[each.name] = variable
    call.forms[each.name] = f"{{{operator}{variable}{'*' if several else ''}}}"
    if variable != python:
        call.bindings[variable] = Code("argument", (("", python),))
    return variable


def _queried(call: Call, each: Parameter, schema: Schema, python: str) -> str:
    variable = call.variable(each.name, python)
    call.variables[each.name] = variable
    several = isinstance(schema, Array)
    if several and not each.explode and each.style in SEPARATORS:
        call.joins[variable] = SEPARATORS[each.style]
    call.query.append(f"{variable}*" if several and each.explode else variable)
    if variable != python:
        call.bindings[variable] = Code("argument", (("", python),))
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
    path = "".join(part if part[:1] == "{" else _encoded(part) for part in _PARTS.findall(operation.path))
    if not path.startswith("/") or path.startswith("//") or not _LITERAL.match(_IN_PATH.sub("", path)):
        raise Inexpressible("its path is no path of a URL")
    return _IN_PATH.sub(lambda found: call.forms[found[1]], path)


def _encoded(text: str) -> str:
    """A part of a path in which people wrote spaces and letters as they are (RFC 3987 3.1)."""
    return "".join(quote(char) if char == " " or (char.isprintable() and not char.isascii()) else char for char in text)
