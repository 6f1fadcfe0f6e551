"""OpenAPI `links` as fields: what an answer leads to, asked for where its type is. Knows no printing.

A link to a call that has a batch form goes through that, so that a list of parents is one call and not one for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bff.openapi.graph.answers import success_of
from bff.openapi.graph.names import field_name, python_name
from bff.openapi.graph.operations import Operations
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import Code, Link, RootField
from bff.openapi.model import Document
from bff.openapi.model import Link as Written
from bff.openapi.report import Report
from bff.openapi.schema import MISSING

_BODY = "$response.body#/"


def add_links(document: Document, types: Types, operations: Operations, report: Report) -> None:
    """Give the types of answers a field for each link that can be followed from what is in them."""
    by_operation = {each.operation: each for each in operations.fields}
    for operation in document.operations:
        response = success_of(operation)
        field = by_operation.get(operation.key)
        draft = types.drafts.get(field.use.name) if field else None
        for written in response.links if response else ():
            if draft is None or draft.kind != "type":
                report.loss("link", written.at, f"{written.name}: the answer that it is a link of is no object")
                continue
            link = _link(written, by_operation.get(written.operation), operations, report)
            if link:
                _add(types, draft.name, link, written, report)


def _add(types: Types, key: str, link: Link, written: Written, report: Report) -> None:
    """The link, once, unless a member has its name."""
    draft = types.drafts[key]
    if link.name in {each.name for each in draft.members}:
        report.loss("link", written.at, f"{written.name}: the type has a member of that name")
    elif link.name not in {each.name for each in draft.links}:
        types.drafts[key] = replace(draft, links=(*draft.links, link))


def _link(written: Written, target: RootField | None, operations: Operations, report: Report) -> Link | None:
    if target is None or target.root != "query" or target.use.name == "Connection":
        report.loss("link", written.at, f"{written.name}: only a query that does not page can be a field")
        return None
    paths = {name.rpartition(".")[2]: _path(value) for name, value in written.parameters}
    if None in paths.values():
        report.loss("link", written.at, f"{written.name}: it takes what is not in the answer's body")
        return None
    name = field_name(written.name)
    batched = _batched(paths, target, operations)
    bound = batched or _bound(paths, target, operations)
    if bound is None:
        report.loss("link", written.at, f"{written.name}: it leaves out what the call needs")
        return None
    connector, bindings = bound
    return Link(name, python_name(name), target.use, connector, bindings, written.description, target.size)


def _path(value: object) -> str | None:
    """The path in the parent's JSON that a run-time expression means."""
    if not isinstance(value, str) or not value.startswith(_BODY):
        return None
    steps = [step.replace("~1", "/").replace("~0", "~") for step in value[len(_BODY) :].split("/")]
    return None if any("." in step or not step for step in steps) else ".".join(steps)


def _batched(
    paths: Mapping[str, str | None], target: RootField, operations: Operations
) -> tuple[str, tuple[tuple[str, Any], ...]] | None:
    """The batch form of a call by one key, if there is one."""
    if len(paths) != 1:
        return None
    (name, path), *_ = paths.items()
    found = operations.keyed.get((target.use.name, name))
    return (found[0], ((found[1], path or ""),)) if found else None


def _bound(
    paths: Mapping[str, str | None], target: RootField, operations: Operations
) -> tuple[str, tuple[tuple[str, Any], ...]] | None:
    """The call itself, with every variable that the link does not fill left out; None where one may not be."""
    variables = operations.variables[target.connector]
    required = {each.python for each in target.arguments if not each.use.nullable and each.default is MISSING}
    bound = {variable: str(code.arguments[0][1]).partition(".")[0] for variable, code in target.bindings}
    found: list[tuple[str, Any]] = []
    for parameter, variable in variables.items():
        if parameter in paths:
            found.append((variable, paths[parameter]))
        elif bound.get(variable, variable) in required:
            return None
        else:
            found.append((variable, Code("constant", (("", None),))))
    return target.connector, tuple(found)
