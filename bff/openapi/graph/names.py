"""Names: from what documents call things to what GraphQL and Python may call them. Pure; knows no schema and no lock.

A name is words. GraphQL and Python spell the same words, `countryCode` and `country_code`, so that Strawberry's own
camel-casing leads from one to the other and no name has to be written twice. No name depends on the order of a
document, and none ends in a counter.
"""

from __future__ import annotations

import builtins
import hashlib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

_SYMBOLS = {
    "+": "plus",
    "-": "minus",
    "<": "less",
    ">": "greater",
    "=": "equal",
    "!": "not",
    "*": "star",
    "%": "percent",
    "&": "and",
    "|": "or",
    "/": "slash",
    "\\": "backslash",
    "#": "hash",
    "@": "at",
    "$": "dollar",
    "^": "caret",
    "~": "tilde",
    "?": "question",
    ".": "dot",
    ",": "comma",
    ":": "colon",
    ";": "semicolon",
    "(": "open",
    ")": "close",
    "[": "open",
    "]": "close",
    "{": "open",
    "}": "close",
    "'": "quote",
    '"': "quote",
    "`": "quote",
    "_": "underscore",
    " ": "space",
}
_WORD = re.compile(r"[A-Z]{2,}s(?![A-Za-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+[a-z0-9]*|[A-Z]")
_SECRET = re.compile(r"(^|_)(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)($|_)", re.IGNORECASE)
_LEADING_SIGN = re.compile(r"^([+-])(?=\d)")
MOST = 80  # characters of a name: what is longer was never meant to be read

# What generated modules say in class bodies, which a member of that name would hide from the lines below; and what
# every class has, which dataclasses would take for the member's default.
SAID = frozenset(
    ["argument", "calls", "connect", "constant", "datetime", "enum", "field", "mro", "requires", "strawberry", "uuid"]
)
_ANNOTATIONS = frozenset({"str", "int", "float", "bool", "list"})
# What GraphQL or the gateway already calls something, or what generated modules import.
TAKEN_TYPES = frozenset(
    [
        *("Query", "Mutation", "Subscription", "PageInfo", "Connection", "Edge", "String", "Int", "Float", "Boolean"),
        *("ID", "Date", "DateTime", "Time", "UUID", "Decimal", "JSON", "Int64", "URI", "Base64", "Void", "Upload"),
        *("File", "Annotated", "Any", "None", "True", "False", "Enum"),
        *(name for name in dir(builtins) if name[0].isupper()),
    ]
)


def words(text: str) -> list[str]:
    """The words of a name in lower case: "officialName", "official-name" and "OFFICIAL_NAME" are the same two."""
    text = _LEADING_SIGN.sub(lambda sign: f"{_SYMBOLS[sign[1]]} ", text.strip())
    return [word.lower() for word in _WORD.findall(_ascii(text))] or _spelled(text)


def _spelled(text: str) -> list[str]:
    """The words of what has no letter and no digit: "<=" is less equal."""
    return [_SYMBOLS[char] for char in text if char in _SYMBOLS] or ["empty"]


def _ascii(text: str) -> str:
    """Letters without their accents; what no Latin letter stands for, by its number."""
    found = []
    for char in text[: MOST * 4]:
        plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        found.append(plain or (f" u{ord(char):x} " if char.isalnum() else " "))
    return "".join(found)


def camel(named: Sequence[str]) -> str:
    """As GraphQL spells fields and arguments: countryCode."""
    return _cut(named[0] + "".join(word.capitalize() for word in named[1:]))


def pascal(named: Sequence[str]) -> str:
    """As GraphQL spells types: CountryCode."""
    return _cut("".join(word.capitalize() for word in named))


def snake(named: Sequence[str]) -> str:
    """As Python spells what is no class: country_code."""
    return "_".join(named)


def field_name(text: str) -> str:
    """A GraphQL field or argument for whatever a document calls it. No leading digit, no `__`."""
    return camel(_begun(words(text), "n"))


