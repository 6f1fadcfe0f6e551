"""Whether a service that is plainly down is called at all: from failures in a row until it answers, only now and then.

`Circuit` is pure: the time is passed in, in seconds, and it knows no call but by its kind. `Breaker` is what the layers
that wait for answers ask and tell. A call costs a look at `open` and at `failed` while all is well.

What counts is that a service cannot be reached, is silent, or lets somebody in front of it say that it is not there.
Any other answer, 404 or 500, is about one request and shows that the service is up.
"""

from __future__ import annotations

from bff.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable, UpstreamUnreachable
from bff.telemetry import Observer

LASTING = 1.0  # seconds of nothing but failures: what fails at one moment may be one operation, or a restart
DOWN = frozenset({502, 503, 504})
FROM = min(DOWN)  # statuses below it tell that the service is up


class Circuit:
    """Closed, every call is made. Open, of each kind of call one in a pause, until one is answered.

    By kind, so that an operation which fails by itself does not spend the tries of those that would not.
    """

    __slots__ = ("_failures", "_pause", "_since", "_tried", "failed", "open")

    def __init__(self, failures: int, pause: float) -> None:
        """It opens after so many `failures` in a row over a second or more; 0: never."""
        self.failed = 0  # in a row
        self.open = False
        self._failures = failures
        self._pause = pause
        self._since = 0.0  # when the first of the row failed
        self._tried: dict[str, float] = {}  # while it is open: when a call of each kind was made, or failed

    def admits(self, kind: str, now: float) -> bool:
        """Of an open one: whether this call is the next to be made. Were it never heard of again, another is."""
        tried = self._tried.get(kind)
        if tried is not None and now < tried + self._pause:
            return False
        self._tried[kind] = now
        return True

    def failure(self, kind: str, now: float) -> bool:
        """A call failed; whether that opened it."""
        if not self._failures:
            return False
        self._since = self._since if self.failed else now
        self.failed += 1
        opens = not self.open and self.failed >= self._failures and now >= self._since + LASTING
        self.open = self.open or opens
        if self.open:
            self._tried[kind] = now
        return opens

    def answer(self) -> bool:
        """A call was answered; whether that closed it."""
        closes, self.open, self.failed = self.open, False, 0
        self._tried.clear()
        return closes

    def __repr__(self) -> str:
        return f"<Circuit {'open' if self.open else 'closed'}: {self.failed} failed>"


class Breaker:
    """The circuit of one upstream, for whoever calls it."""

    __slots__ = ("_name", "_observer", "circuit")

    def __init__(self, name: str, circuit: Circuit, observer: Observer) -> None:
        self._name = name
        self._observer = observer
        self.circuit = circuit

    def enter(self, kind: str, now: float) -> None:
        """Before a call, while the circuit is open. Raises `UpstreamUnavailable` unless it is one that is made."""
        if not self.circuit.admits(kind, now):
            raise UpstreamUnavailable(self._name, detail=repr(self.circuit))

    def failed(self, kind: str, error: UpstreamError, now: float) -> None:
        if isinstance(error, UpstreamTimeout | UpstreamUnreachable) and self.circuit.failure(kind, now):
            self._observer.circuit(self._name, "open", error.code)

    def answered(self, kind: str, status: int, now: float) -> None:
        """To be told of a status from `FROM` up, and of every other one after a failure."""
        if status in DOWN:
            if self.circuit.failure(kind, now):
                self._observer.circuit(self._name, "open", str(status))
        elif self.circuit.answer():
            self._observer.circuit(self._name, "closed", "")
