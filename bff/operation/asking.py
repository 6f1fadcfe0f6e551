"""One request to run an operation, and what came of it: records that are handed from stage to stage. Knows no HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from graphql import OperationDefinitionNode
from graphql.execution.values import VariableValues

from bff import codec
from bff.auth import ANONYMOUS, Caller
from bff.document import Document, Documents
from bff.envelope import Envelope
from bff.errors import EVERYTHING, Audience
from bff.execute import Executed, Program
from bff.incremental.outgoing import Outgoing
from bff.incremental.shapes import Spec
from bff.limits import Allowance, Price
from bff.limits.actual import Spent
from bff.limits.quota import Standing, Tier
from bff.limits.store import Ledger
from bff.plan.model import Plan
from bff.telemetry import Freshness
from bff.telemetry.trace import Trace, new_trace
from bff.upstreams import NO_STORE, Headers

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Events(Protocol):
    """The answers of a subscription, one for each event. Whoever has it closes it, also when it was never read.

    An answer that never `ran` is the last. Raises GatewayStopping where the end is ours, and not the subscription's.
    """

    def __aiter__(self) -> AsyncIterator[Answer]: ...

    async def __anext__(self) -> Answer: ...

    async def aclose(self) -> None: ...


class Answer(NamedTuple):
    """What a client gets. Without `data` the operation never ran; `status` is for response formats that show one."""

    errors: list[dict[str, Any]]
    data: dict[str, Any] | None = None
    ran: bool = False
    status: int = 200
    allow: str | None = None
    retry_after: int | None = None  # seconds
    tier: Tier | None = None  # where a quota is kept
    standing: Mapping[str, float] = NOTHING  # the numbers of where the client is with it
    extensions: Mapping[str, Any] = NOTHING
    json: bytes = b""  # of `data`, where it was written already
    keeping: str = NO_STORE  # how long the answer may be used again, and by whom: Cache-Control
    differs_by: tuple[str, ...] = ()  # the request headers that another answer may come of: Vary
    events: Events | None = None  # of a subscription that has begun: there is nothing else yet
    deferred: AsyncGenerator[bytes, None] | None = None  # all parts, each as JSON; whoever has it closes it

    @property
    def body(self) -> dict[str, Any]:
        """The answer, with errors first, where people look for them."""
        found: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        found |= {"data": self.data} if self.ran else {}
        return found | ({"extensions": dict(self.extensions)} if self.extensions else {})

    @property
    def text(self) -> bytes:
        """The same as JSON."""
        if not self.json:
            return codec.encode(self.body)
        if not self.errors and not self.extensions:
            return b'{"data":%b}' % self.json
        return codec.encode(self.body | {"data": codec.Raw(self.json)})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operations of a tier may have: each of them, and all together where a quota is kept."""

    allowed: Allowance
    documents: Documents  # with what they may ask of the schema
    quota: Tier | None = None
    share: bool = True  # equal queries at the same moment
    explain: bool = False  # whether plans may be seen  (bff.explain)
    page: bool = True  # whether browsers get GraphiQL
    audience: Audience = EVERYTHING


class Prepared(NamedTuple):
    """An operation that may run."""

    document: Document
    operation: OperationDefinitionNode
    program: Program
    plan: Plan  # of the program
    price: Price
    variables: VariableValues
    outgoing: Outgoing | None = None  # where its parts go, if it may have some


class Landed(NamedTuple):
    """What an execution came to, for all who shared it."""

    executed: Executed
    used: Spent
    json: bytes  # of the data
    fresh: tuple[Freshness, ...]  # its parts; () where of one nothing is known


def unheard(_: Callable[[], None] | None) -> bool:
    """Nobody says when who asks has left."""
    return False


@dataclass(init=False, slots=True)
class Asking:
    """One request to run an operation. `safe`: it came by GET. `explain`: the caller asks what it cost."""

    envelope: Envelope
    caller: Caller
    incoming: Headers
    safe: bool
    trace_id: str
    explain: bool
    trace: Trace
    # Told when there is something to wait for, and what to do once nobody waits any more. Whether it will be done: else
    # who asks is cancelled.
    waiting: Callable[[Callable[[], None] | None], bool]
    parts: Spec | Literal[""]  # the shape in which the client reads an answer in parts; "": whole
    ledger: Ledger | None  # what is spent from, where something was reserved for it before
    patience: float  # seconds beyond what operations have: its variables are still on their way

    def __init__(
        self,
        envelope: Envelope,
        caller: Caller,
        incoming: Headers = (),
        *,
        safe: bool = False,
        trace_id: str = "",
        explain: bool = False,
        trace: Trace | None = None,
        waiting: Callable[[Callable[[], None] | None], bool] = unheard,
        parts: Spec | Literal[""] = "",
        ledger: Ledger | None = None,
        patience: float = 0.0,
    ) -> None:
        """Without `trace`, one begins here."""
        self.envelope = envelope
        self.caller = caller
        self.incoming = incoming
        self.safe = safe
        self.trace_id = trace_id
        self.explain = explain
        self.trace = new_trace() if trace is None else trace
        self.waiting = waiting
        self.parts = parts
        self.ledger = ledger
        self.patience = patience


OPEN = "open"  # the tier of everybody, where no authentication is configured
EVERYBODY = Caller(ANONYMOUS, OPEN)


def told_cost(cost: Price, used: Spent, standing: Standing) -> dict[str, Any]:
    """What `extensions.cost` says: points, calls, what remains, and when the budget will be whole again."""
    return {
        "cost": {
            "requested": cost.points,
            "actual": used.points,
            "upstreamCalls": used.calls,
            "remaining": standing.remaining,
            "limit": standing.limit,
            "resetAt": (datetime.now(UTC) + timedelta(seconds=standing.reset)).isoformat(timespec="seconds"),
        }
    }
