"""Every malformed and hostile token of the reference page: one answer for all, whatever is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bff.auth import Authenticator
from bff.auth.compact import FORBIDDEN, parse
from bff.errors import Unauthenticated

from .crafting import (
    EC,
    HS,
    NOW,
    OTHER_RSA,
    RSA,
    SECRET_ISSUER,
    Secret,
    a_secret_issuer,
    an_authenticator,
    an_issuer,
    an_rsa_key,
    b64,
    bearer,
    claims,
    header,
    signed,
    token,
    trusted,
    unb64,
)

GOOD = token()
HEAD, PAYLOAD, SIGNATURE = GOOD.split(".")
GOOD_CLAIMS, GOOD_HEADER = json.dumps(claims()).encode(), json.dumps(header()).encode()


def with_header(**changes: Any) -> str:
    return token(head=header(**changes))


def with_payload(raw: bytes) -> str:
    return signed(GOOD_HEADER, raw)


def with_member(name: str, raw: str) -> str:
    """A claim in JSON as no dict could write it."""
    rest = json.dumps({key: value for key, value in claims().items() if key != name})
    return with_payload(f'{{"{name}":{raw},{rest[1:]}'.encode())


def in_der(text: str) -> str:
    signed_part, _, _ = text.rpartition(".")
    return f"{signed_part}.{b64(EC.private.sign(signed_part.encode(), ECDSA(SHA256())))}"


def public_pem() -> bytes:
    return RSA.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def flipped(part: str) -> str:
    """The same bytes with one of the unused bits set: part of another alphabet's length."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(part) % 4 in {2, 3}
    other = part[:-1] + alphabet[alphabet.index(part[-1]) + 1]
    assert unb64(other) == unb64(part)
    return other


def padded_to(size: int) -> str:
    filler = size
    while len(made := token(pad="x" * filler)) > size:
        filler -= 1
    return made


FORMS = {
    "empty": "",
    "a space": " ",
    "two spaces before it": f" {GOOD}",
    "a space after it": f"{GOOD} ",
    "no token": "null",
    "one part": HEAD,
    "two parts": f"{HEAD}.{PAYLOAD}",
    "no signature": f"{HEAD}.{PAYLOAD}.",
    "no payload": f"{HEAD}..{SIGNATURE}",
    "no header": f".{PAYLOAD}.{SIGNATURE}",
    "four parts": f"{GOOD}.{SIGNATURE}",
    "five parts, as an encrypted one": f"{HEAD}.{PAYLOAD}.{SIGNATURE}.{PAYLOAD}.{SIGNATURE}",
    "only dots": "..",
    "two tokens": f"{GOOD}, Bearer {GOOD}",
    "non-ASCII": GOOD.replace(".", "é.", 1),
    "a NUL": f"{GOOD}\x00",
    "a line end": f"{GOOD}\n",
    "a space inside": f"{HEAD}. {PAYLOAD}.{SIGNATURE}",
    "a foreign character inside": f"{HEAD}.{PAYLOAD[:5]}!{PAYLOAD[5:]}.{SIGNATURE}",
    "padding on the signature": f"{GOOD}==",
    "padding on the header": f"{HEAD}=.{PAYLOAD}.{SIGNATURE}",
    "junk after the signature": f"{GOOD}AAAA",
    "unused bits of the signature": f"{HEAD}.{PAYLOAD}.{flipped(SIGNATURE)}",
    "the standard alphabet": GOOD.replace("-", "+").replace("_", "/") + "+",
    "a length that base64 cannot have": f"{GOOD}A" if len(SIGNATURE) % 4 == 0 else f"{HEAD}.{PAYLOAD}.AAAAA",
    "9 KiB": padded_to(9 * 1024),
    "1 MB": "A" * 1_000_000,
    "1 MB of dots": "." * 1_000_000,
    "a header of 1 MB": f"{b64(b'{' + b' ' * 1_000_000 + b'}')}.{PAYLOAD}.{SIGNATURE}",
}

