"""`bff keys`: a key is shown once, and what is shown beside it is right."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from bff import config
from bff.auth.keys import new_key, parse
from tests.cli.running import Bff

KEY, DIGEST = new_key()


def test_a_new_key_stands_alone_and_its_lines_are_those_of_a_configuration(bff: Bff, tmp_path: Path) -> None:
    done = bff("keys", "new", "--client", "web-2", cwd=tmp_path)
    key = done.stdout.removesuffix("\n")
    assert (done.returncode, parse(key) is None, key in done.stderr) == (0, False, False)
    _, _, lines = done.stderr.partition("\n\n")
    settings = config.parse(
        f"{lines.replace('TIER', 'some')}\nauth: {{}}\ntiers: {{some: {{points_per_minute: 1}}}}", {}
    )
    assert settings.clients["web-2"].keys == (config.Key(sha256=sha256(key.encode()).hexdigest()),)
    assert bff("keys", "digest", cwd=tmp_path, stdin=done.stdout).stdout.strip() in done.stderr


def test_every_key_is_another(bff: Bff, tmp_path: Path) -> None:
    assert len({bff("keys", "new", cwd=tmp_path).stdout for _ in range(3)}) == 3


@pytest.mark.parametrize("name", ["anonymous", "Web", "web: {}", "web\n", ""])
def test_a_name_that_no_client_can_have_is_wrong_usage(bff: Bff, tmp_path: Path, name: str) -> None:
    done = bff("keys", "new", "--client", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "lower-case letters" in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("sk_" + KEY, "it does not begin with bff_"),
        (KEY[:-1] + ("0" if KEY[-1] != "0" else "1"), "its checksum does not fit"),
        (KEY[:-1], "it is cut off"),
        (KEY.replace("_", "-").replace("bff-", "bff_"), "a character that no key has"),
    ],
)
def test_what_is_no_key_has_no_digest_and_is_told_what_it_is(bff: Bff, tmp_path: Path, text: str, says: str) -> None:
    done = bff("keys", "digest", cwd=tmp_path, stdin=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert KEY[15:40] not in done.stderr


def test_a_digest_is_that_of_the_key_without_the_end_of_its_line(bff: Bff, tmp_path: Path) -> None:
    assert bff("keys", "digest", cwd=tmp_path, stdin=f"{KEY}\n").stdout == f"{DIGEST}\n"
