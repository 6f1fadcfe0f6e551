"""What the gateway tells about itself. Knows no format."""

from __future__ import annotations

from typing import Annotated

from bff.config.kinds import Flag
from bff.config.settings import Settings


class Telemetry(Settings):
    """What the gateway tells about itself, beside its log."""

    metrics: Annotated[bool, Flag()] = True
    """Answer `/metrics` in the format of Prometheus. Danger: it names clients, operations and services to whoever can
    reach it."""
