from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hmac import compare_digest

import pytest

from bff.auth import Client, client
from bff.auth.client import Clients
from bff.auth.keys import Key, new_key, parse
from bff.auth.refused import Refused


def a_key() -> Key:
    key = parse(new_key()[0])
    assert key
    return key


KEY, NEXT, FOREIGN = a_key(), a_key(), a_key()
WEB = Client("web", "partner", (KEY.digest, NEXT.digest), frozenset({"trips:read"}))


@pytest.mark.parametrize("key", [KEY, NEXT])
def test_both_live_keys_of_a_client_are_its_own(key: Key) -> None:
    assert Clients([WEB]).owner(key) is WEB


def test_a_key_that_nobody_has_is_refused_by_its_id_alone() -> None:
    with pytest.raises(Refused, match=f"bff_{FOREIGN.id}_") as caught:
        Clients([WEB]).owner(FOREIGN)
    assert FOREIGN.digest.hex() not in str(caught.value)


def test_a_key_with_the_same_head_of_its_digest_is_refused() -> None:
    with pytest.raises(Refused):
        Clients([WEB]).owner(Key(KEY.id, KEY.digest[:16] + bytes(16)))


@pytest.mark.parametrize("key", [KEY, FOREIGN], ids=["known", "unknown"])
def test_a_known_and_an_unknown_key_take_the_same_path(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(len(one) + len(other))
        return compare_digest(one, other)

    monkeypatch.setattr(client, "compare_digest", counting)
    with suppress(Refused):
        Clients([WEB]).owner(key)
    assert compared == [64]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Client("", "t"), "cannot be called"),
        (lambda: Client("anonymous", "t"), "cannot be called"),
        (lambda: Client("https://id/ ann", "t"), "cannot be called"),
        (lambda: Client("web", "t", (bytes(32),) * 3), "more than 2 keys"),
        (lambda: Client("web", "t", (bytes(31),)), "32 bytes"),
        (lambda: Clients([WEB, Client("web", "t")]), "Two clients are called web"),
        (lambda: Clients([WEB, Client("app", "t", (KEY.digest,))]), "web and app have the same key"),
    ],
)
def test_what_no_configuration_may_say_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_a_client_does_not_show_its_digests() -> None:
    assert repr(KEY.digest) not in repr(WEB)
