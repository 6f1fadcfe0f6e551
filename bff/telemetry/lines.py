"""Where lines go once they are written: a stream, at once. Writing never raises: a full log must not stop a gateway."""

from __future__ import annotations

from typing import TextIO


class Lines:
    """What structlog calls with a line that is ready."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads any more; there is nowhere left to say so

    debug = info = warning = error = msg
