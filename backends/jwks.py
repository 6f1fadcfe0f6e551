"""The public keys that an issuer publishes as a JWK Set (RFC 7517), fetched when a token names one that is not here."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx

COOLDOWN = 2.0  # seconds between two fetches, however many unknown keys tokens name
PATIENCE = 2.0  # seconds

Jwk = dict[str, Any]


class Jwks:
    """Safe among threads, which wait for one fetch together."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Jwk] = {}
        self._tried = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str) -> Jwk | None:
        with self._lock:
            if kid not in self._keys and time.monotonic() - self._tried >= COOLDOWN:
                self._fetch()
                self._tried = time.monotonic()
            return self._keys.get(kid)

    def _fetch(self) -> None:
        try:
            listed = httpx.get(self._url, timeout=PATIENCE, trust_env=False).raise_for_status().json()["keys"]
            self._keys = {key["kid"]: key for key in listed}
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            pass  # those from before stay
