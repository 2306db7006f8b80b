"""resty.redis over TLS: the certificate and its name are verified."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.kong.lua_world import LuaWorld, results
from tests.kong.redis_servers import PlayedServer, played_server
from tests.kong.running import echo_upstream, running_kong

VERIFIED = "{ ssl = true, ssl_verify = true, server_name = 'cache.test', pool = '%s' }"


@dataclass
class Certificate:
    """A certificate authority's file, and the TLS of a server named cache.test."""

    authority: Path
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificates")
    now = datetime.datetime.now(datetime.UTC)

    def signed(name: str, extension: x509.ExtensionType, issuer: str, by: ec.EllipticCurvePrivateKey) -> bytes:
        names = {kind: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, kind)]) for kind in (name, issuer)}
        builder = x509.CertificateBuilder(
            names[issuer], names[name], keys[name].public_key(), x509.random_serial_number()
        )
        builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("authority", "cache.test")}
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(signed("authority", x509.BasicConstraints(True, None), "authority", keys["authority"]))
    alternative = x509.SubjectAlternativeName([x509.DNSName("cache.test")])
    key = keys["cache.test"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server.write_bytes(key + signed("cache.test", alternative, "authority", keys["authority"]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return Certificate(authority, context)


@pytest.fixture
def server(certificate: Certificate) -> Iterator[PlayedServer]:
    with played_server(certificate.server) as server:
        server.answers(b"+PONG\r\n", b"$2\r\nok\r\n")
        yield server


@pytest.fixture(scope="module")
def trusting(certificate: Certificate) -> Iterator[LuaWorld]:
    with (
        echo_upstream() as port,
        running_kong("--lua-ssl-trusted-certificate", str(certificate.authority)) as kong,
    ):
        yield LuaWorld(kong, port)


def test_a_trusted_certificate_of_the_name_is_let_through_and_its_connection_kept(
    trusting: LuaWorld, server: PlayedServer
) -> None:
    options = VERIFIED % "kept"
    assert results(trusting, server.port, "redis:ping(), redis:set_keepalive(10000, 2)", options) == "PONG | 1"
    assert results(trusting, server.port, "redis:get('a'), (redis:get_reused_times())", options) == "ok | 1"
    assert server.connections == 1


def test_a_certificate_of_another_name_is_refused(trusting: LuaWorld, server: PlayedServer) -> None:
    options = (VERIFIED % "other").replace("cache.test", "another.test")
    wrong = "nil | failed to do ssl handshake: certificate host mismatch"
    assert results(trusting, server.port, "ok, err", options) == wrong


def test_a_certificate_of_an_unknown_authority_is_refused_unless_nothing_is_verified(
    world: LuaWorld, server: PlayedServer
) -> None:
    wrong = "nil | failed to do ssl handshake: 20: unable to get local issuer certificate"
    assert results(world, server.port, "ok, err", VERIFIED % "unknown") == wrong
    assert results(world, server.port, "redis:ping()", "{ ssl = true, pool = 'unverified' }") == "PONG"


def test_a_server_without_tls_fails_the_handshake(trusting: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"-ERR Protocol error\r\n")
    wrong = "nil | failed to do ssl handshake: handshake failed"
    assert results(trusting, played.port, "ok, err", VERIFIED % "plain") == wrong


def test_a_handshake_that_hangs_times_out(trusting: LuaWorld, played: PlayedServer) -> None:
    played.hangs_after()
    wrong = "nil | failed to do ssl handshake: timeout"
    assert results(trusting, played.port, "ok, err", VERIFIED % "hanging", timeout_ms=100) == wrong
    assert played.ended.wait(10)
