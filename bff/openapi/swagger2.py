"""How Swagger 2.0 says parameters, bodies, answers and places. Knows the dialect; not what schemas mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from bff.openapi.frame import Reading, flag, members, needed, text, texts
from bff.openapi.model import Body, Encoding, Example, Header, Media, Parameter, Response, Server, Style, Where
from bff.openapi.openapi3 import answers, bare, status_of
from bff.openapi.place import is_url
from bff.openapi.refs import Node
from bff.openapi.schema import Array, Object, Property, Scalar, Schema
from bff.openapi.wrong import Wrong

_COLLECTIONS: dict[str, Style] = {
    "ssv": "spaceDelimited",
    "tsv": "tabDelimited",
    "pipes": "pipeDelimited",
    "multi": "form",
}
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
# Of a parameter that is not in the body: what is about sending it. What is left describes its values.
_OWN = frozenset({"name", "in", "required", "collectionFormat", "allowEmptyValue"})


@dataclass(slots=True)
class Swagger2:
    """Reads one API's parameters, bodies and answers."""

    reading: Reading

    def parameters(self, nodes: list[Node], operation: Node) -> tuple[Parameter, ...]:
        del operation
        found: dict[tuple[str, str], Parameter] = {}
        for node in self._unique(nodes):
            with self.reading.parameter(node):
                self._add(found, node)
        return tuple(found.values())

    def _add(self, found: dict[tuple[str, str], Parameter], node: Node) -> None:
        name, where = needed(node, "name"), needed(node, "in")
        if where in {"path", "query", "header"}:
            found.setdefault((name, where), self._parameter(name, cast("Where", where), node))
        elif where not in {"body", "formData"}:
            hint = "use path, query, header, formData or body"
            raise Wrong(node.at / "in", f"there is no parameter in {where!r}", hint)

    def _unique(self, nodes: list[Node]) -> list[Node]:
        """What an operation says of a parameter counts, not what its path says."""
        found: dict[tuple[Any, Any], Node] = {}
        for node in map(self.reading.follow, nodes):
            found.setdefault((node.value.get("name"), node.value.get("in")), node)
        return list(found.values())

    def _parameter(self, name: str, where: Where, node: Node) -> Parameter:
        style, explode = _collected(node, where)
        return Parameter(
            name=name,
            where=where,
            schema=self._values(node),
            at=node.at,
            required=where == "path" or flag(node, "required"),
            style=style,
            explode=explode,
            allow_empty=flag(node, "allowEmptyValue"),
            description=text(node, "description"),
            examples=(Example("", node.value["x-example"]),) if "x-example" in node.value else (),
        )

    def _values(self, node: Node) -> Schema:
        return self.reading.shapes.of(
            Node({word: value for word, value in node.value.items() if word not in _OWN}, node.at)
        )

    def body(self, nodes: list[Node], operation: Node) -> Body | None:
        found = self._unique(nodes)
        whole = next((node for node in found if node.value.get("in") == "body"), None)
        if whole is not None:
            return self._whole(whole, operation)
        form = [node for node in found if node.value.get("in") == "formData"]
        return self._form(form, operation) if form else None

    def _whole(self, node: Node, operation: Node) -> Body:
        schema = self.reading.shapes.of(node / "schema" if "schema" in node.value else Node({}, node.at))
        content = tuple(Media(kind, schema, node.at) for kind in self._media(operation, "consumes"))
        return Body(content, node.at, flag(node, "required"), text(node, "description"), text(node, "name"))

    def _form(self, nodes: list[Node], operation: Node) -> Body:
        """All members of a form as one object."""
        made = [Property(needed(node, "name"), self._values(node), flag(node, "required")) for node in nodes]
        schema = Object(at=operation.at / "parameters", properties=tuple(made))
        several = [each for each in made if isinstance(each.schema, Array)]
        encoding = tuple(_encoding(node) for node in nodes if needed(node, "name") in {each.name for each in several})
        kinds = [kind for kind in self._media(operation, "consumes") if kind in {_FORM, _MULTIPART}]
        usual = _MULTIPART if any(_is_file(each.schema) for each in made) else _FORM
        content = tuple(Media(kind, schema, schema.at, encoding) for kind in kinds or [usual])
        return Body(content, schema.at, required=any(each.required for each in made))

    def _media(self, operation: Node, word: str) -> tuple[str, ...]:
        own = operation if word in operation.value else self.reading.root
        return tuple(dict.fromkeys(map(bare, texts(own, word)))) or (_JSON,)

    def responses(self, operation: Node) -> tuple[Response, ...]:
        return tuple(self._responses(operation))

    def _responses(self, operation: Node) -> Iterator[Response]:
        for code, place in answers(operation):
            with self.reading.answer(code):
                yield self._response(status_of(code, place), self.reading.follow(place), operation)

    def _response(self, status: str, node: Node, operation: Node) -> Response:
        return Response(
            status=status,
            at=node.at,
            description=text(node, "description"),
            content=tuple(self._content(node, operation)),
            headers=tuple(self._headers(node)),
        )

    def _content(self, node: Node, operation: Node) -> Iterator[Media]:
        if node.value.get("schema") is None:
            return
        schema = self.reading.shapes.of(node / "schema")
        shown = node.value.get("examples") if isinstance(node.value.get("examples"), dict) else {}
        for kind in self._media(operation, "produces"):
            examples = (Example("", shown[kind]),) if kind in shown else ()
            yield Media(kind, schema, node.at / "schema", examples=examples)

    def _headers(self, node: Node) -> Iterator[Header]:
        for name, place in members(node, "headers"):
            with self.reading.sparing("header-left-out", name):
                header = self.reading.follow(place)
                yield Header(name, self._values(header), header.at, description=text(header, "description"))


def servers(root: Node) -> Iterator[Server]:
    """From schemes, host and basePath; what is not said is that of the document's own URL."""
    own = urlsplit(root.at.document) if is_url(root.at.document) else None
    host = text(root, "host") or (own.netloc if own else "")
    path = text(root, "basePath").rstrip("/")
    if not host:
        if path:
            yield Server(path, root.at / "basePath", template=path)
        return
    kinds = [kind for kind in texts(root, "schemes") if kind in {"http", "https"}]
    for kind in kinds or [own.scheme if own else "https"]:
        yield Server(f"{kind}://{host}{path}", root.at / "host", template=f"{kind}://{host}{path}")


def _collected(node: Node, where: Where) -> tuple[Style, bool]:
    """The collectionFormat as style and explode (Swagger 2.0, Parameter Object)."""
    collection = text(node, "collectionFormat") or "csv"
    usual: Style = "form" if where == "query" else "simple"
    return _COLLECTIONS.get(collection, usual), collection == "multi"


def _encoding(node: Node) -> Encoding:
    style, explode = _collected(node, "query")
    return Encoding(needed(node, "name"), node.at, style=style, explode=explode)


def _is_file(schema: Schema) -> bool:
    return isinstance(schema, Scalar) and schema.format == "binary"
