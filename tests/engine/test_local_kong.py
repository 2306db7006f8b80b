"""The engine against the embedded Kong, and a process that is really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pulumi_kong
import pytest

from local.engine import EmbeddedEngine, EngineError
from tests.engine.support.programs import TAGS, Caller

REPOSITORY = Path(__file__).parents[2]
COLLECTIONS = ("services", "routes", "plugins", "consumers", "key-auths", "acls")


@pytest.fixture(scope="module")
def admin_url() -> Iterator[str]:
    command = [sys.executable, "-m", "local.kong", "--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["admin"]
        process.terminate()


def program(host: str = "a.test", plugin: str = "key-auth") -> Any:
    def run() -> None:
        service = pulumi_kong.Service("s", name="s", protocol="http", host=host, path="/x", tags=TAGS)
        route = pulumi_kong.Route(
            "r",
            name="r",
            protocols=["http"],
            paths=["/r"],
            hosts=["r.test"],
            headers=[{"name": "x-a", "values": ["1", "2"]}],
            service_id=service.id,
            tags=TAGS,
        )
        pulumi_kong.Plugin("p", name=plugin, route_id=route.id, enabled=True, config_json="{}", tags=TAGS)
        Caller("web")
        pulumi.export("route", route.id)

    return run


def entities(admin_url: str) -> dict[str, int]:
    return {kind: len(httpx.get(f"{admin_url}/{kind}").json()["data"]) for kind in COLLECTIONS}


def test_a_stack_lives_and_dies_in_the_embedded_kong(project_dir: Path, admin_url: str) -> None:
    def engine(program: Any) -> EmbeddedEngine:
        config = {"kong:kongAdminUri": admin_url}
        return EmbeddedEngine(project_dir, "dev", project_dir / ".state", config, "pass", program)

    assert engine(program()).up().changes["create"] == 9
    assert entities(admin_url) == dict.fromkeys(COLLECTIONS, 1)
    assert engine(program()).refresh().changes["same"] == 9
    assert engine(program()).up().changes["same"] == 9
    httpx.patch(f"{admin_url}/services/s", json={"host": "drift.test", "retries": 9}).raise_for_status()
    assert engine(program()).refresh().changes["update"] == 1
    assert engine(program("b.test", "cors")).up().changes == {
        "create": 0,
        "update": 1,
        "replace": 1,
        "delete": 0,
        "same": 7,
    }
    service = httpx.get(f"{admin_url}/services/s").json()
    assert (service["host"], service["retries"]) == ("b.test", 5)
    assert engine(program()).destroy().changes["delete"] == 9
    assert entities(admin_url) == dict.fromkeys(COLLECTIONS, 0)


def test_a_schema_violation_shows_kongs_message(project_dir: Path, admin_url: str) -> None:
    def bad() -> None:
        pulumi_kong.Plugin("p", name="proxy-cache", config_json='{"strategy": "disk", "bogus": 1}')

    config = {"kong:kongAdminUri": admin_url}
    with pytest.raises(EngineError) as failure:
        EmbeddedEngine(project_dir, "dev", project_dir / ".state", config, program=bad).up()
    assert "kong:index/plugin:Plugin p: PUT" in str(failure.value)
    assert "2 schema violations (config.bogus: unknown field; config.strategy: " in str(failure.value)


KILLED_PROGRAM = """
import os, signal
import pulumi, pulumi_kong
one = pulumi_kong.Consumer("one", username="one", tags=["t"])
if not pulumi.runtime.is_dry_run() and os.environ.get("DIE"):
    one.id.apply(lambda _: os.kill(os.getpid(), signal.SIGKILL))
pulumi_kong.Consumer("two", username="two", tags=["t"], opts=pulumi.ResourceOptions(depends_on=[one]))
"""


def test_a_process_that_is_killed_is_followed_by_one_that_converges(project_dir: Path, admin_url: str) -> None:
    (project_dir / "__main__.py").write_text(KILLED_PROGRAM)
    (project_dir / "Pulumi.dev.yaml").write_text(f"config:\n  kong:kongAdminUri: {admin_url}\n")

    def run(operation: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "local.engine", operation, "--stack", "dev", "--project-dir", str(project_dir)]
        return subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True)

    assert run("up", DIE="yes").returncode == -signal.SIGKILL
    assert run("up").returncode == 0
    assert entities(admin_url)["consumers"] == 2
    assert b"no changes" in run("up").stdout
    assert run("destroy").returncode == 0
    assert entities(admin_url)["consumers"] == 0
