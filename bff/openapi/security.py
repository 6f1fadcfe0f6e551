"""Where an API is, and who may call it. Knows no operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urljoin

from bff.openapi.frame import Reading, items, mapping, members, text
from bff.openapi.model import Flow, Need, SecurityScheme, Server, ServerVariable
from bff.openapi.place import is_url
from bff.openapi.refs import Node

_FLOWS = frozenset({"implicit", "password", "clientCredentials", "authorizationCode"})
_SWAGGER_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def servers(node: Node) -> Iterator[Server]:
    """3.x's servers; a relative URL is put together with the document's, where that is one."""
    for place in items(node, "servers"):
        server = mapping(place)
        template = text(server, "url")
        if not template:
            continue
        variables = [_variable(name, mapping(inner)) for name, inner in members(server, "variables")]
        url = template
        for variable in variables:
            url = url.replace(f"{{{variable.name}}}", variable.default)
        yield Server(joined(place.at.document, url), place.at, text(server, "description"), template, tuple(variables))


def _variable(name: str, node: Node) -> ServerVariable:
    values = tuple(str(value) for value in node.value.get("enum") or ())
    return ServerVariable(name, str(node.value.get("default", "")), values, text(node, "description"))


def joined(document: str, url: str) -> str:
    return urljoin(document, url) if is_url(document) else url


def needs(node: Node) -> tuple[tuple[Need, ...], ...]:
    """What a call has to satisfy: any of these; of each, all."""
    return tuple(
        tuple(
            Need(name, tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ())
            for name, scopes in mapping(place).value.items()
        )
        for place in items(node, "security")
    )


def _flows(node: Node) -> Iterator[Flow]:
    for name, inner in members(node, "flows"):
        if name in _FLOWS:
            yield _flow(name, mapping(inner))


def _flow(kind: str, node: Node) -> Flow:
    scopes = node.value.get("scopes")
    return Flow(
        kind=cast("Any", kind),
        scopes=tuple((name, str(said or "")) for name, said in scopes.items()) if isinstance(scopes, dict) else (),
        authorization_url=text(node, "authorizationUrl"),
        token_url=text(node, "tokenUrl"),
        refresh_url=text(node, "refreshUrl"),
    )


def schemes(nodes: Iterator[tuple[str, Node]], reading: Reading) -> Iterator[SecurityScheme]:
    """Security schemes of either dialect."""
    for name, place in nodes:
        with reading.sparing("unknown-security", f"the security scheme {name}"):
            node = reading.follow(place)
            kind = text(node, "type")
            if kind in {"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS", "basic"}:
                yield _scheme(name, kind, node)
            else:
                reading.report.loss("unknown-security", node.at, f"there is no security scheme of type {kind!r}")


def _scheme(name: str, kind: str, node: Node) -> SecurityScheme:
    swagger = text(node, "flow")
    return SecurityScheme(
        name=name,
        kind=cast("Any", "http" if kind == "basic" else kind),
        at=node.at,
        description=text(node, "description"),
        where=cast("Any", text(node, "in") if text(node, "in") in {"query", "header", "cookie"} else ""),
        parameter=text(node, "name"),
        scheme="basic" if kind == "basic" else text(node, "scheme").lower(),
        bearer_format=text(node, "bearerFormat"),
        flows=(_flow(_SWAGGER_FLOWS.get(swagger, swagger), node),) if swagger else tuple(_flows(node)),
        openid_url=text(node, "openIdConnectUrl"),
    )
