"""A value as the body of a call, in the media type that its connector declares. Pure, but that boundaries are random.

What a body of that type cannot hold is the client's mistake (BadUserInput), told without its value. With a file that is
still coming, the body comes as the file does.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from bff import codec
from bff.connectors.file import Incoming, Upload
from bff.connectors.media import FORM, JSON, MULTIPART, is_json, is_media, is_text, with_charset
from bff.errors import BadUserInput

Sent = bytes | AsyncIterable[bytes]
Encode = Callable[[Any], tuple[str, Sent]]  # value -> content-type, body

_BINARY = "application/octet-stream"
_PRINTABLE = re.compile(r"[ -~]*\Z")
_ODD = re.compile(r"[^ -~]")


def encoder(media: str, *, brackets: bool | Collection[str] = False, lists: Mapping[str, str] | None = None) -> Encode:
    """How a value becomes a body of this media type; `brackets`: how a form writes objects and lists, or those of some
    members; `lists`: what stands between the values of a member, where its list is one value.
    """
    if is_json(media):
        return partial(_json, media)
    if media == FORM:
        return _joining(partial(_bracketed, brackets) if brackets else _form, lists)
    if media == MULTIPART:
        return _joining(_multipart, lists)
    return partial(_raw, media)


async def flowing(media: str, body: AsyncIterable[bytes]) -> tuple[str, AsyncGenerator[bytes, None]]:
    """A body that comes with a file, to be closed when the call is over; what its type is, the file may say."""
    if isinstance(body, Incoming):
        label = await body.label()
        media = _media_type(label.type) if "*" in media else media
    return media, _pieces(body)


async def _pieces(body: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    async for piece in body:
        yield piece


def json_text(value: Any) -> str | None:
    """A value as JSON in visible ASCII, which URLs and headers can hold; None for null, which is not sent."""
    text = None if value is None else _json_bytes(value).decode()
    return text if text is None or _PRINTABLE.match(text) else _ODD.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    """A character of a JSON string by its code (RFC 8259 7)."""
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f"


def _json(media: str, value: Any) -> tuple[str, bytes]:
    return media, _json_bytes(value)


def _json_bytes(value: Any) -> bytes:
    try:
        return codec.encode(value)
    except (TypeError, ValueError, RecursionError):
        raise BadUserInput("This value cannot be sent: no JSON can hold it.") from None


def _raw(media: str, value: Any) -> tuple[str, Sent]:
    """Bytes and files as they are, text in UTF-8. A declared type with a `*` leaves it to the file what it is."""
    if isinstance(value, Incoming):
        return media, value
    if isinstance(value, Upload):
        return (_media_type(value.type) if "*" in media else media), value.content
    if isinstance(value, bytes):
        return (_BINARY if "*" in media else media), value
    if isinstance(value, dict | list):
        raise BadUserInput(f"This value cannot be sent as {media}: it is an object or a list.")
    return (with_charset(media) if is_text(media) else media), _utf8(_plain(value))


def _joining(write: Encode, lists: Mapping[str, str] | None) -> Encode:
    """The same, of lists that are one value."""
    if not lists:
        return write

    def joined(value: Any) -> tuple[str, Sent]:
        if isinstance(value, Mapping):
            found = {name: lists[name] for name in lists if isinstance(value.get(name), list)}
            value = {**value, **{name: _joined(value[name], by) for name, by in found.items()}}
        return write(value)

    return joined


def _joined(items: list[Any], by: str) -> str:
    texts = [_plain(item) for item in items if item is not None]
    if any(by in text for text in texts):
        raise BadUserInput(f"This value cannot be sent: it contains {by!r}, which stands between values.")
    return by.join(texts)


def _form(value: Any) -> tuple[str, bytes]:
    """WHATWG URL 5.2. A list is its name again and again; an object has no form, and is sent as JSON text (OpenAPI)."""
    return FORM, _urlencoded(_members(value, FORM))


def _bracketed(brackets: bool | Collection[str], value: Any) -> tuple[str, bytes]:
    """A form whose names are paths: `a[b]=1&c[0]=x`, as PHP, Rails and Stripe read them (OpenAPI's deepObject)."""
    if not isinstance(value, Mapping):
        raise BadUserInput(f"This value cannot be sent as {FORM}: it is no object.")
    try:
        deep = value if brackets is True else brackets or ()
        plain = _members({name: member for name, member in value.items() if name not in deep}, FORM)
        leaves = [*plain, *(leaf for name in value if name in deep for leaf in _paths(name, value[name]))]
    except RecursionError:
        raise BadUserInput("This value cannot be sent: it is nested too deeply.") from None
    return FORM, _urlencoded(leaves)


def _urlencoded(pairs: Iterable[tuple[str, Any]]) -> bytes:
    written = ((quote_plus(_utf8(name)), quote_plus(_bytes(value))) for name, value in pairs)
    return "&".join([f"{name}={text}" for name, text in written]).encode()


def _paths(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The leaves below a member. What is empty leaves nothing, for a form has no way to say it."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _paths(f"{path}[{name}]", member)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _paths(f"{path}[{at}]", item)
    elif value is not None:
        yield path, value


def _multipart(value: Any) -> tuple[str, Sent]:
    """RFC 7578. Nobody can guess the boundary, so nothing that a client sends can end a part."""
    boundary = f"bff-{secrets.token_hex(16)}"
    media, members = f"{MULTIPART}; boundary={boundary}", list(_members(value, MULTIPART))
    if any(isinstance(item, Incoming) for _, item in members):
        return media, _with_files(boundary.encode(), members)
    parts = [b"--%b\r\n%b\r\n" % (boundary.encode(), _part(name, item)) for name, item in members]
    return media, b"".join([*parts, f"--{boundary}--\r\n".encode()])


async def _with_files(boundary: bytes, members: Iterable[tuple[str, Any]]) -> AsyncGenerator[bytes, None]:
    """The same, part by part. What a file is called is known when it comes."""
    for name, item in members:
        if isinstance(item, Incoming):
            label = await item.label()
            yield b"--%b\r\n%b\r\n\r\n" % (boundary, _utf8(_file_head(name, label.name, label.type)))
            async for piece in item:
                yield piece
            yield b"\r\n"
        else:
            yield b"--%b\r\n%b\r\n" % (boundary, _part(name, item))
    yield b"--%b--\r\n" % boundary


def _part(name: str, value: Any) -> bytes:
    if isinstance(value, Upload):
        return _utf8(f"{_file_head(name, value.name, value.type)}\r\n\r\n") + value.content
    head = f'content-disposition: form-data; name="{_quoted(name)}"'
    if isinstance(value, dict | list):
        head += f"\r\ncontent-type: {JSON}"
    elif isinstance(value, bytes):
        return _utf8(f"{head}\r\ncontent-type: {_BINARY}\r\n\r\n") + value
    return _utf8(f"{head}\r\n\r\n") + _bytes(value)


def _file_head(name: str, filename: str, media_type: str) -> str:
    told = f'filename="{_quoted(_file_name(filename))}"\r\ncontent-type: {_media_type(media_type)}'
    return f'content-disposition: form-data; name="{_quoted(name)}"; {told}'


def _members(value: Any, media: str) -> Iterator[tuple[str, Any]]:
    """Names and values, one for each item of a list; what is null is left out."""
    if not isinstance(value, Mapping):
        raise BadUserInput(f"This value cannot be sent as {media}: it is no object.")
    for name, member in value.items():
        for item in member if isinstance(member, list) else (member,):
            if item is not None:
                yield name, item


def _bytes(value: Any) -> bytes:
    if isinstance(value, Incoming):
        raise BadUserInput(f"A file cannot be sent as {FORM}.")
    if isinstance(value, Upload):
        return value.content
    if isinstance(value, bytes):
        return base64.b64encode(value)
    return _json_bytes(value) if isinstance(value, dict | list) else _utf8(_plain(value))


def _plain(value: Any) -> str:
    """A scalar as text, the way JSON writes it. A text may hold line ends here: they mean nothing in a body."""
    if isinstance(value, str):
        return value
    return codec.encode(value).decode().strip('"')  # dates, decimals and UUIDs are texts without quotes in them


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadUserInput("This value cannot be sent: it holds half of a character.") from None


def _quoted(text: str) -> str:
    """A name or a file name in a part's head, as browsers write it (WHATWG HTML 4.10.22.8)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _file_name(name: str) -> str:
    """Raises BadUserInput for a path: a service might write the file where it says (RFC 7578 4.2)."""
    if not name or {"/", "\\", "\0"} & set(name) or name in {".", ".."}:
        raise BadUserInput("A file needs a name, without a path.")
    return name


def _media_type(text: str) -> str:
    if not is_media(text):
        raise BadUserInput('A file needs a media type such as "image/png".')
    return text
