"""The kinds of URL that a setting can hold. Knows what is wrong with one; connects to none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bff.config.hidden import Hidden
from bff.config.kinds import Kind
from bff.config.mistakes import Mistake, refuse
from bff.config.references import Referring, is_reference

_URL = re.compile(r"[A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%?#]+")  # RFC 3986 2
_PASSWORD = re.compile(r"//[^/@:]*:(?P<password>[^@]*)@")
MEMORY = "memory"


@dataclass(frozen=True)
class BaseUrl(Kind):
    """Where a service is: http or https, a host, maybe a port and a path; held without a slash at its end."""

    def read(self, value: object) -> str:
        such = 'such as "http://127.0.0.1:4101"'
        parts = _web(value, such)
        if parts.query or parts.fragment or {"?", "#"} & set(str(value)):
            raise refuse(Mistake("must not hold a query or a fragment", "those belong to a connector's template"))
        if {".", ".."} & set(parts.path.split("/")):
            raise refuse(Mistake("must not hold . or .. in its path"))
        return str(value).rstrip("/")

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^https?://[^/?#@]+(/[^?#]*)?$"}


@dataclass(frozen=True)
class SecureUrl(Kind):
    """A URL whose answer is believed: https, or http where the host is this machine. Held as it is written."""

    query: bool = False

    def read(self, value: object) -> str:
        parts = _web(value, 'such as "https://id.example.com/"', "it is public")
        if parts.scheme == "http" and not _loopback(parts.hostname or ""):
            raise refuse(Mistake("must be an https URL", "http is only for 127.0.0.1, ::1 and localhost"))
        if "#" in str(value) or ("?" in str(value) and not self.query):
            raise refuse(Mistake("must not hold a fragment" if self.query else "must not hold a query or a fragment"))
        return str(value)

    def form(self) -> dict[str, Any]:
        rest = "#" if self.query else "?#"
        return {"type": "string", "pattern": rf"^(https://|http://(localhost|127\.|\[::1\]))[^@{rest}]+$"}


@dataclass(frozen=True)
class StoreUrl(Hidden):
    """`memory`, or where a Valkey or Redis is, which may hold a password."""

    def wrong(self, value: object) -> Mistake | None:
        return _wrong_with_store(value)

    def show(self, value: SecretStr) -> str:
        """Without user and password."""
        scheme, _, rest = value.get_secret_value().rpartition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else MEMORY

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^(memory|(valkeys?|rediss?)://[^/?#]+(/[0-9]{0,4})?)$"}


def _web(value: object, such: str, credentials: str = "put them in headers, from the environment") -> SplitResult:
    """The parts of an http or https URL without credentials."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise refuse(Mistake("must be an http or https URL", such))
    parts = _split(value)
    if parts is None:
        raise refuse(Mistake("must be a URL whose host and port are right", such))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise refuse(Mistake("must be an http or https URL with a host", such))
    if "@" in parts.netloc:
        raise refuse(Mistake("must not hold credentials", credentials))
    return parts


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    return parts


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong_with_store(value: object) -> Mistake | None:
    if value == MEMORY:
        return None
    such = 'such as "valkey://127.0.0.1:6379"; percent-encode a password'
    parts = _split(value) if isinstance(value, str) and _URL.fullmatch(value) else None
    if parts is None or parts.scheme not in {"valkey", "valkeys", "redis", "rediss"} or not parts.hostname:
        return Mistake("must be memory, or a valkey, valkeys, redis or rediss URL", such)
    if parts.port == 0 or not re.fullmatch(r"(/[0-9]{0,4})?", parts.path) or {"?", "#"} & set(str(value)):
        return Mistake("must hold nothing but host, port and the number of a database", such)
    written = value.written if isinstance(value, Referring) else str(value)
    if any(not is_reference(found["password"]) for found in _PASSWORD.finditer(written)):
        return Mistake("must take its password from the environment", 'write "valkey://:${NAME}@host:6379"')
    return None
