"""Making the calls of a live check, and counting them: through each upstream's own stack, and never one that changes
something: GET, and POST where its connector says that it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bff.connectors import Connector
from bff.plan.call import fill, meaning, target_of
from bff.plan.carried import carried
from bff.upstreams import Headers, Request, Upstream, read


class Enough(Exception):
    """As many calls were made as may be."""


class Caller:
    """Calls connectors. `headers` are what calls to an upstream carry beside its own, such as a token."""

    def __init__(
        self, upstreams: Mapping[str, Upstream], headers: Mapping[str, Headers], *, timeout: float, most: int
    ) -> None:
        """`timeout` is of one call, in seconds; an upstream's own may cut it shorter."""
        self._upstreams = upstreams
        self._headers = headers
        self._timeout = timeout
        self._left = most

    async def answer(self, connector: Connector, values: Mapping[str, Any]) -> tuple[Any, Headers]:
        """What the service says, decoded JSON, `MISSING` or a `TypedError`, and the headers of its answer.

        Raises UpstreamError and its kind, BadUserInput for values that no call can carry, Enough.
        """
        if not connector.repeatable:
            raise ValueError(f"{connector.label} is not safe to call")
        if self._left <= 0:
            raise Enough
        self._left -= 1
        upstream = self._upstreams[connector.upstream]
        content_type, body = _body(connector, values)
        request = Request(
            method=connector.method,
            target=target_of(connector, values),
            deadline=asyncio.get_running_loop().time() + self._timeout,
            headers=self._sent(connector, values, content_type),
            body=body,
            label=connector.label,
        )
        reply = await upstream.sender.send(request)
        raw = await read(reply, max_decoded=upstream.settings.max_decoded)
        return meaning(connector, reply.status, raw, connector.decoder(reply.header("content-type"))), reply.headers

    def _sent(self, connector: Connector, values: Mapping[str, Any], content_type: str | None) -> Headers:
        given = self._headers.get(connector.upstream, ())
        constant = self._upstreams[connector.upstream].settings.headers
        kept = tuple(each for each in constant if each[0] not in dict(given))
        return carried(connector, values, content_type, (*given, *kept))


def _body(connector: Connector, values: Mapping[str, Any]) -> tuple[str | None, bytes | None]:
    """The media type and the bytes of what is sent; of a key in `[{…}]` each value has an object of its own."""
    if connector.body is None:
        return None, None
    keys = [(name, value) for name in connector.key for value in values[name]]
    content_type, sent = connector.encode(fill(connector.body, values, [{**values, name: key} for name, key in keys]))
    return content_type, sent if isinstance(sent, bytes) else None
