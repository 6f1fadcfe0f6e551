"""What is wrong with a connector by itself, found where it is declared. Pure; says what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bff import codec
from bff.connectors.connector import NOT_GIVEN, Connector
from bff.connectors.media import FORM, MULTIPART, is_json, is_media

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 5.6.2; names of cookies too (RFC 6265 4.1.1)

# Headers that are written elsewhere, and where.
_ELSEWHERE = {
    "accept": "say accept=",
    "content-type": "say media=",
    "cookie": "say cookies=",
} | dict.fromkeys(
    ("connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    "it belongs to the connection, and the gateway writes it",
)


def mistakes(connector: Connector) -> Iterator[str]:
    """Each mistake in a few words."""
    yield from _of_variables(connector)
    yield from _of_headers(connector)
    yield from _of_bodies(connector)
    yield from _of_answers(connector)
    if connector.max_batch < 1 or connector.weight < 0:
        yield "max_batch must be at least 1 and weight not negative"


def stream_mistakes(opens: Connector, only: Collection[str], *, socket: bool) -> Iterator[str]:
    """The same for a stream of events that this call opens, whose events have the names `only`."""
    if socket and only:
        yield "messages of a socket have no names, of which only= could speak"
    if not socket and opens.body is not None:
        yield "body= is a socket's first message; server-sent events are asked for by the template alone"
    if not is_json(opens.media):
        yield "messages of a socket are JSON"


def _of_variables(connector: Connector) -> Iterator[str]:
    paged = connector.paging.variables if connector.paging else ()
    for variable in (*connector.key, *paged):
        if variable not in connector.variables:
            yield f"{variable!r} is no variable of the template or the body"
    if len(connector.key) > 1 and not isinstance(connector.body, list):
        yield "a key of several variables needs body=[{…}], since lists in a URL cannot say which belong together"
    if connector.by_key and not connector.key:
        yield "by_key needs a key"
    if connector.paging and connector.key:
        yield "a paged call cannot also be a batch"
    if connector.paging and connector.outcomes:
        yield "a paged call has pages only: errors= would be something else"
    elif connector.many and not connector.key and connector.outcomes:
        yield "many= brings a list, and errors= one object: no field has both"


def _of_headers(connector: Connector) -> Iterator[str]:
    for name in connector.headers:
        if not _TOKEN.match(name):
            yield f"{name!r} is no name of a header"
        elif name in _ELSEWHERE:
            yield f"no variable can be the header {name!r}: {_ELSEWHERE[name]}"
    for name in connector.cookies:
        if not _TOKEN.match(name):
            yield f"{name!r} is no name of a cookie"


def _of_bodies(connector: Connector) -> Iterator[str]:
    if connector.safe and connector.method not in {"GET", "POST"}:
        yield f"a {connector.method} changes something (RFC 9110 9.2.1), so it cannot be safe"
    named = () if isinstance(connector.brackets, bool) else connector.brackets
    if connector.lists and (connector.brackets is True or connector.media not in {FORM, MULTIPART}):
        yield f"lists= speaks of a form without brackets: say media={FORM!r}"
    for name in connector.lists.keys() & set(named):
        yield f"lists= and brackets= both speak of {name!r}"
    if connector.brackets and connector.media != FORM:
        yield f"brackets= speaks of a form: say media={FORM!r}"
    if not is_media(connector.media):
        yield f'media={connector.media!r} is no media type: "application/json"'
    elif connector.body is None and not is_json(connector.media):
        yield "media= says what the body is, and there is none: say body="
    if connector.media in {FORM, MULTIPART} and isinstance(connector.body, list):
        yield f"a body of {connector.media} has members, so it is no list: say body={{…}}"
    if not (is_json(connector.media) or connector.media in {FORM, MULTIPART}) and isinstance(
        connector.body, dict | list
    ):
        yield f'a body of {connector.media} is one value: say body="variable"'


def _of_answers(connector: Connector) -> Iterator[str]:
    if not is_media(connector.accept):
        yield f'accept={connector.accept!r} is no media type: "application/json"'
    elif not is_json(connector.accept):
        told = {
            "key": connector.key,
            "many": connector.many,
            "rows": connector.rows,
            "error": connector.error,
            "typename": connector.typename,
        }
        for word in (word for word, given in told.items() if given):
            yield f"{word}= speaks of JSON, and the answer is {connector.accept}"
    if connector.empty is not NOT_GIVEN:
        yield from _of_empty(connector)


def _of_empty(connector: Connector) -> Iterator[str]:
    try:
        codec.encode(connector.empty)
    except (TypeError, ValueError, RecursionError):
        yield "empty= is a value that no JSON can hold"
