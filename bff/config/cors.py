"""Pages of other origins. Knows no request."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from bff.config.kinds import Duration, Flag, Text
from bff.config.mistakes import Mistake, refuse
from bff.config.settings import Settings

ORIGIN = Text(
    r"^(\*|https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?)$",
    "an origin in lower case, without a path, or *",
    'such as "https://app.example.com"',
)


class Cors(Settings):
    """Which pages of other origins may read what is answered."""

    origins: tuple[Annotated[str, ORIGIN], ...] = ()
    """The origins, letter by letter as browsers send them; `*` is every page there is. Danger: their scripts can do
    whatever the user's credentials can."""

    credentials: Annotated[bool, Flag()] = False
    """Let them send the cookies that the browser has for this host, which matters where an upstream's `forward` lists
    `cookie`. Keys and tokens in headers need it not."""

    max_age: Annotated[float, Duration(zero=True)] = 3_600.0
    """How long a browser may remember the answer to its question whether it may send."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.credentials and "*" in self.origins:
            raise refuse(Mistake("must not hold * beside credentials", "name the origins", ("origins",)))
        return self