HEADERS = {
    "is a list": signed(b"[]", GOOD_CLAIMS),
    "is a text": signed(b'"RS256"', GOOD_CLAIMS),
    "is null": signed(b"null", GOOD_CLAIMS),
    "is no JSON": signed(b"{alg:RS256}", GOOD_CLAIMS),
    "is not UTF-8": signed(b'{"alg":"RS256","kid":"rsa","x":"\xff"}', GOOD_CLAIMS),
    "has a member twice": signed(b'{"alg":"RS256","kid":"rsa","kid":"rsa"}', GOOD_CLAIMS),
    "has alg twice": signed(b'{"alg":"none","kid":"rsa","alg":"RS256"}', GOOD_CLAIMS),
    "is nested deeply": signed(b'{"alg":"RS256","kid":"rsa","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}", GOOD_CLAIMS),
    "is 200,000 brackets": f"{b64(b'[' * 200_000)}.{PAYLOAD}.{SIGNATURE}",
    "is 4,000 brackets": f"{b64(b'[' * 4_000)}.{PAYLOAD}.{SIGNATURE}",
    "has no alg": with_header(alg=...),
    "has alg none": with_header(alg="none"),
    "has alg none and no signature": f"{b64(json.dumps(header(alg='none')).encode())}.{PAYLOAD}.",
    "has alg None": with_header(alg="None"),
    "has alg null": with_header(alg=None),
    "has a list as alg": with_header(alg=["RS256"]),
    "has an object as alg": with_header(alg={"RS256": 1}),
    "has alg rs256": with_header(alg="rs256"),
    "has an alg that the issuer may not use": token(RSA, "RS512", head=header("RS512")),
    "has an alg that nobody can verify": with_header(alg="PS256"),
    "has an alg with a substring of an allowed one": with_header(alg="S256"),
    "has a kid of another key": with_header(kid="other"),
    "has a kid of a key of another kind": with_header(kid="ec"),
    "has a kid that nobody knows": with_header(kid="nobody"),
    "has an empty kid": with_header(kid=""),
    "has a kid of 300 characters": with_header(kid="k" * 300),
    "has a number as kid": with_header(kid=7),
    "has null as kid": with_header(kid=None),
    "has a path as kid": with_header(kid="../../etc/passwd"),
    "has no kid though there are three keys": with_header(kid=...),
    "has typ JWE": with_header(typ="JWE"),
    "has typ id_token": with_header(typ="id_token+jwt"),
    "has typ null": with_header(typ=None),
    "has a list as typ": with_header(typ=["JWT"]),
    "has cty JWT": with_header(cty="JWT"),
    "has an unknown crit": with_header(crit=["x"], x=1),
    "has an empty crit": with_header(crit=[]),
    "has b64 false": with_header(b64=False, crit=["b64"]),
    "embeds the key it is signed with": token(
        OTHER_RSA,
        head=header(kid="rsa", jwk=OTHER_RSA.jwk()),
    ),
    **{f"has {name}": with_header(**{name: "https://evil.example/"}) for name in sorted(FORBIDDEN)},
}

SIGNATURES = {
    "of another key": token(an_rsa_key("rsa")),
    "of the other key of the issuer": token(OTHER_RSA, head=header(kid="rsa")),
    "of another payload": f"{HEAD}.{token(sub='bob').split('.')[1]}.{SIGNATURE}",
    "of another header": f"{with_header(typ=...).split('.')[0]}.{PAYLOAD}.{SIGNATURE}",
    "all zero": f"{HEAD}.{PAYLOAD}.{b64(bytes(256))}",
    "all zero, ES256 (psychic signature)": ".".join([*token(EC, "ES256").split(".")[:2], b64(bytes(64))]),
    "of ES256 in DER": in_der(token(EC, "ES256")),
    "by the public key as a secret": token(Secret(public_pem()), "HS256", head=header("HS256", "rsa")),
    "by an empty secret": token(Secret(b""), "HS256", head=header("HS256", None), iss=SECRET_ISSUER),
    "by another secret": token(Secret(b"x" * 32), "HS256", head=header("HS256", None), iss=SECRET_ISSUER),
    "by the right secret with another hash": token(HS, "HS512", head=header("HS512", None), iss=SECRET_ISSUER),
    "by the right secret under a kid": token(HS, "HS256", head=header("HS256", "rsa"), iss=SECRET_ISSUER),
    "by a public key where a secret is due": token(RSA, head=header(kid=None), iss=SECRET_ISSUER),
    "by the secret of another issuer": token(HS, "HS256"),
    "one character": f"{HEAD}.{PAYLOAD}.AA",
}

PAYLOADS = {
    "a list": with_payload(b"[]"),
    "a text": with_payload(b'"{}"'),
    "null": with_payload(b"null"),
    "no JSON": with_payload(b"{"),
    "another token": with_payload(GOOD.encode()),
    "not UTF-8": with_payload(GOOD_CLAIMS[:-1] + b',"x":"\xff"}'),
    "UTF-16": with_payload(json.dumps(claims()).encode("utf-16")),
    "with a member twice": with_payload(GOOD_CLAIMS[:-1] + b',"sub":"bob"}'),
    "with half a surrogate pair": with_payload(GOOD_CLAIMS[:-1] + b',"x":"\\ud800"}'),
    "with NaN": with_payload(GOOD_CLAIMS[:-1] + b',"x":NaN}'),
    "nested deeply": with_payload(GOOD_CLAIMS[:-1] + b',"x":' + b"[" * 2_000 + b"]" * 2_000 + b"}"),
    "empty object": with_payload(b"{}"),
}

TEXTS = ["null", "7", "true", '""', '["https://id.example/"]', "{}"]
TIMES = [
    "null",
    "[]",
    "{}",
    '"1800000600"',
    "true",
    "1800000600.0",
    "1.8000006e9",
    "1e400",
    "Infinity",
    "-1",
    "9" * 400,
]
CLAIMS = {
    **{f"{name}: {raw[:20]}": with_member(name, raw) for name in ("exp", "nbf", "iat") for raw in TIMES},
    **{f"iss: {raw}": with_member("iss", raw) for raw in TEXTS},
    **{f"sub: {raw}": with_member("sub", raw) for raw in [*TEXTS, '"a\\u0000b"', '"a\\nb"', f'"{"x" * 256}"']},
    **{f"jti: {raw}": with_member("jti", raw) for raw in TEXTS},
    **{f"aud: {raw}": with_member("aud", raw) for raw in ["null", "7", '""', "[]", '["travel",7]', '{"travel":1}']},
    **{f"scope: {raw}": with_member("scope", raw) for raw in ["null", "7", "{}", "[7]", '["a",["b"]]']},
    "no exp": token(exp=...),
    "no iss": token(iss=...),
    "no aud": token(aud=...),
    "no subject and no client": token(sub=...),
    "expired": token(exp=NOW - 31),
    "expired just now": token(exp=NOW - 30),
    "not valid yet": token(nbf=NOW + 31),
    "issued in the future": token(iat=NOW + 31),
    "lives too long": token(exp=NOW - 10 + 86_401),
    "lives too long, issued who knows when": token(iat=..., exp=NOW + 86_401),
    "another issuer": token(iss="https://elsewhere.example/"),
    "the issuer without its last slash": token(iss="https://id.example"),
    "the issuer in other case": token(iss="https://ID.example/"),
    "another audience": token(aud="elsewhere"),
    "other audiences": token(aud=["elsewhere", "Travel", "travel "]),
}

ALL = {
    f"{group} {name}": text
    for group, table in {
        "form:": FORMS, "header": HEADERS, "signature": SIGNATURES, "payload:": PAYLOADS, "claims:": CLAIMS
    }.items()
    for name, text in table.items()
}  # fmt: skip


@pytest.fixture(scope="module")
def authenticator() -> Authenticator:
    return an_authenticator(anonymous="explorer")


@pytest.mark.parametrize("text", ALL.values(), ids=[name[:60] for name in ALL])
async def test_it_is_refused_and_nobody_can_tell_why(authenticator: Authenticator, text: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.caller(bearer(text))
    refusal = caught.value
    assert str(refusal) == "A valid credential is needed."
    assert refusal.challenge == 'Bearer realm="bff", error="invalid_token"'
    assert refusal.extensions == {"code": "UNAUTHENTICATED"}
    assert refusal.detail
    assert all(part not in refusal.detail for part in text.split(".") if len(part) > 3)


def test_each_is_refused_for_a_reason_of_its_own_kind() -> None:
    """Guards the table: a token that is refused for its form would say nothing about its claims."""
    for name in ("expired", "no aud", "lives too long", "another audience", 'exp: "1800000600"'):
        assert parse(CLAIMS[name]).algorithm == "RS256"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CLAIMS["expired"], "the token has expired"),
        (CLAIMS["no aud"], "aud is missing or no list of texts"),
        (CLAIMS["exp: 1e400"], "the payload is not an object in strict JSON"),
        (HEADERS["has an unknown crit"], "the header has a member that is never accepted"),
        (HEADERS["has a kid that nobody knows"], "the token's issuer has no such key"),
        (SIGNATURES["of another key"], "the signature is not right (JWSError)"),
        (FORMS["five parts, as an encrypted one"], "the token has not three parts"),
        (FORMS["9 KiB"], "the token is longer than 8 KiB"),
    ],
)
async def test_the_log_is_told_why(authenticator: Authenticator, text: str, reason: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.caller(bearer(text))
    assert caught.value.detail == reason


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        token(EC, "ES256"),
        token(HS, "HS256", iss=SECRET_ISSUER),
        with_header(typ=...),
        with_header(typ="at+jwt"),
        with_header(typ="application/at+jwt"),
        with_header(typ="jwt"),
        token(exp=NOW - 29),
        token(nbf=NOW + 30, iat=NOW + 30),
        token(iat=...),
        token(exp=NOW - 10 + 86_400),
        token(aud=["elsewhere", "travel"]),
        token(jti="7", at_hash="x", nonce="y"),
        padded_to(8 * 1024),
    ],
)
async def test_a_good_token_is_accepted(authenticator: Authenticator, text: str) -> None:
    assert (await authenticator.caller(bearer(text))).subject == "ann"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
