"""How OpenAPI 3.0, 3.1 and 3.2 say parameters, bodies and answers. Knows the dialect; not what schemas mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from bff.connectors.media import FORM
from bff.openapi.frame import Reading, examples, flag, mapping, members, needed, text
from bff.openapi.links import links_of
from bff.openapi.model import Body, Encoding, Header, Media, Parameter, Response, Style, Where
from bff.openapi.refs import Node
from bff.openapi.schema import Schema
from bff.openapi.wrong import Wrong

_STYLES: dict[str, Style] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_ALLOWED: dict[str, frozenset[str]] = {
    "path": frozenset({"matrix", "label", "simple"}),
    "query": frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"}),
    "header": frozenset({"simple"}),
    "cookie": frozenset({"form", "cookie"}),  # both send what a cookie can hold as it is
}
_STYLED = frozenset({"style", "explode", "allowReserved"})  # OpenAPI 3.1.1 4.8.15.1.2
# OpenAPI 3.1.0 4.8.12.1: header parameters of these names are ignored, for they are said elsewhere.
_ELSEWHERE = frozenset({"accept", "content-type", "authorization"})


@dataclass(slots=True)
class OpenApi3:
    """Reads one API's parameters, bodies and answers."""

    reading: Reading
    everywhere: bool = False  # 3.2: allowReserved is of parameters in the path too

    def parameters(self, nodes: list[Node], operation: Node) -> tuple[Parameter, ...]:
        del operation
        found: dict[tuple[str, str], Parameter] = {}
        for node in map(self.reading.follow, nodes):
            with self.reading.parameter(node):
                self._add(found, node)
        return tuple(found.values())

    def _add(self, found: dict[tuple[str, str], Parameter], node: Node) -> None:
        name, where = needed(node, "name"), needed(node, "in")
        if where == "querystring" and (form := self._whole_query(name, node)):
            found.setdefault((name, "query"), form)
            return
        if where not in _STYLES:
            raise Wrong(node.at / "in", f"there is no parameter in {where!r}", "use path, query, header or cookie")
        if where == "header" and name.lower() in _ELSEWHERE:
            self.reading.report.info("header-parameter", node.at, f"{name} is not a parameter but HTTP's own")
        elif (name, where) not in found:
            found[name, where] = self._parameter(name, cast("Where", where), node)

    def _whole_query(self, name: str, node: Node) -> Parameter | None:
        """3.2: a query that is a form, which is what an exploded object is."""
        media = next((inner for kind, inner in members(node, "content") if bare(kind) == FORM), None)
        schema = self._schema(self.reading.follow(media)) if media else None
        required, told = flag(node, "required"), text(node, "description")
        return Parameter(name, "query", schema, node.at, required, description=told) if schema else None

    def _parameter(self, name: str, where: Where, node: Node) -> Parameter:
        style = self._style(where, node)
        schema, media_type, shown = self._described(node)
        return Parameter(
            name=name,
            where=where,
            schema=schema,
            at=node.at,
            required=where == "path" or flag(node, "required"),
            style=style,
            explode=flag(node, "explode", default=style == "form"),
            allow_reserved=flag(node, "allowReserved") and (self.everywhere or where == "query"),
            allow_empty=flag(node, "allowEmptyValue"),
            media_type=media_type,
            description=text(node, "description"),
            deprecated=flag(node, "deprecated"),
            examples=examples(shown, self.reading.references),
        )

    def _style(self, where: Where, node: Node) -> Style:
        style = text(node, "style") or _STYLES[where]
        if style in _ALLOWED[where]:
            return "form" if style == "cookie" else cast("Style", style)
        usual = _STYLES[where]
        self.reading.report.guess(
            "style", node.at / "style", f"{where} parameters have no style {style!r}; {usual} it is"
        )
        return usual

    def _described(self, node: Node) -> tuple[Schema, str, Node]:
        """The schema, or that of the one media type of `content`."""
        for media_type, inner in members(node, "content"):
            media = self.reading.follow(inner)
            return self._schema(media), bare(media_type), media
        return self._schema(node), "", node

    def _schema(self, node: Node) -> Schema:
        return self.reading.shapes.of(node / "schema" if "schema" in node.value else Node({}, node.at))

    def body(self, nodes: list[Node], operation: Node) -> Body | None:
        del nodes
        if operation.value.get("requestBody") is None:
            return None
        place = operation / "requestBody"
        node = self.reading.follow(place)
        return Body(
            content=tuple(self._content(node)),
            at=node.at,
            required=flag(node, "required"),
            description=text(node, "description"),
            name=text(operation, "x-body-name") or self.reading.name(place),
        )

    def _content(self, node: Node) -> Iterator[Media]:
        for media_type, place in members(node, "content"):
            media = self.reading.follow(place)
            yield Media(
                type=bare(media_type),
                schema=self._schema(media),
                at=media.at,
                encoding=tuple(self._encoding(media)),
                examples=examples(media, self.reading.references),
            )

    def _encoding(self, media: Node) -> Iterator[Encoding]:
        for name, place in members(media, "encoding"):
            node = mapping(place)
            style: Any = text(node, "style") if text(node, "style") in _ALLOWED["query"] else "form"
            yield Encoding(
                property=name,
                at=node.at,
                content_types=tuple(bare(each) for each in text(node, "contentType").split(",") if each.strip()),
                style=style,
                explode=flag(node, "explode", default=style == "form"),
                allow_reserved=flag(node, "allowReserved"),
                headers=tuple(self._headers(node)),
                styled=not _STYLED.isdisjoint(node.value),
            )

    def responses(self, operation: Node) -> tuple[Response, ...]:
        return tuple(self._responses(operation))

    def _responses(self, operation: Node) -> Iterator[Response]:
        for code, place in answers(operation):
            with self.reading.answer(code):
                yield self._response(status_of(code, place), self.reading.follow(place))

    def _response(self, status: str, node: Node) -> Response:
        return Response(
            status=status,
            at=node.at,
            description=text(node, "description"),
            content=tuple(self._content(node)),
            headers=tuple(self._headers(node)),
            links=tuple(links_of(node, self.reading)),
        )

    def _headers(self, node: Node) -> Iterator[Header]:
        for name, place in members(node, "headers"):
            with self.reading.sparing("header-left-out", name):
                yield self._header(name, self.reading.follow(place))

    def _header(self, name: str, node: Node) -> Header:
        schema, _, _ = self._described(node)
        return Header(
            name=name,
            schema=schema,
            at=node.at,
            required=flag(node, "required"),
            explode=flag(node, "explode"),
            description=text(node, "description"),
            deprecated=flag(node, "deprecated"),
        )


def answers(operation: Node) -> Iterator[tuple[str, Node]]:
    """The answers of an operation by what should be their status. Raises Wrong."""
    return (each for each in members(operation, "responses") if not each[0].startswith("x-"))


def status_of(code: str, place: Node) -> str:
    """A status: "200", "2XX" or "default". Raises Wrong."""
    if code == "default" or (code.isascii() and code.isdigit() and len(code) == 3):
        return code
    if len(code) == 3 and code[0] in "12345" and code[1:].upper() == "XX":
        return code.upper()
    raise Wrong(place.at, f"{code!r} is no status", 'use a status such as "200", a range such as "2XX", or "default"')


def bare(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()
