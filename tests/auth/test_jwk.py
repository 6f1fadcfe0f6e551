from __future__ import annotations

from typing import Any

import pytest

from bff.auth.jwk import read_jwk, weak_by_roca
from bff.auth.key_set import read_key_set, secret_key_set

from .crafting import EC, OTHER_RSA, RSA, an_ec_key, an_rsa_key, b64, document, number, unb64

RS, ES = ("RS256", "RS512"), ("ES256", "ES384", "ES512")
SMALL, P384, P521 = an_rsa_key("small", 1024), an_ec_key("p384", "P-384"), an_ec_key("p521", "P-521")
SECRET_JWK = {"kty": "oct", "kid": "s", "k": b64(bytes(64))}
ED25519 = {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(bytes(32))}


def roca_modulus() -> int:
    """A number with the fingerprint; nobody knows whether it has two prime factors, and the check does not ask."""
    primes = [n for n in range(2, 168) if all(n % d for d in range(2, n))]
    product = 1
    for prime in primes:
        product *= prime
    return pow(65537, 12345, product) + product * (1 << (2048 - product.bit_length()))


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (RSA.jwk(), RS),
        (RSA.jwk(use="sig", key_ops=["verify"]), RS),
        (RSA.jwk(alg="RS512"), ("RS512",)),
        (EC.jwk(), ("ES256",)),
        (P384.jwk(), ("ES384",)),
        (P521.jwk(key_ops=["sign", "verify"]), ("ES512",)),
    ],
)
def test_a_key_is_for_the_algorithms_that_it_fits(jwk: dict[str, Any], algorithms: tuple[str, ...]) -> None:
    assert read_jwk(jwk, RS + ES).algorithms == algorithms


@pytest.mark.parametrize(
    ("jwk", "says"),
    [
        (None, "no object"),
        ("key", "no object"),
        ({}, "neither RSA nor EC"),
        (RSA.jwk(kty=["RSA"]), "neither RSA nor EC"),
        (SECRET_JWK, "private part"),
        ({"kty": "oct"}, "neither RSA nor EC"),
        (ED25519, "neither RSA nor EC"),
        (RSA.jwk(d="AQAB"), "private part"),
        (EC.jwk(d="AQAB"), "private part"),
        (RSA.jwk(use="enc"), "use is not sig"),
        (RSA.jwk(use=None), "use is not sig"),
        (RSA.jwk(key_ops=["sign"]), "no verify"),
        (RSA.jwk(key_ops=[]), "no verify"),
        (RSA.jwk(key_ops="verify"), "no verify"),
        (RSA.jwk(kid=7), "its kid"),
        (RSA.jwk(kid=""), "its kid"),
        (RSA.jwk(alg=7), "its alg"),
        (RSA.jwk(alg="RS384"), "none of the issuer's algorithms"),
        (RSA.jwk(alg="ES256"), "none of the issuer's algorithms"),
        (RSA.jwk(alg="RSA-OAEP"), "none of the issuer's algorithms"),
        (EC.jwk(alg="ES384"), "none of the issuer's algorithms"),
        (SMALL.jwk(), "2048 to 8192 bits"),
        (RSA.jwk(n=number(1 << 8192)), "2048 to 8192 bits"),
        (RSA.jwk(n=None), "no n"),
        (RSA.jwk(n=""), "base64url"),
        (RSA.jwk(n=RSA.jwk()["n"] + "="), "base64url"),
        (RSA.jwk(n=number(roca_modulus())), "ROCA"),
        (RSA.jwk(e=number(1)), "exponent"),
        (RSA.jwk(e=number(65536)), "exponent"),
        (RSA.jwk(e=number(2**32 + 1)), "exponent"),
        (EC.jwk(crv="secp256k1"), "its curve"),
        (EC.jwk(crv=["P-256"]), "no crv"),
        (EC.jwk(crv="P-384"), "48 bytes"),
        (EC.jwk(x=EC.jwk()["x"] + "AA"), "base64url"),
        (EC.jwk(y=b64(unb64(EC.jwk()["y"])[1:])), "32 bytes"),
        (EC.jwk(x=7), "no x"),
    ],
)
def test_an_unusable_key_says_why(jwk: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_jwk(jwk, RS + ES)


def test_good_moduli_have_no_fingerprint_of_roca() -> None:
    assert not any(weak_by_roca(key.private.public_key().public_numbers().n) for key in (RSA, OTHER_RSA, SMALL))


def test_unusable_keys_are_skipped_and_do_not_break_the_set() -> None:
    off_curve = EC.jwk(kid="off", y=EC.jwk()["x"])
    keys = read_key_set(document(ED25519, SECRET_JWK, off_curve, SMALL.jwk(), RSA.jwk(), {"kty": 7}), RS + ES)
    assert [key.kid for key in keys.keys] == ["rsa"]
    assert [reason[:5] for reason in keys.skipped] == ["key 0", "key 1", "key 2", "key 3", "key 5"]


def test_keys_with_one_kid_are_all_skipped() -> None:
    keys = read_key_set(document(RSA.jwk(), OTHER_RSA.jwk(kid="rsa"), EC.jwk()), RS + ES)
    assert [key.kid for key in keys.keys] == ["ec"]
    assert len(keys.skipped) == 2


def test_an_encryption_key_may_have_the_kid_of_another_one() -> None:
    keys = read_key_set(document(OTHER_RSA.jwk(kid="rsa", use="enc"), RSA.jwk()), RS)
    assert keys.find("rsa") is not None


def test_a_token_without_kid_cannot_choose_among_keys() -> None:
    assert read_key_set(document(RSA.jwk(), EC.jwk()), RS + ES).find(None) is None


def test_a_key_without_kid_is_found_by_tokens_without_one_only() -> None:
    keys = read_key_set(document(an_rsa_key(None).jwk()), RS)
    assert keys.find(None) is keys.keys[0]
    assert keys.find("rsa") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b'{"keys":null}',
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":[],"keys":[]}',
        document(ED25519),
        document(SECRET_JWK),
        document(*[RSA.jwk(kid=str(n)) for n in range(51)]),
        b'{"keys":[' + b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_garbage_and_sets_without_a_usable_key_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read_key_set(raw, RS)


def test_a_secret_that_looks_like_a_public_key_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        secret_key_set(b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 64, ("HS256",))
