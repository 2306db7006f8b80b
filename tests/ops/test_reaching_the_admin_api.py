"""Every way of not reaching the Admin API, in words, and never with the token."""

from __future__ import annotations

import datetime
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.check import check
from ops.findings import Finding
from tests.ops.fake_admin import FakeAdmin, serve
from tests.ops.support import findings, needs

TOKEN = "adm1n-t0ken-0123456789"


def finding_at(uri: str, **others: Any) -> Finding:
    report = check(needs(), stack="dev", admin_uri=uri, **{"token": None, **others})
    (finding,) = report.findings
    return finding


def answering(status: int, kind: str, body: str) -> Finding:
    (finding,) = findings(FakeAdmin(answers={"/": (status, kind, body)}))
    return finding


def test_connection_refused() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port
        finding = finding_at(f"http://127.0.0.1:{bound.getsockname()[1]}")
    assert (finding.check, finding.message) == ("reachable", "cannot connect: connection refused")
    assert finding.fix == "start Kong, or correct the address: pulumi config set kong:kongAdminUri URL --stack dev"


def test_an_address_of_the_command_line_is_corrected_there() -> None:
    assert finding_at("ftp://localhost", uri_option="--admin-uri").fix == "correct it: --admin-uri URL"
    (another,) = findings(FakeAdmin(answers={"/": (200, "application/json", "{}")}), uri_option="--admin-uri")
    assert another.fix == "correct the address: --admin-uri URL"


@pytest.mark.parametrize("uri", ["localhost:8001", "ftp://localhost", "http://[", "http://local host:x"])
def test_addresses_that_are_none(uri: str) -> None:
    assert finding_at(uri).check == "reachable"
    assert "address" in finding_at(uri).message or "connect" in finding_at(uri).message


def test_the_proxy_port() -> None:
    finding = answering(404, "application/json", '{"message":"no Route matched with those values","request_id":"1"}')
    assert finding.message == "this is Kong's proxy port, not its Admin API"
    assert "8001" in finding.fix


def test_a_web_page() -> None:
    finding = answering(200, "text/html; charset=utf-8", "<html>Kong Manager</html>")
    assert finding.message == "what answers there is not Kong's Admin API (200, text/html)"


@pytest.mark.parametrize("body", ['{"hello": "world"}', '{"version": "3.9.1"}', '{"version": 3, "configuration": {}}'])
def test_another_json_api(body: str) -> None:
    assert answering(200, "application/json", body).message == "what answers there is not Kong's Admin API"


def test_a_redirect_is_told_without_what_is_secret_in_it() -> None:
    finding = answering(301, "text/html", "https://user:pass@kong.example.com/login?token=abc")
    assert finding.message == "it redirects to https://kong.example.com/login"


def test_an_admin_api_that_fails() -> None:
    assert answering(500, "application/json", '{"message": "boom"}').message == "the Admin API answers 500"


def test_plain_http_to_a_tls_port() -> None:
    page = "<html><center>The plain HTTP request was sent to HTTPS port</center></html>"
    finding = answering(400, "text/html", page)
    assert (finding.check, finding.message) == ("tls", "this port wants TLS")


def test_tls_to_a_plain_port() -> None:
    with serve(FakeAdmin()) as admin:
        finding = finding_at(admin.uri.replace("http:", "https:"))
    assert (finding.check, finding.message) == ("tls", "it does not speak TLS on this port")


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    with serve(FakeAdmin(), tls=self_signed(tmp_path)) as admin:
        finding = finding_at(admin.uri)
        assert (finding.check, "certificate is not trusted" in finding.message) == ("tls", True)
        assert check(needs(), stack="dev", admin_uri=admin.uri, token=None, tls_verify=False).ok


def test_the_token_is_sent_and_accepted() -> None:
    assert findings(FakeAdmin(token=TOKEN), token=TOKEN) == []


@pytest.mark.parametrize(
    ("token", "message"), [(None, "wants a token (401)"), ("wrong", "refuses the admin token (401)")]
)
def test_a_token_that_is_missing_or_wrong(token: str | None, message: str) -> None:
    (finding,) = findings(FakeAdmin(token=TOKEN), token=token)
    assert (finding.check, finding.fix) == ("token", "pulumi config set --secret kong:kongAdminToken --stack dev")
    assert finding.message.endswith(message)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN}é", f"{TOKEN}\x00"])
def test_a_token_that_no_header_can_carry_is_not_repeated(token: str) -> None:
    (finding,) = findings(FakeAdmin(), token=token)
    assert finding.check == "token"
    assert TOKEN not in str(finding)


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    text, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(text, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(text)
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
