"""The names that were chosen, kept in `openapi.lock.json`, so that importing again never renames what a client may use.

Pure but for `lock_in`, which reads the file. What a name belongs to is said in words that survive a reordered document:
"City", "GET /cities", "City.country_code"; never a position in a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bff.errors import Problem, StartRefused

FILE = "openapi.lock.json"
VERSION = 1

Names = dict[str, str]


@dataclass(slots=True)
class ServiceNames:
    """What one service's things are called. Keys are the service's words, values are ours.

    `arguments` has a row for each operation, `members` and `values` for each type; names that are spelled as the
    service spells them are not kept.
    """

    fields: Names = field(default_factory=dict)  # "GET /cities" -> cities
    connectors: Names = field(default_factory=dict)  # "GET /cities by id" -> by_ids
    arguments: dict[str, Names] = field(default_factory=dict)  # "GET /cities" -> {"query per_page": perPage}
    types: Names = field(default_factory=dict)  # "City" -> City; "City input" -> CityInput
    members: dict[str, Names] = field(default_factory=dict)  # "City" -> {"country_code": countryCode}
    values: dict[str, Names] = field(default_factory=dict)  # "Continent" -> {"AF": AF}


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long lists are assumed to be of which the document says nothing: whole answers, and lists inside rows."""

    answers: int = 250
    rows: int = 100


@dataclass(slots=True)
class Lock:
    """All services' names, and the digests of the files that were written (SHA-256, hexadecimal), by path."""

    services: dict[str, ServiceNames] = field(default_factory=dict)
    files: Names = field(default_factory=dict)
    documents: Names = field(default_factory=dict)  # service -> the document that it was made from, as it was named
    lengths: dict[str, Lengths] = field(default_factory=dict)  # of services for which others were said

    def service(self, name: str) -> ServiceNames:
        return self.services.setdefault(name, ServiceNames())

    def taken(self, but: str, what: str) -> frozenset[str]:
        """Names of types or fields that other services than `but` have in the same graph."""
        others = (names for name, names in self.services.items() if name != but)
        return frozenset(name for names in others for name in getattr(names, what).values())

    def text(self) -> str:
        """The file: sorted, so that a diff shows what changed and nothing else."""
        services = {name: _as_json(names) for name, names in self.services.items()}
        whole = {"version": VERSION, "documents": self.documents, "services": services, "files": self.files}
        if self.lengths:
            whole["lengths"] = {name: [each.answers, each.rows] for name, each in self.lengths.items()}
        return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def lock_in(folder: Path) -> Lock:
    """The lock that stands in a folder; an empty one where there is none. Raises StartRefused for what is no lock."""
    try:
        return read_lock((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return Lock()
    except (OSError, ValueError) as error:
        raise StartRefused([Problem(FILE, str(error), "restore it, or remove it to choose all names anew")]) from None


def read_lock(text: str) -> Lock:
    """A lock from its text. Raises ValueError, saying what is wrong, for anything that was not written here."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{FILE} is not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise ValueError(f"{FILE} is not of version {VERSION}; it was not written by this `bff import`")
    services = _object(found, "services")
    return Lock(
        services={name: _service(_object(services, name)) for name in services},
        files=_names(found, "files"),
        documents=_names(found, "documents"),
        lengths=dict(_lengths(_object(found, "lengths"))),
    )


def _lengths(found: Mapping[str, Any]) -> Iterator[tuple[str, Lengths]]:
    for name, value in found.items():
        fits = isinstance(value, list) and len(value) == 2 and all(type(each) is int and each > 0 for each in value)
        if not fits:
            raise ValueError(f"{FILE}: 'lengths': {name!r} must be two numbers")
        yield name, Lengths(*value)


def _as_json(names: ServiceNames) -> dict[str, Any]:
    return {
        "fields": names.fields,
        "connectors": names.connectors,
        "types": names.types,
        "arguments": {name: each for name, each in names.arguments.items() if each},
        "members": {name: each for name, each in names.members.items() if each},
        "values": {name: each for name, each in names.values.items() if each},
    }


def _service(found: Mapping[str, Any]) -> ServiceNames:
    nested = {what: dict(_nested(found, what)) for what in ("arguments", "members", "values")}
    return ServiceNames(
        fields=_names(found, "fields"),
        connectors=_names(found, "connectors"),
        types=_names(found, "types"),
        arguments=nested["arguments"],
        members=nested["members"],
        values=nested["values"],
    )


def _nested(found: Mapping[str, Any], what: str) -> Iterator[tuple[str, Names]]:
    members = _object(found, what)
    for name in members:
        yield name, _names(members, name)


def _object(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{FILE}: {name!r} is no object")  # noqa: TRY004 - what is wrong is the file
    return value


def _names(found: Mapping[str, Any], name: str) -> Names:
    """Names go into source code: what is no identifier is refused, whoever wrote it."""
    value = _object(found, name)
    for key, text in value.items():
        if not isinstance(text, str) or (
            name not in {"files", "documents"} and not (text.isascii() and text.isidentifier())
        ):
            raise ValueError(f"{FILE}: {name!r}: {key!r} is called {text!r}, which is no name")
    return value
