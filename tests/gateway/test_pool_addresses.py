"""How the targets of a pool are reached: by name, under another name, by TLS."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.gateway.deployed_pool import DeployedPool, until
from tests.gateway.replicas import Replica, running_replicas

OFTEN: Any = {"interval_seconds": 1, "failures": 1}


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """The TLS of a server whose certificate nobody else has signed."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "model.internal")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "model.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_dns_name_stands_for_the_replicas(pool: DeployedPool, spare: Replica) -> None:
    pool.deploy_with(discovery={"name": "localhost", "port": int(spare.address.split(":")[1])})
    assert pool.chosen() == "spare"
    assert list(pool.health().values()) == ["HEALTHY"]


def test_every_target_is_asked_and_checked_under_the_pool_s_host(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, host_header="model.internal", health=OFTEN)
    for replica in replicas:
        replica.hosts.clear()
    pool.spread(8)
    for replica in replicas:
        until(lambda: {method for method, _ in replica.hosts} == {"GET", "POST"})  # noqa: B023
        assert {host.split(":")[0] for _, host in replica.hosts} == {"model.internal"}


def test_targets_with_a_certificate_of_their_own_are_well(pool: DeployedPool, own_certificate: ssl.SSLContext) -> None:
    with running_replicas("r0", "r1", tls=own_certificate) as replicas:
        pool.deploy(replicas, protocol="https", host_header="model.internal", health=OFTEN)
        assert pool.spread(8) == {"r0": 4, "r1": 4}
        replicas[0].ping_status = 503
        until(lambda: pool.health()[replicas[0].address] == "UNHEALTHY")
        replicas[0].ping_status = 200
        until(lambda: set(pool.health().values()) == {"HEALTHY"})
