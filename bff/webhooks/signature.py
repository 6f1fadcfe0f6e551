"""Who signed a webhook, by the Standard Webhooks specification: HMAC-SHA256 over id, time and body. Pure.

Several secrets may be good at once, and several signatures may come, so that either side can change its secret without
losing a message. Ed25519 signatures (`v1a`) are passed over, as the specification asks of whoever does not know them.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bff.errors import Unauthenticated

CHALLENGE = "webhook-signature"
MOST_SIGNATURES = 10

_ID = re.compile(r"[!-\-/-~]{1,256}\Z")  # visible ASCII without a full stop, which stands between what is signed
_TIME = re.compile(r"[0-9]{1,12}\Z")


@dataclass(frozen=True, slots=True)
class Message:
    """What was signed, and is to be believed."""

    id: str  # the same whenever the message is sent again
    body: bytes


def believed(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], *, now: float, tolerance: float
) -> Message:
    """The message, if one of `secrets` has signed it and `now` (seconds since 1970) is near enough to when.

    Raises Unauthenticated, with the reason in its detail.
    """
    id_, time, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not _ID.match(id_) or not _TIME.match(time):
        raise _refused("no webhook-id or webhook-timestamp, or none that can be")
    if abs(now - int(time)) > tolerance:
        raise _refused("signed too long ago, or not yet")
    given = [each.partition(",")[2].encode() for each in signatures.split(" ") if each.startswith("v1,")]
    content = f"{id_}.{time}.".encode() + body
    if not any(_signed(content, secret, given[:MOST_SIGNATURES]) for secret in secrets):
        raise _refused("no signature is that of a secret")
    return Message(id_, body)


def signature(content: bytes, secret: bytes) -> bytes:
    """What stands behind `v1,`."""
    return b64encode(hmac.digest(secret, content, "sha256"))


def _signed(content: bytes, secret: bytes, given: Sequence[bytes]) -> bool:
    right = signature(content, secret)
    return any(hmac.compare_digest(right, each) for each in given)


def _refused(detail: str) -> Unauthenticated:
    return Unauthenticated(CHALLENGE, detail=detail)
