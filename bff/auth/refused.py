"""Why a credential was refused: a sentence for the log. Knows no HTTP and never holds any part of the credential."""

from __future__ import annotations


class Refused(Exception):
    """`str(refusal)` is the cause. Clients never see it: they get one text for every cause (RFC 6750 3)."""
