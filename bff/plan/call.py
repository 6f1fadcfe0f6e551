"""Making the call that a connector declares: variables -> request, answer -> rows.

The only place that calls an upstream for the plan; what an answer means is decided by pure functions below it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from bff import codec
from bff.connectors import Connector
from bff.connectors.body import flowing
from bff.connectors.connector import NOT_GIVEN
from bff.connectors.media import Decode
from bff.connectors.paging import Paged
from bff.connectors.rows import Key, matched, nothing, row_of, rows_of, stamped
from bff.errors import BadUserInput, UpstreamMalformed, UpstreamRefused, UpstreamStatus
from bff.lastly import lastly
from bff.plan.carried import carried
from bff.plan.scope import Scope
from bff.upstreams import Headers, Reply, Request, Upstream, at_once, read_decoded
from bff.upstreams.cap import capped

MAX_TARGET = 8_192  # bytes; nginx, HAProxy and Node refuse request lines a little above it


class Missing:
    """A service's "there is no such thing"."""


MISSING = Missing()


class TypedError:
    """An error status whose body is data of a GraphQL type (`errors=` of the connector)."""

    __slots__ = ("row",)

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row


Made = Callable[[Connector, Any, Reply], Any]  # what an answer says, and the answer -> what comes of the call


def call_one(
    scope: Scope, connector: Connector, values: Mapping[str, Any], decode: Decode | None = None
) -> Coroutine[Any, Any, Any]:
    """What one call brings: a row or None, with `many` a list, with paging a `Paged`.

    `decode` reads of its rows what there is a use for; None: all of them.
    """
    return _exchange(scope, connector, values, _one, decode=decode)


def _one(connector: Connector, answer: Any, reply: Reply) -> Any:
    if isinstance(answer, Missing):
        return Paged({}, []) if connector.paging else nothing(connector)
    if isinstance(answer, TypedError):
        return answer.row
    if connector.paging:
        return Paged(answer, rows_of(connector, answer), reply.headers)
    return rows_of(connector, answer) if connector.many else row_of(connector, answer)


async def call_batch(
    scope: Scope,
    connector: Connector,
    loads: Sequence[Mapping[str, Any]],
    keys: Sequence[Key],
    decode: Decode | None = None,
) -> list[Any]:
    """One call for many: what each of these sets of variables gets, in their order. They differ in the key alone.

    `decode` as in `call_one`. Keys too long to stand in one URL together take several calls; each is counted towards
    what an operation may make.
    """
    values = _together(connector, loads)
    target = target_of(connector, values)
    if len(loads) > 1 and len(target) > MAX_TARGET:
        middle = len(loads) // 2
        first = await call_batch(scope, connector, loads[:middle], keys[:middle], decode)
        return [*first, *await call_batch(scope, connector, loads[middle:], keys[middle:], decode)]

    def made(connector: Connector, answer: Any, _: Reply) -> list[Any]:
        if isinstance(answer, (Missing, TypedError)):
            return [nothing(connector) for _ in keys]
        return matched(connector, answer, keys)

    found: list[Any] = await _exchange(scope, connector, values, made, target=target, each=loads, decode=decode)
    return found


