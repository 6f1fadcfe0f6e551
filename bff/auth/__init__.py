"""Who calls: credentials in, a Caller out."""

from bff.auth.caller import ANONYMOUS, Caller

__all__ = ["ANONYMOUS", "Caller"]
