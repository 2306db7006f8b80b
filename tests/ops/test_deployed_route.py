"""What the state of either engine says of a deployed model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from local.engine.values import SECRET_SIGNATURE, SIGNATURE
from ops.cache_server import CacheServer
from ops.deployed_route import DeployedRoute
from ops.purge_question import NotPossibleError, QuestionPurge
from tests.ops.test_stored_answers import silent

URN = "urn:pulumi:dev::inference-edge"
ROUTE = f"{URN}::inference-edge:index:KongCachedRoute::edge-digits"
CACHE = f"{URN}::inference-edge:index:SharedCache::cache"
PASSPHRASE = "correct horse"


def secret(value: Any) -> dict[str, str]:
    return {SIGNATURE: SECRET_SIGNATURE, "plaintext": json.dumps(value)}


def resources(**inputs: Any) -> list[dict[str, Any]]:
    """As `pulumi stack export --show-secrets` has them."""
    given = {"model": "digits", "cache": {"store": "redis", "excludeFields": ["id"]}, **inputs}
    redis = {"host": "10.0.0.3", "port": 6379, "password": secret("p4ssword"), "keyPrefix": "inference-edge:dev"}
    key_type = "random:index/randomBytes:RandomBytes"
    key = {"urn": f"{URN}::{key_type}::edge-digits-key-secret", "type": key_type, "custom": True, "id": "AA"}
    return [
        {"urn": ROUTE, "type": "inference-edge:index:KongCachedRoute", "inputs": {**given, "redis": redis}}
        | {"outputs": {"keyGeneration": 4, "versionToken": ""}},
        {**key, "parent": f"{URN}::other", "outputs": {"base64": "b3RoZXI="}},
        {**key, "parent": ROUTE, "outputs": {"base64": secret("b2xk")}, "delete": True},
        {**key, "parent": ROUTE, "outputs": {"base64": secret("c2VjcmV0")}},
        {"urn": CACHE, "type": "inference-edge:index:SharedCache", "outputs": {"caCertificates": ["PEM"]}},
    ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: inference-edge\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "st").mkdir()
    (tmp_path / "st" / "dev.engine").write_text("pulumi")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    return tmp_path


def exported(project: Path, monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]]) -> DeployedRoute | None:
    """Read by the Automation API from a program that answers as the CLI does."""
    (project / "bin").mkdir(exist_ok=True)
    (project / "export.json").write_text(json.dumps({"version": 3, "deployment": {"resources": found}}))
    program = project / "bin" / "pulumi"
    answer = f"""#!{sys.executable}
import pathlib, sys
if "version" in sys.argv:
    print("v3.200.0")
elif {{"export", "--show-secrets"}} <= set(sys.argv):
    print(pathlib.Path({str(project / "export.json")!r}).read_text())
"""
    program.write_text(answer)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(project / "bin"), prepend=":")
    return DeployedRoute.find(project, project / "st", "dev", "digits")


def test_all_that_a_purge_needs_is_in_the_state_of_the_cli(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    route = exported(project, monkeypatch, resources())
    assert route is not None
    assert (route.generation, route.secret, route.exclude_fields) == (4, "c2VjcmV0", ("id",))
    assert route.searchable == CacheServer(
        "10.0.0.3", 6379, password="p4ssword", ca_certificates=("PEM",), key_prefix="inference-edge:dev"
    )
    assert "p4ssword" not in repr(route) and "c2VjcmV0" not in repr(route)


def test_a_model_or_stack_that_is_not_deployed_is_not_found(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert exported(project, monkeypatch, resources(model="words")) is None
    (project / "st" / "dev.engine").unlink()
    assert DeployedRoute.find(project, project / "st", "dev", "digits") is None
    assert not (project / "none").exists() and DeployedRoute.find(project, project / "none", "dev", "digits") is None


def test_names_of_the_enterprise_plugin_cannot_be_searched(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    route = exported(project, monkeypatch, resources(kongEdition="enterprise"))
    assert route is not None and route.server is not None and route.searchable is None
    with pytest.raises(NotPossibleError, match=r"purge the whole model: make purge STACK=dev MODEL=digits$"):
        QuestionPurge(project, project / "st", "dev", "digits", 1).run(b"{}", "", None, silent())
