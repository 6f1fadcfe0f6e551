"""Calls over TLS: who is believed is what the certificates of this machine say."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bff import errors

from .calls import an_upstream, fetch
from .service import JSON, whole

CALLER = """
import asyncio, sys
from tests.upstream.calls import an_upstream, fetch

async def call():
    upstream = an_upstream(sys.argv[1])
    for _ in range(3):
        print((await fetch(upstream, "/json"))[1])
    await upstream.sender.aclose()

asyncio.run(call())
"""


@dataclass
class Secure:
    """A service with a certificate for `localhost` that it has signed itself."""

    certificate: Path
    port: int = 0
    accepted: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(whole(JSON))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[Secure]:
    service = Secure(tmp_path / "certificate.pem")
    service.certificate.write_bytes(_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(service.certificate)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=context)
    service.port = server.sockets[0].getsockname()[1]
    yield service
    server.close()
    await server.wait_closed()


def _certificate() -> bytes:
    """Key and certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return private + certificate.public_bytes(serialization.Encoding.PEM)


async def test_a_service_whose_certificate_nobody_vouches_for_is_unreachable(secure: Secure) -> None:
    upstream = an_upstream(f"https://localhost:{secure.port}")
    with pytest.raises(errors.UpstreamUnreachable):
        await fetch(upstream, "/json")
    assert not secure.accepted
    await upstream.sender.aclose()


@pytest.mark.parametrize(("host", "believed"), [("localhost", True), ("127.0.0.1", False)])
async def test_a_certificate_that_is_trusted_is_believed_for_its_own_host(
    secure: Secure, host: str, *, believed: bool
) -> None:
    """In a process of its own: which certificates are trusted is read once."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CALLER, f"https://{host}:{secure.port}"),
        env={**os.environ, "SSL_CERT_FILE": str(secure.certificate)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, failure = await process.communicate()
    assert said.decode().splitlines() == [str(JSON)] * (3 if believed else 0), failure
    assert (b"UpstreamUnreachable" in failure) is not believed
    assert secure.accepted == believed  # one connection for all three
