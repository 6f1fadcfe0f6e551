"""Kinds of value that are often keys: each is held so that printing it shows stars. Knows no setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bff.config.kinds import Kind
from bff.config.mistakes import Mistake, refuse
from bff.config.references import REFERENCE, Referring, is_reference

_FIELD_VALUE = re.compile(r"[!-~](?:[ \t!-~]*[!-~])?")  # RFC 9110 5.5, without obs-text


@dataclass(frozen=True)
class Hidden(Kind):
    """Text, of which `wrong` tells what it cannot be."""

    def wrong(self, value: object) -> Mistake | None:
        raise NotImplementedError

    def read(self, value: object) -> SecretStr:
        if isinstance(value, SecretStr):
            return value
        mistake = self.wrong(value)
        if mistake is not None:
            raise refuse(mistake)
        return SecretStr(str(value))

    def show(self, value: SecretStr) -> str:
        return str(value)

    def form(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class HeaderValue(Hidden):
    """What a header says."""

    def wrong(self, value: object) -> Mistake | None:
        if not isinstance(value, str):
            return Mistake("must be text", "put it in quotes")
        if not _FIELD_VALUE.fullmatch(value):
            return Mistake("must be visible ASCII, without line breaks or spaces around it (RFC 9110 5.5)")
        return None


@dataclass(frozen=True)
class ParameterValue(Hidden):
    """What a parameter of a URL says."""

    def wrong(self, value: object) -> Mistake | None:
        if not isinstance(value, str):
            return Mistake("must be text", "put it in quotes")
        return None if value and value.isprintable() else Mistake("must be printable text, and some of it")


@dataclass(frozen=True)
class Secret(Hidden):
    """Text that stands in the environment and not in the file."""

    def wrong(self, value: object) -> Mistake | None:
        if isinstance(value, Referring) and is_reference(value.written):
            return None
        return Mistake("must be one variable of the environment, without a default", 'write "${NAME}"')

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": REFERENCE}