async def test_a_key_serves_every_algorithm_that_it_fits(algorithm: str) -> None:
    issuer = an_issuer(algorithms=("RS256", "RS384", "RS512"))
    authenticator = an_authenticator(issuers=[trusted(issuer)])
    assert (await authenticator.caller(bearer(token(RSA, algorithm)))).subject == "ann"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_secret_serves_every_hash_it_is_long_enough_for(algorithm: str) -> None:
    secret = Secret(b"s" * 64)
    issuer = a_secret_issuer(algorithms=("HS256", "HS384", "HS512"), secret=secret.value)
    authenticator = an_authenticator(issuers=[trusted(issuer)])
    assert (await authenticator.caller(bearer(token(secret, algorithm, iss=SECRET_ISSUER)))).subject == "ann"


async def test_a_token_without_kid_means_the_only_key_there_is() -> None:
    authenticator = an_authenticator(issuers=[trusted(None, RSA.jwk())])
    assert (await authenticator.caller(bearer(with_header(kid=...)))).subject == "ann"


async def test_one_of_several_audiences_is_enough() -> None:
    issuer = an_issuer(audience=("travel", "trips"))
    authenticator = an_authenticator(issuers=[trusted(issuer)])
    assert (await authenticator.caller(bearer(token(aud="trips")))).subject == "ann"
    assert (await authenticator.caller(bearer(token(aud=["trips", "x"])))).subject == "ann"


async def test_leeway_and_lifetime_are_the_issuers() -> None:
    issuer = an_issuer(leeway=0, max_lifetime=60)
    authenticator = an_authenticator(issuers=[trusted(issuer)])
    assert (await authenticator.caller(bearer(token(iat=NOW, exp=NOW + 60)))).subject == "ann"
    for late in (token(iat=NOW - 10, exp=NOW), token(iat=NOW, exp=NOW + 61), token(iat=NOW + 1, exp=NOW + 2)):
        with pytest.raises(Unauthenticated):
            await authenticator.caller(bearer(late))
