"""Signed messages of other systems, and what they are published on. Knows no message."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from bff.config.hidden import Secret
from bff.config.kinds import Duration, Size, Text
from bff.config.mistakes import Mistake, refuse
from bff.config.routes import Route
from bff.config.settings import Settings

SHORTEST, LONGEST = 24, 64  # bytes of a secret, as the specification has it

_PREFIX = "whsec_"
_PATH = Text(r"^(/[A-Za-z0-9._~-]+)+$", "a path of plain segments", 'such as "/hooks/orders"')
_TOPIC = Text(r"^[a-z][a-z0-9]*([._-][a-z0-9]+)*$", "lower-case words with . _ or - between them", 'such as "orders"')


@dataclass(frozen=True)
class SigningSecret(Secret):
    """A secret of the Standard Webhooks specification."""

    def read(self, value: object) -> SecretStr:
        found: SecretStr = super().read(value)
        try:
            key_of(found)
        except ValueError as error:
            raise refuse(Mistake(f"must be {error}", "openssl rand -base64 32 makes them")) from None
        return found


def key_of(secret: SecretStr) -> bytes:
    """The bytes that messages are signed with. Raises ValueError with what they must be."""
    text = secret.get_secret_value()
    try:
        key = b64decode(text.removeprefix(_PREFIX), validate=True)
    except Error:
        key = b""
    if not text.startswith(_PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f'"{_PREFIX}" and {SHORTEST} to {LONGEST} bytes in base64')
    return key


def _some(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not secrets:
        raise refuse(Mistake("must not be empty", "who else could be believed?"))
    return secrets


class Webhook(Settings):
    """Signed messages of another system, by the Standard Webhooks specification, as events of subscriptions."""

    path: Annotated[str, _PATH]
    """Where they are sent, by POST. The gateway's own paths come first."""

    topic: Annotated[str, _TOPIC]
    """What they are published on, for `published("orders")` in the graph."""

    secrets: Annotated[tuple[Annotated[SecretStr, SigningSecret()], ...], AfterValidator(_some)]
    """What they are signed with, from `${NAME}`: `whsec_…`. Several are good at once, to change from one to another."""

    tolerance: Annotated[float, Duration(at_most=3_600)] = 300.0
    """How far the time that was signed may be from ours. A message is remembered for twice as long, and not published
    again. An hour at most."""

    max_body: Annotated[int, Size()] = 65_536
    """The largest message. Danger: what waits for slow subscribers is held in memory."""


def clashes(webhooks: tuple[Webhook, ...]) -> Iterator[Mistake]:
    """Paths that come twice, placed below `webhooks`."""
    first: dict[str, int] = {}
    for at, webhook in enumerate(webhooks):
        earlier = first.setdefault(webhook.path, at)
        if earlier != at:
            yield Mistake("is the path of a webhook once more", "", (at, "path"), ("webhooks", earlier, "path"))


def shadowed(webhooks: tuple[Webhook, ...], routes: tuple[Route, ...], graphql: str) -> Iterator[Mistake]:
    """Webhooks that the gateway's own paths hide, and that would hide a route; placed below `webhooks`."""
    endpoint = graphql.rstrip("/")
    own = {endpoint, "/healthz", "/readyz", "/metrics"}
    paths = {route.path: at for at, route in enumerate(routes)}
    for at, webhook in enumerate(webhooks):
        if webhook.path in own or webhook.path.startswith(f"{endpoint}/assets/"):
            hint = f"choose one other than {graphql}, /healthz, /readyz and /metrics"
            yield Mistake("is a path that the gateway itself answers", hint, (at, "path"))
        if webhook.path in paths:
            yield Mistake("is the path of a route", "", (at, "path"), ("routes", paths[webhook.path], "path"))
