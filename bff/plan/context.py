"""What hand-written resolvers get as `info.context`: loads, and clients over the gateway's own stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bff.connectors import Connector
from bff.plan.own import own
from bff.plan.scope import WHERE, Scope
from bff.plan.waves import Waves
from bff.telemetry import Observer, Silent
from bff.upstreams import Reply, Request, Sender

if TYPE_CHECKING:
    import httpx


class Context:
    """One running operation. `trace_id` is what the client sees when something was masked."""

    __slots__ = ("_clients", "observer", "scope", "trace_id", "waves")

    def __init__(self, scope: Scope, trace_id: str = "", observer: Observer | None = None) -> None:
        self.scope = scope
        self.trace_id = trace_id
        self.observer: Observer = observer or Silent()
        self.waves = Waves(scope)
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def load(self, connector: Connector, **values: Any) -> Any:
        """What `connector` brings for these values of its variables: a row or None, or with `many` a list of rows.

        The same loader that the plan uses: equal loads of one operation make one call, and keys are batched. What comes
        may be changed: it is a copy. Name the connector in the field's `uses`, or the plan cannot count its calls.
        """
        return own(await self.waves.begin(connector, values, WHERE.get()))

    def upstream(self, name: str) -> httpx.AsyncClient:
        """An httpx client for a service of `bff.yaml`, over the gateway's own stack: deadline, limits, telemetry.

        Relative URLs only. Raises KeyError for a name that `bff.yaml` does not have.
        """
        if name not in self._clients:
            from bff.upstreams.transport import client  # with httpx, which a graph without code has no need of

            scope = self.scope
            headers = scope.headers_for(name)
            upstream, record = scope.upstreams[name], scope.exchanges.append
            counted = replace(upstream, sender=_Counted(upstream.sender, scope))
            self._clients[name] = client(counted, deadline=scope.deadline, headers=headers, record=record)
        return self._clients[name]

    def abandon(self) -> None:
        """End what still runs and let whoever waits for it know, so that execution comes to its end by itself."""
        self.scope.close()
        self.waves.close()

    async def aclose(self) -> None:
        """Abandon, and wait until nothing is left."""
        self.abandon()
        await self.scope.ended()


class _Counted:
    """A service as hand-written code calls it: each call counts towards what an operation may make."""

    def __init__(self, inner: Sender, scope: Scope) -> None:
        self._inner = inner
        self._scope = scope

    async def send(self, request: Request) -> Reply:
        self._scope.count_call()
        return await self._inner.send(request)

    async def aclose(self) -> None:
        """The stack belongs to the gateway."""
