"""What hand-written resolvers get as `info.context`: loads, and clients over the gateway's own stack."""

from __future__ import annotations

from typing import Any

import httpx

from bff.connectors import Connector
from bff.plan.scope import Scope
from bff.plan.waves import Waves
from bff.telemetry import Observer, Silent
from bff.upstream import client


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

        The same loader that the plan uses: equal loads of one operation make one call, and keys are batched. Name the
        connector in the field's `uses`, or the plan cannot count its calls.
        """
        return await self.waves.begin(connector, values, ())

    def upstream(self, name: str) -> httpx.AsyncClient:
        """An httpx client for a service of `bff.yaml`, over the gateway's own stack: deadline, limits, telemetry.

        Relative URLs only. Raises KeyError for a name that `bff.yaml` does not have.
        """
        if name not in self._clients:
            scope = self.scope
            headers = scope.headers_for(name)
            upstream, record = scope.upstreams[name], scope.exchanges.append
            self._clients[name] = client(upstream, deadline=scope.deadline, headers=headers, record=record)
        return self._clients[name]

    async def aclose(self) -> None:
        """End what still runs: tasks are cancelled and waited for, and whoever waits for a load is told."""
        await self.scope.aclose()
        self.waves.close()