def _together(connector: Connector, loads: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    values = dict(loads[0])
    for name in connector.key:
        values[name] = [load[name] for load in loads]
    return values


async def _exchange(
    scope: Scope,
    connector: Connector,
    values: Mapping[str, Any],
    made: Made,
    *,
    target: str | None = None,
    each: Sequence[Mapping[str, Any]] = (),
    decode: Decode | None = None,
) -> Any:
    """What `made` makes of the answer. Raises BadUserInput for a target that no service would read."""
    if target is None:
        target = target_of(connector, values)
    if len(target) > MAX_TARGET:
        raise BadUserInput("This value cannot be looked up: it is too long.")
    content_type, body = (None, None) if connector.body is None else await _body(connector, values, each)
    upstream = scope.upstreams[connector.upstream]
    headers = scope.carried.get(connector) or _headers(scope, connector, values, content_type)
    scope.count_call()
    request = Request(connector.method, target, scope.deadline, headers, body, connector.label, scope.exchanges.append)
    if body is not None and not isinstance(body, bytes):
        return await _flown(request, body, connector, upstream, made)
    reply = await upstream.sender.send(request)
    if upstream.store is not None:
        decode = None  # what is kept others read
    raw = at_once(reply, upstream.settings.max_decoded)
    if raw is None:
        return made(connector, await _read(reply, connector, upstream, decode), reply)
    reads = decode or connector.decode or connector.decoder(reply.header("content-type"))
    return made(connector, meaning(connector, reply.status, raw, reads), reply)


async def _flown(
    request: Request, body: AsyncGenerator[bytes, None], connector: Connector, upstream: Upstream, made: Made
) -> Any:
    """The same for a call whose body is still coming: it may last as long as something moves."""
    request.body = flow = _Flow(body)
    return await lastly(_answered(request, connector, upstream, made), flow.aclose)


async def _answered(request: Request, connector: Connector, upstream: Upstream, made: Made) -> Any:
    patience, most = upstream.settings.timeout, upstream.settings.max_response
    reply = capped(await upstream.streaming(patience, patience).send(request), most)
    return made(connector, await _read(reply, connector, upstream, None), reply)


class _Flow:
    """A body that is closed once nobody takes a piece of it: who does may have been told to stop only now."""

    __slots__ = ("_body", "_turn")

    def __init__(self, body: AsyncGenerator[bytes, None]) -> None:
        self._body = body
        self._turn = asyncio.Lock()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        async with self._turn:
            return await anext(self._body)

    async def aclose(self) -> None:
        async with self._turn:
            await self._body.aclose()


def _read(reply: Reply, connector: Connector, upstream: Upstream, decode: Decode | None) -> Awaitable[Any]:
    reads = decode or connector.decode or connector.decoder(reply.header("content-type"))

    def says(raw: bytes) -> Any:
        return meaning(connector, reply.status, raw, reads)

    key = connector if decode is None else (connector, decode)  # of one answer, connectors may say different things
    return read_decoded(reply, says, max_decoded=upstream.settings.max_decoded, key=key)


def _headers(scope: Scope, connector: Connector, values: Mapping[str, Any], content_type: str | None) -> Headers:
    """What the call carries; kept for the operation where no value and no body has a say in it."""
    others = scope.headers_for(connector.upstream)
    if connector.body is None and not connector.headers and not connector.cookies:
        headers = scope.carried[connector] = (("accept", connector.accept), *others)
        return headers
    return carried(connector, values, content_type, others, scope.upstreams[connector.upstream].settings.forward)


async def _body(
    connector: Connector, values: Mapping[str, Any], each: Sequence[Mapping[str, Any]]
) -> tuple[str | None, bytes | AsyncGenerator[bytes, None] | None]:
    """What a connector with a body sends, and its media type; neither where that is one variable, and it is null."""
    value = fill(connector.body, values, each)
    if value is None and isinstance(connector.body, str):
        return None, None
    content_type, body = connector.encode(value)
    return (content_type, body) if isinstance(body, bytes) else await flowing(content_type or "", body)


def target_of(connector: Connector, values: Mapping[str, Any]) -> str:
    """The request target. Raises BadUserInput for values that no URL of this template can carry."""
    try:
        return connector.template.expand(values)
    except ValueError as error:
        raise BadUserInput(f"This value cannot be looked up: {error}.") from None


def fill(body: Any, values: Mapping[str, Any], each: Sequence[Mapping[str, Any]] = ()) -> Any:
    """A declared body with its variables filled in; `[{…}]` becomes one object for each load."""
    if isinstance(body, str):
        return values.get(body)
    if isinstance(body, list):
        return [fill(part, load) for load in (each or (values,)) for part in body]
    return {name: fill(part, values, each) for name, part in body.items()}


def meaning(connector: Connector, status: int, raw: bytes, decode: Decode) -> Any:
    """What an answer says: its value, `MISSING`, or a `TypedError`. Pure; `decode` reads the body of a success.

    Raises UpstreamStatus, UpstreamRefused (an error inside a 2xx) or UpstreamMalformed.
    """
    success = 200 <= status < 300
    replaced = success and not raw and connector.empty is not NOT_GIVEN
    if status in connector.errors:
        row = connector.empty if replaced else _decoded(connector, raw, codec.decode_answer)
        if not isinstance(row, dict):
            raise UpstreamMalformed(connector.upstream, detail=f"{connector.label}: status {status} without an object")
        return TypedError(stamped(connector, row, connector.errors[status]))
    if status in connector.missing:
        return MISSING
    if status in connector.others and (row := _object(raw)) is not None:
        return TypedError(stamped(connector, row, connector.others[status]))
    if not success:
        raise UpstreamStatus(connector.upstream, http_status=status, detail=f"{connector.label}: status {status}")
    told = connector.safe or connector.batched or connector.typename  # who reads, or names what comes, is owed a body
    silent = not raw and (status == 204 or not told)
    answer = connector.empty if replaced else None if silent else _decoded(connector, raw, decode)
    if connector.failed and connector.failed(answer) is not None:
        raise UpstreamRefused(connector.upstream, http_status=status, detail=f"{connector.label}: error in the answer")
    return answer


def _decoded(connector: Connector, raw: bytes, decode: Decode) -> Any:
    try:
        return decode(raw)
    except ValueError as error:
        what = "JSON" if decode is codec.decode_answer or connector.decode is codec.decode_answer else connector.accept
        raise UpstreamMalformed(connector.upstream, detail=f"{connector.label}: not {what}: {error}") from None


def _object(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is; None for anything else, a page of a proxy's among it."""
    with suppress(ValueError):
        found = codec.decode_answer(raw)
        return found if isinstance(found, dict) else None
    return None
