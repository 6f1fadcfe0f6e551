"""Why a connection is closed: codes and words that clients are told. Closes nothing."""

from __future__ import annotations


class Closing(Exception):
    """The connection is to be closed: with which code, and in which words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class TooSlow(Closing):
    """The client takes nothing of what it is sent."""

    def __init__(self) -> None:
        super().__init__(1013, "The client takes its messages too slowly")


# What a connection ends with that nobody raises.
RESTART = Closing(1012, "Service restart")
EXPIRED = Closing(4403, "The credential has expired: connect again with a new one")
SILENT = Closing(4408, "Connection initialisation timeout")
BROKEN = Closing(4500, "Internal error")
