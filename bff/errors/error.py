"""The root of the tree, and what clients may learn of errors."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

Fault = Literal["client", "upstream", "gateway"]


class Audience(NamedTuple):
    """What a client may learn of an error, beside its code."""

    names: bool = True  # of the schema, also those that it did not send
    sources: bool = True  # which service failed, and with which status


EVERYTHING = Audience()


class BffError(Exception):
    """Anything the gateway refuses or fails at. `str(error)` may be shown to a client."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    fault: ClassVar[Fault] = "gateway"

    @property
    def extensions(self) -> dict[str, Any]:
        """What a client may know beside the message; `code` is stable and documented."""
        return {"code": self.code}

    @property
    def plainly(self) -> str:
        """The message without a name of the schema, for clients that may not see it."""
        return str(self)
