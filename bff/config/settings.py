"""What all sections share: how they behave, and how names and scopes are spelled. Knows no setting."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from bff.config.kinds import Text
from bff.config.mistakes import Mistake, refuse

NAME = Text(
    "^[a-z][a-z0-9_-]*$", "a name of lower-case letters, digits, _ and -, beginning with a letter", 'such as "cities"'
)

Scope = Annotated[  # RFC 6749 3.3
    str,
    Text(r"^[!#-\[\]-~]+$", "a scope: visible ASCII without spaces, quotes and backslashes", 'such as "trips:read"'),
]


class Settings(BaseModel):
    """A frozen section of the file: unknown keys are refused, and no value is shown in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def written(section: object) -> object:
    """A section whose settings are all commented out must not count as none: without it, nobody is refused."""
    if section is None:
        raise refuse(Mistake("must be a mapping of settings", "write them below it, indented, or remove it"))
    return section
