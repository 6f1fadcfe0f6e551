"""An answer in parts over HTTP: multipart/mixed, each part sent as soon as it is there. Knows no GraphQL.

Incremental delivery over HTTP, https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bff.endpoint.framed import Framed, headers_of, standing
from bff.endpoint.multipart import Multipart
from bff.endpoint.reply import VARY, Reply
from bff.negotiate import MULTIPART, Form
from bff.operation import Answer

BOUNDARY = "-"
TOLD = {"2022": ";deferSpec=20220824", "2023": ";incrementalSpec=v0.2"}  # what was asked for, as it was


def in_parts(answer: Answer, parts: AsyncGenerator[bytes, None], form: Form, stall: float) -> Reply:
    """`stall`: for how many seconds the client may take nothing."""
    body = Multipart(BOUNDARY)
    media_type = f'{MULTIPART};boundary="{BOUNDARY}"{TOLD.get(form.parts, "")}'
    headers = [*headers_of(media_type, VARY), *standing(answer, form)]
    return Reply(200, headers, parts=Framed(parts, body.part, body.end), stall=stall)
