"""Where a subscription's events come from (GraphQL 6.2.3.1): what its field declares, or what its code yields."""

from __future__ import annotations

import inspect
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import get_argument_values

from bff.document import Refusal
from bff.errors import BadUserInput, BffError
from bff.events import Streams, open_events
from bff.execute import Asked
from bff.execute.info import Info, Places
from bff.mask import cause
from bff.plan.context import Context
from bff.plan.model import Node
from bff.plan.resolve import to_wire
from bff.plan.scope import Scope
from bff.telemetry import Exchange

Rows = AsyncGenerator[Any, None]


class Unkept(list[Exchange]):
    """Code that brings events makes calls without end: who observes is told of each, and nobody keeps them."""

    def append(self, _: Exchange) -> None: ...


def lasting(scope: Scope) -> Scope:
    """A scope for what opens the events: the same caller, without an end to its time."""
    scope.deadline = math.inf
    scope.exchanges = Unkept()
    scope.max_calls = 2**62
    return scope


async def opened(streams: Streams, node: Node, asked: Asked) -> Rows:
    """The events of the root field `node`; `asked.context` lasts as long as they do.

    Raises Refusal for arguments that do not fit, and what the field's code raises. A declared source says what is
    wrong when it is first asked for an event.
    """
    coerced = _arguments(node, asked)
    if node.field.source.events is not None:
        return open_events(streams, node.field.source, to_wire(node.field)(coerced), asked.context.scope)
    return await _by_hand(node, asked, coerced)


async def _by_hand(node: Node, asked: Asked, coerced: Mapping[str, Any]) -> Rows:
    type_name = node.field.coordinate.partition(".")[0]
    subscribe: Callable[..., Rows | Awaitable[Rows]] = node.field.declared.subscribe  # type: ignore[assignment]
    found = subscribe(None, Info(asked, type_name, node, {}, Places({})), **coerced)
    return _fresh(await found if inspect.isawaitable(found) else found, asked.context)


async def _fresh(rows: Rows, context: Context) -> Rows:
    """What code loads for one event is not what it loads for the next."""
    try:
        async for row in rows:
            yield row
            context.waves.forget()
    finally:
        await rows.aclose()
        await context.aclose()


def _arguments(node: Node, asked: Asked) -> dict[str, Any]:
    try:
        return get_argument_values(node.field.declared, node.written[0], asked.variables, hide_suggestions=True)
    except GraphQLError as error:
        raise Refusal(BadUserInput("The arguments do not fit."), (error,)) from None


def known(error: BaseException) -> BffError | None:
    """What a source ended by, if it is an error of ours."""
    found = cause(error)
    return found if isinstance(found, BffError) else None
