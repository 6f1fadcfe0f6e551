"""The root of the tree."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

Fault = Literal["client", "upstream", "gateway"]


class BffError(Exception):
    """Anything the gateway refuses or fails at. `str(error)` may be shown to a client."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    fault: ClassVar[Fault] = "gateway"

    @property
    def extensions(self) -> dict[str, Any]:
        """What a client may know beside the message; `code` is stable and documented."""
        return {"code": self.code}