def type_name(text: str) -> str:
    """A GraphQL type for whatever a document calls it; a name that is one already stays as it is."""
    if re.fullmatch(r"[A-Z][A-Za-z0-9]*", text) and len(text) <= MOST:
        return text
    return pascal(_begun(words(text), "n"))


def enum_name(value: str) -> str:
    """A GraphQL enum member for a value: PLANNED, MINUS_1, EMPTY, LESS_EQUAL. Never true, false or null."""
    named = words(value) if value.strip() else ["empty" if not value else "space"]
    return _cut("_".join(_begun(named, "n")).upper()) if named != ["mro"] else "MRO_"


def python_name(graphql: str, taken: Iterable[str] = ()) -> str:
    """The attribute or parameter for a GraphQL name; what Python or the module needs itself ends in an underscore."""
    name = snake([word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]", graphql)])
    hidden = keyword.iskeyword(name) or name == "l" or name in SAID or name in _ANNOTATIONS or name in taken
    return f"{name}_" if hidden else name


def parameter_name(graphql: str) -> str:
    """The parameter for a GraphQL argument: it hides nothing, so only keywords and what methods have are taken."""
    name = python_name(graphql).removesuffix("_")
    return f"{name}_" if keyword.iskeyword(name) or name in {"self", "info", "l"} else name


def module_name(text: str) -> str:
    """A module for a service or a type; nothing that Python or its standard library reads as its own."""
    name = snake(_begun(words(text), "n"))
    return f"{name}_" if keyword.iskeyword(name) or name in {"types", "query", "mutation", "enum"} else name


def is_secretive(name: str) -> bool:
    """Whether ruff would take a text of this name for a secret (S105)."""
    return _SECRET.search(name) is not None


def is_builtin(name: str) -> bool:
    """Whether ruff would say that this parameter hides something of Python's (A002)."""
    return hasattr(builtins, name)


def apart(
    wanted: Mapping[str, str], locked: Mapping[str, str], other: Callable[[str, str], str] | None = None
) -> dict[str, str]:
    """A name for each key, no two alike: what is locked stays, what collides is told apart by its own key.

    `wanted` is each key's plain name. Where several new keys want the same one, or one that is locked, the key that is
    spelled so keeps it, and the others get `other(key, name)`: the same in whatever order they come.
    """
    found = {key: name for key, name in locked.items() if key in wanted}
    held = set(locked.values())
    claims: dict[str, list[str]] = {}
    for key in sorted(wanted.keys() - found.keys()):
        claims.setdefault(wanted[key], []).append(key)
    late: list[str] = []
    for name, keys in sorted(claims.items()):
        first = [] if name in held else [key for key in keys if key == name] or (keys if len(keys) == 1 else [])
        found.update(dict.fromkeys(first[:1], name))
        late += [key for key in keys if key not in found]
    held |= set(found.values())
    for key in late:
        name = (other or marked)(key, wanted[key])
        found[key] = name if name not in held else marked(key, name)
        held.add(found[key])
    return {key: found[key] for key in wanted}


def marked(key: str, name: str) -> str:
    """A name with four letters of its key's hash: what sets it apart whatever else comes or goes."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}{'_' if name.isupper() else ''}{'X' + digest[:4]}"


def singular(name: str) -> str:
    """Ids → id, codes → code, countries → country, iatas → iata; what is no plural stays."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") and len(name) > 2 else name


def plural(name: str) -> str:
    """Id → ids, country → countries."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def _begun(named: list[str], letter: str) -> list[str]:
    """With a letter before a leading digit."""
    return [f"{letter}{named[0]}", *named[1:]] if named[0][0].isdigit() else named


def _cut(name: str) -> str:
    if len(name) <= MOST:
        return name
    return name[: MOST - 5] + hashlib.sha256(name.encode()).hexdigest()[:5]
