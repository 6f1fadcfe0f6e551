"""What a request carries, as an argument and as what its connector is told. Knows no answer and no parameter.

Bytes are files that come beside the operation: the body itself, or members of a body in parts. In JSON and in forms of
text there is no place for them, so there they stay base64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bff.connectors.media import FORM, JSON, MULTIPART, is_json, is_text
from bff.openapi.graph.call import Call, Inexpressible
from bff.openapi.graph.formats import is_bytes
from bff.openapi.graph.parameters import BODY, SEPARATORS
from bff.openapi.graph.places import Place
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import BASE64, STR, UPLOAD, Argument, Code, Use
from bff.openapi.graph.wanted import JSON as ANYTHING
from bff.openapi.model import Body, Encoding, Media, Operation
from bff.openapi.report import Report
from bff.openapi.schema import MISSING, Array, Enum, Free, Map, Object, Scalar, Schema, Schemas, Union, resolved

_ANY = "*/*"


def body_of(operation: Operation, call: Call, types: Types, place: Place, report: Report) -> dict[str, object]:
    """The options of a connector that sends a body; the call then has its argument. Raises Inexpressible."""
    body = operation.body
    media = _sent(operation, types.schemas, report)
    if body is None or media is None:
        return {}
    use, entries = _use(media, types, Place(f"{operation.key} body", place.plain, place.home), report)
    null = use.nullable and not isinstance(types.resolved(media.schema), Free)  # of anything, null is no body
    nullable, default = not body.required or null, MISSING if body.required else None
    call.arguments.append(Argument(BODY, BODY, use.or_null(nullable), body.description, default=default))
    if entries:
        call.bindings[BODY] = Code("argument", (("", BODY), ("entries", True)))
    plain = media.type == JSON or (media.type == _ANY and use != UPLOAD)
    brackets = in_brackets(media, types.schemas)
    lists = {} if brackets is True else dict(_joined(media, types.schemas))
    _note_form(media, brackets, types.schemas, report)
    told: dict[str, object] = {} if plain else {"media": media.type}
    told |= {"brackets": brackets} if brackets else {}
    return {"body": BODY, **told, **({"lists": lists} if lists else {})}


def _sent(operation: Operation, schemas: Schemas, report: Report) -> Media | None:
    """The kind of body that is sent; the others are noted."""
    body = operation.body
    if body is None:
        return None
    if operation.method == "GET":
        report.loss("get-body", body.at, "the body of a GET is not sent")
        return None
    media = best_media(body, schemas)
    if media is not None and "/" not in media.type:
        raise Inexpressible(f"its body is {media.type!r}, which is no media type")
    for other in body.content:
        if other is not media and media is not None:
            report.info("other-body", other.at, f"of several kinds of body {media.type} is sent")
    return media


def best_media(body: Body, schemas: Schemas) -> Media | None:
    """JSON before forms before text before anything, of equals by name; where there are files, parts before what has no
    place for them.
    """
    offered = tuple(sorted(body.content, key=lambda each: each.type))
    if any(each.type == MULTIPART and _has_bytes(each, schemas) for each in offered):
        offered = tuple(each for each in offered if each.type == MULTIPART or not _has_bytes(each, schemas))
    ranks = (JSON, _ANY, FORM, MULTIPART, "text/plain")
    ranked = [each for kind in ranks for each in offered if each.type == kind]
    vendors = [each for each in offered if is_json(each.type)]
    plain = [each for each in ranked if each.type in ranks[:2]]
    return next(iter([*plain, *vendors, *ranked, *offered]), None)


def _has_bytes(media: Media, schemas: Schemas) -> bool:
    """Whether an object has bytes in it, or lists of them."""
    body = resolved(media.schema, schemas)
    return isinstance(body, Object) and any(_is_file(each.schema, schemas) for each in body.properties)


def _is_file(schema: Schema, schemas: Schemas) -> bool:
    target = resolved(schema, schemas)
    return is_bytes(resolved(target.items, schemas) if isinstance(target, Array) else target)


def _use(media: Media, types: Types, place: Place, report: Report) -> tuple[Use, bool]:
    """The type of what is sent, and whether it is a map in the form of a list of its entries."""
    target = types.resolved(media.schema)
    if media.type == MULTIPART:
        return types.in_parts(_parts(media, types.schemas, report), place)
    if is_bytes(target) and not is_json(media.type) and media.type != FORM:
        return UPLOAD, False
    if is_json(media.type) or media.type in {_ANY, FORM}:
        return types.member_use(media.schema, place, "input")
    return _as_it_is(media, target, types, place, report), False


def _as_it_is(media: Media, target: Schema, types: Types, place: Place, report: Report) -> Use:
    """Text or bytes of a kind that nobody here writes of values."""
    if is_text(media.type):
        use = types.use(media.schema, place, "input")
        written = not (use.composite or use.lists or use == ANYTHING)
        if not written:
            report.loss("body-as-text", media.at, f"nobody here writes {media.type}: it is given as it is sent")
        return use if written else STR
    if isinstance(target, Scalar) and target.format == "byte":
        return BASE64
    if not isinstance(target, Scalar | Free):
        report.loss("body-as-file", media.at, f"nobody here writes {media.type}: it is a file, given as it is sent")
    return UPLOAD


# Parts ---------------------------------------------------------------------------------------------------------------


def _parts(media: Media, schemas: Schemas, report: Report) -> Schema:
    """The schema of a body in parts, in which what its encodings say are files are bytes."""
    body = resolved(media.schema, schemas)
    if not isinstance(body, Object):
        return media.schema
    files = {each.property for each in media.encoding if _is_of_files(each)}
    files &= {each.name for each in body.properties if _may_be_file(resolved(each.schema, schemas), schemas)}
    for encoding in media.encoding:
        if encoding.property not in files:
            _note(encoding, body, schemas, report)
    if not files:
        return media.schema
    made = (
        replace(each, schema=_bytes(each.schema, schemas)) if each.name in files else each for each in body.properties
    )
    return replace(body, properties=tuple(made))


def _is_of_files(encoding: Encoding) -> bool:
    kinds = encoding.content_types
    return bool(kinds) and not any(is_json(kind) or is_text(kind) or kind in {FORM, _ANY} for kind in kinds)


def _may_be_file(schema: Schema, schemas: Schemas) -> bool:
    """Whether an encoding may say that it is a file: a text of no other format, or nothing is said of it."""
    inner = resolved(schema.items, schemas) if isinstance(schema, Array) else schema
    return (isinstance(inner, Scalar) and inner.kind == "string" and not inner.format) or isinstance(inner, Free)


def _bytes(schema: Schema, schemas: Schemas) -> Schema:
    target = resolved(schema, schemas)
    if isinstance(target, Array):
        return replace(target, items=_bytes(target.items, schemas))
    return Scalar(
        at=target.at, kind="string", format="binary", description=target.description, nullable=target.nullable
    )


def _note(encoding: Encoding, body: Object, schemas: Schemas, report: Report) -> None:
    """A part that is not sent as its encoding says."""
    target = next((resolved(each.schema, schemas) for each in body.properties if each.name == encoding.property), None)
    usual = set(_usual(target, schemas))
    if encoding.content_types and usual and not usual & set(encoding.content_types):
        told = f"the part {encoding.property!r} is sent as {min(usual)}, not as {', '.join(encoding.content_types)}"
        report.loss("part-type", encoding.at, told)
    if encoding.headers:
        report.loss("part-headers", encoding.at, f"the part {encoding.property!r} is sent without headers of its own")


def _usual(schema: Schema | None, schemas: Schemas) -> Iterator[str]:
    """What a part is sent as; nothing of a file, which says so itself (OpenAPI 3.1.0 4.8.14)."""
    inner = resolved(schema.items, schemas) if isinstance(schema, Array) else schema
    if isinstance(inner, Object | Map | Array):
        yield JSON
    elif inner is not None and not is_bytes(inner) and not isinstance(inner, Free | Union):
        yield "text/plain"


# Forms ---------------------------------------------------------------------------------------------------------------


def in_brackets(media: Media, schemas: Schemas) -> bool | tuple[str, ...]:
    """Whether a form writes all its objects and lists as `a[b]=1&c[0]=x` (the encoding `deepObject`), or which."""
    body = resolved(media.schema, schemas)
    if media.type != FORM or not isinstance(body, Object):
        return False
    nested = {each.name for each in body.properties if _is_nested(resolved(each.schema, schemas), schemas)}
    deep = nested & {each.property for each in media.encoding if each.style == "deepObject"}
    return deep == nested if deep in (set(), nested) and nested else tuple(sorted(deep)) or False


def _note_form(media: Media, brackets: bool | tuple[str, ...], schemas: Schemas, report: Report) -> None:
    """Members of a form that are not sent as their encoding says: an object that is to be members of the form's own."""
    body = resolved(media.schema, schemas)
    if media.type != FORM or not isinstance(body, Object):
        return
    deep = {each.name for each in body.properties} if brackets is True else set(brackets or ())
    known = {each.name: resolved(each.schema, schemas) for each in body.properties if each.name not in deep}
    for each in media.encoding:
        if each.styled and isinstance(known.get(each.property), Object | Map):
            report.loss("form-member", each.at, f"{each.property!r} is sent as JSON, not in the style {each.style}")
        elif JSON in each.content_types and not each.styled and _is_list(known.get(each.property), schemas):
            report.guess(
                "form-member", each.at, f"{each.property!r} is sent again and again, and not as one list of JSON"
            )


def _joined(media: Media, schemas: Schemas) -> Iterator[tuple[str, str]]:
    """Members of a form whose list is one value, and what stands in it."""
    body = resolved(media.schema, schemas)
    several = (
        {each.name for each in body.properties if _is_list(each.schema, schemas)} if isinstance(body, Object) else ()
    )
    for each in media.encoding if media.type in {FORM, MULTIPART} else ():
        if each.property in several and not each.explode:
            yield each.property, SEPARATORS.get(each.style, ",")


def _is_list(schema: Schema | None, schemas: Schemas) -> bool:
    """Whether it is a list of texts, numbers or flags."""
    target = resolved(schema, schemas) if schema else None
    inner = resolved(target.items, schemas) if isinstance(target, Array) else target
    return isinstance(target, Array) and isinstance(inner, Scalar | Enum) and not is_bytes(inner)


def _is_nested(schema: Schema, schemas: Schemas) -> bool:
    members = [resolved(each, schemas) for each in schema.members] if isinstance(schema, Union) else [schema]
    return any(isinstance(each, Object | Array | Map) for each in members)
