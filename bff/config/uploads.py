"""Files that come beside an operation. Knows no request."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from bff.config.kinds import Duration, Size, Whole
from bff.config.mistakes import Mistake, refuse
from bff.config.settings import Settings
from bff.config.units import MiB, print_size


class Uploads(Settings):
    """Files that come beside an operation, where the graph takes any: where it has the scalar `Upload`."""

    max_file: Annotated[int, Size()] = 10 * MiB
    """The largest file."""

    max_files: Annotated[int, Whole()] = 10
    """Files in one request."""

    max_total: Annotated[int, Size()] = 50 * MiB
    """All files of a request together. Danger: what comes before it is wanted waits in a temporary file."""

    timeout: Annotated[float, Duration()] = 60.0
    """How long it may take until all have come; their operation has that time beside `limits.timeout`. Danger: for
    that long a slow client holds a connection, and one of the calls that its service takes at a moment
    (`max_in_flight`)."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_file > self.max_total:
            limit = print_size(self.max_total)
            raise refuse(Mistake(f"must not be over max_total, which is {limit}", "raise max_total too", ("max_file",)))
        return self
