"""From security schemes and servers to what `bff.yaml` says of the upstream. Writes no secret.

A token of the caller is forwarded; a key that is the program's own comes from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from bff.openapi.graph.wanted import Upstream
from bff.openapi.model import Document, Operation, SecurityScheme, Server
from bff.openapi.report import Report

_PARAMETER = re.compile(r"[!-~]+")  # as bff.yaml has it
SOMEWHERE = "http://127.0.0.1:8000"  # where a document says no server, and came from no URL


def upstream_of(document: Document, name: str, report: Report) -> Upstream:
    """The entry of the service called `name`."""
    needed = _needed(document)
    variable = name.upper().replace("-", "_")
    forward = dict.fromkeys(header for scheme in needed for header in _forwarded(scheme))
    headers = {
        scheme.parameter.lower(): f"${{{variable}_KEY}}"
        for scheme in needed
        if scheme.kind == "apiKey" and scheme.where == "header" and scheme.parameter.lower() not in forward
    }
    query = {
        scheme.parameter: f"${{{variable}_KEY}}"
        for scheme in needed
        if scheme.kind == "apiKey" and scheme.where == "query" and _PARAMETER.fullmatch(scheme.parameter)
    }
    for scheme in needed:
        sent = scheme.parameter in query or scheme.where == "header"
        if scheme.kind == "mutualTLS" or (scheme.kind == "apiKey" and not sent):
            report.loss("security", scheme.at, f"{scheme.name}: {scheme.where or scheme.kind} is not sent")
    url = f"${{{variable}_URL:-{_url(document, report)}}}"
    return Upstream(url, tuple(forward), tuple(headers.items()), tuple(query.items()))


Home = tuple[str, str]  # host and path; http or https makes no difference


def homes_of(document: Document) -> frozenset[Home]:
    """Where the service is."""
    return frozenset(map(_home, _servers(document)))


def is_here(operation: Operation, homes: frozenset[Home]) -> bool:
    """Whether an operation is where its service is, and not at a server of its own."""
    return not operation.servers or any(_home(server) in homes for server in operation.servers)


def _servers(document: Document) -> tuple[Server, ...]:
    """The document's; where it names none, and all of its operations do, those of the first."""
    own = [each.servers for each in document.operations] if not document.servers else []
    return own[0] if own and all(own) else document.servers


def _home(server: Server) -> Home:
    parts = urlsplit(server.url)
    return parts.netloc, parts.path.rstrip("/")


def secrets(document: Document) -> Iterator[tuple[str, str]]:
    """Parameters that hold credentials: (where, name)."""
    for scheme in document.security_schemes:
        if scheme.kind == "apiKey":
            yield scheme.where, scheme.parameter.lower() if scheme.where == "header" else scheme.parameter


def _needed(document: Document) -> list[SecurityScheme]:
    """Schemes that some operation asks for."""
    asked = {need.scheme for each in document.operations for needs in each.security for need in needs}
    return [scheme for scheme in document.security_schemes if scheme.name in asked]


def _forwarded(scheme: SecurityScheme) -> Iterator[str]:
    in_header = scheme.kind == "apiKey" and scheme.where == "header" and scheme.parameter.lower() == "authorization"
    if in_header or scheme.kind in {"http", "oauth2", "openIdConnect"}:
        yield "authorization"


def _url(document: Document, report: Report) -> str:
    """Where the service is: the first server, beside where the document was."""
    known = _servers(document)
    server = known[0] if known else None
    if len(known) > 1:
        report.info("servers", known[1].at, "of several servers the first is taken")
    found = urljoin(document.at.document, server.url if server else "/")
    parts = urlsplit(found)
    if parts.scheme in {"http", "https"} and parts.hostname and not set(found) & set('${}"\\ \n'):
        return found.rstrip("/")
    report.guess("server", server.at if server else document.at, f"no server is named: {SOMEWHERE} is written")
    return SOMEWHERE
