"""From security schemes and servers to what `bff.yaml` says of the upstream. Writes no secret.

A token of the caller is forwarded; a key that is the program's own comes from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from bff.openapi.graph.names import snake, words
from bff.openapi.graph.wanted import Upstream
from bff.openapi.model import Document, Operation, SecurityScheme, Server
from bff.openapi.place import is_url
from bff.openapi.report import Report

_PARAMETER = re.compile(r"[!-~]+")  # as bff.yaml has it
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 5.6.2
SOMEWHERE = "http://127.0.0.1:8000"  # where a document says no server, and came from no URL


def upstream_of(document: Document, name: str, report: Report) -> Upstream:
    """The entry of the service called `name`."""
    needed = list(_needed(document, report))
    variable = name.upper().replace("-", "_")
    forward = dict.fromkeys(header for scheme in needed for header in _forwarded(scheme))
    keys = [scheme for scheme in needed if _is_sent(scheme) and scheme.parameter.lower() not in forward]
    secrets = {each.name: f"{variable}_{_constant(each.name)}" if len(keys) > 1 else f"{variable}_KEY" for each in keys}
    headers = {each.parameter.lower(): f"${{{secrets[each.name]}}}" for each in keys if each.where == "header"}
    query = {each.parameter: f"${{{secrets[each.name]}}}" for each in keys if each.where == "query"}
    cookies = {each.parameter: f"{each.parameter}=${{{secrets[each.name]}}}" for each in keys if each.where == "cookie"}
    headers |= {"cookie": "; ".join(cookies.values())} if cookies else {}
    for scheme in needed:
        if scheme not in keys and not [*_forwarded(scheme)]:
            what = scheme.scheme or scheme.where or scheme.kind
            report.loss("security", scheme.at, f"{scheme.name}: {what} ({scheme.parameter or scheme.kind}) is not sent")
    url = f"${{{variable}_URL:-{_url(document, report)}}}"
    return Upstream(url, tuple(forward), tuple(headers.items()), tuple(query.items()))


def _is_sent(scheme: SecurityScheme) -> bool:
    """Whether it is a key that the configuration can add to each call."""
    name = {"header": _TOKEN, "query": _PARAMETER, "cookie": _TOKEN}.get(scheme.where)
    return scheme.kind == "apiKey" and name is not None and name.fullmatch(scheme.parameter) is not None


def _constant(name: str) -> str:
    return snake(words(name)).upper()


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


def _needed(document: Document, report: Report) -> Iterator[SecurityScheme]:
    """Schemes that some operation asks for."""
    asked = {need.scheme: each for each in document.operations for needs in each.security for need in needs}
    for name in sorted(asked.keys() - {scheme.name for scheme in document.security_schemes}):
        report.loss("unknown-security", asked[name].at, f"the security scheme {name!r} is not described")
    return (scheme for scheme in document.security_schemes if scheme.name in asked)


def _forwarded(scheme: SecurityScheme) -> Iterator[str]:
    """What callers send, and the service gets; of HTTP's own schemes, those that say the same in every call."""
    in_header = scheme.kind == "apiKey" and scheme.where == "header" and scheme.parameter.lower() == "authorization"
    same = scheme.kind == "http" and scheme.scheme in {"basic", "bearer", "token", ""}
    if in_header or same or scheme.kind in {"oauth2", "openIdConnect"}:
        yield "authorization"


def _url(document: Document, report: Report) -> str:
    """Where the service is: the first server, beside where the document was."""
    known = _servers(document)
    server = min(
        known, key=lambda each: (_home(each) != _home(known[0]), urlsplit(each.url).scheme == "http"), default=None
    )
    if server and len(known) > 1:
        report.info("servers", known[1].at, f"of several servers {server.url} is taken")
    base = document.at.document if is_url(document.at.document) else f"{SOMEWHERE}/"
    found = urljoin(base, server.url if server else "/")
    parts = urlsplit(found)
    if parts.scheme in {"http", "https"} and parts.hostname and not set(found) & set('${}"\\ \n'):
        if found.startswith(SOMEWHERE):
            report.guess("server", server.at if server else document.at, f"no host is named: {SOMEWHERE} is written")
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
        if plain != found and server:
            report.loss("server", server.at, f"{plain} is written: a service's URL is a scheme, a host and a path")
        return plain.rstrip("/")
    told = server.url if server else found
    report.guess("server", server.at if server else document.at, f"{told} is no http URL: {SOMEWHERE} is written")
    return SOMEWHERE
