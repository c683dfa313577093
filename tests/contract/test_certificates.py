"""Over TLS: our own authority is trusted, an unknown or expired certificate says which it is."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.contract.service import Health
from backend_client.errors import Unreachable, Untrusted

NOW = datetime.now(UTC)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        health = Health(name="s", version="1", epoch="e", n=0, at=NOW, simulated=True)
        body = health.model_dump_json().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


def certificate(folder: Path, *, days: tuple[int, int]) -> Path:
    """Write a self-signed certificate valid from and to so many days from now, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def days() -> tuple[int, int]:
    return (-1, 1)


@pytest.fixture
def served(tmp_path: Path, days: tuple[int, int]) -> Iterator[tuple[str, Path]]:
    path = certificate(tmp_path, days=days)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is meant
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}", path
    server.shutdown()
    server.server_close()


def test_named_authority_is_trusted(served: tuple[str, Path]) -> None:
    client = Client(served[0], SystemClock(), ca_file=served[1])
    assert client.health().name == "s"
    client.close()


def test_unknown_certificate_is_not_connected_to(served: tuple[str, Path]) -> None:
    client = Client(served[0], SystemClock())
    with pytest.raises(Untrusted, match="not trusted"):
        client.health()
    client.close()


@pytest.mark.parametrize("days", [(-9, -2), (2, 9)])
def test_certificate_out_of_its_time_points_at_the_clock(served: tuple[str, Path]) -> None:
    client = Client(served[0], SystemClock(), ca_file=served[1])
    with pytest.raises(Untrusted, match="clock"):
        client.health()
    client.close()


def test_plain_client_moved_to_tls_fails_closed(served: tuple[str, Path]) -> None:
    client = Client("http://127.0.0.1:9", SystemClock(), sleep=lambda _: None)
    with pytest.raises(Unreachable, match="reached"):
        client.health()
    client.wire.point(served[0])
    with pytest.raises(Untrusted):
        client.health()
    client.close()
