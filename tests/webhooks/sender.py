"""A sender of webhooks by the specification, written apart from what verifies them."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's own test suites; a sample
OTHER = "whsec_" + b64encode(b"another secret of 32 bytes here!").decode()

NOW = 1_614_265_330


def key(secret: str) -> bytes:
    return b64decode(secret.removeprefix("whsec_"))


def sign(body: bytes, id_: str = "msg_1", at: int = NOW, *secrets: str) -> dict[str, str]:
    """The headers of a message, with a signature by each secret."""
    content = f"{id_}.{at}.".encode() + body
    made = [hmac.new(key(secret), content, hashlib.sha256).digest() for secret in secrets or (SECRET,)]
    return {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{b64encode(digest).decode()}" for digest in made),
    }
