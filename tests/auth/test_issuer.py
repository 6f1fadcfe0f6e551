from __future__ import annotations

from typing import Any

import pytest

from .crafting import SECRET, a_secret_issuer, an_issuer

HS: dict[str, Any] = {"jwks": "", "secret": SECRET}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"issuer": ""}, "name is empty"),
        ({"issuer": "https://id.example/ ann"}, "has a space"),
        ({"audience": ""}, "an audience is needed"),
        ({"audience": ()}, "an audience is needed"),
        ({"audience": ("travel", "")}, "an audience is needed"),
        ({"algorithms": ()}, "at least one algorithm"),
        ({"algorithms": ("EdDSA",)}, "EdDSA cannot be verified here"),
        ({"algorithms": ("RS256", "PS256")}, "PS256 cannot be verified here"),
        ({"algorithms": ("none",)}, "none cannot be verified here"),
        ({"algorithms": ("rs256",)}, "rs256 cannot be verified here"),
        ({"algorithms": ("RS256", "HS256"), "secret": SECRET}, "do not mix"),
        ({"jwks": ""}, "need jwks"),
        ({"secret": SECRET}, "need jwks and no secret"),
        ({"jwks": "https://elsewhere.example/jwks.json"}, "begins with /"),
        ({"algorithms": ("HS256",)}, "need a secret"),
        ({"algorithms": ("HS256",), "secret": SECRET}, "need a secret and no jwks"),
        ({"algorithms": ("HS256",), **HS, "secret": b""}, "need a secret"),
        ({"algorithms": ("HS256",), **HS, "secret": bytes(31)}, "less than 32 bytes"),
        ({"algorithms": ("HS256", "HS512"), **HS}, "less than 64 bytes"),
        ({"leeway": 61}, "0 to 60 seconds"),
        ({"leeway": -1}, "0 to 60 seconds"),
        ({"max_lifetime": 0}, "max_lifetime"),
    ],
)
def test_what_no_configuration_may_say_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        an_issuer(**changes)


def test_an_issuer_does_not_show_its_secret() -> None:
    assert repr(SECRET)[2:-1] not in repr(a_secret_issuer())
