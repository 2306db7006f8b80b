"""The preflight against the embedded Kong, before and after a deployment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.engine import EmbeddedEngine
from local.process import ReadyProcess
from ops.__main__ import main

PROJECT = Path(__file__).parents[2]


@contextmanager
def kong(folder: Path, *more: str) -> Iterator[str]:
    """An embedded Kong on free ports; gives the Admin API's address."""
    process = ReadyProcess("gateway", "local.kong", ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0", *more], folder)
    try:
        while not (ready := process.ready()):
            time.sleep(0.05)
        yield ready["admin"]
    finally:
        process.stop()


def check(folder: Path, admin_uri: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The names of the checks that found something."""
    capsys.readouterr()
    main(
        [
            "check",
            "--json",
            "--stack",
            "dev",
            "--admin-uri",
            admin_uri,
            "--project-dir",
            str(PROJECT),
            "--state-dir",
            str(folder),
        ]
    )
    return [finding["check"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_it_is_ready_and_a_deployment_leaves_neither_conflicts_nor_orphans(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with kong(tmp_path) as admin_uri:
        assert check(tmp_path, admin_uri, capsys) == []
        EmbeddedEngine(PROJECT, "dev", tmp_path, config={"kong:kongAdminUri": admin_uri}).up()
        assert check(tmp_path, admin_uri, capsys) == []
        left = {"name": "left", "host": "h", "tags": ["project:inference-edge", "stack:dev"]}
        httpx.post(f"{admin_uri}/services", json=left).raise_for_status()
        httpx.patch(f"{admin_uri}/services/inference-edge-dev-digits", json={"tags": ["mine"]}).raise_for_status()
        assert check(tmp_path, admin_uri, capsys) == ["name", "orphan"]


def test_a_kong_that_was_restarted_empty_wants_a_refresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with kong(tmp_path) as first:
        EmbeddedEngine(PROJECT, "dev", tmp_path, config={"kong:kongAdminUri": first}).up()
    with kong(tmp_path) as admin_uri:
        engine = EmbeddedEngine(PROJECT, "dev", tmp_path, config={"kong:kongAdminUri": admin_uri})
        assert engine.up().changes["create"] == 0
        assert check(tmp_path, admin_uri, capsys) == ["state"]
        engine.refresh()
        engine.up()
        assert check(tmp_path, admin_uri, capsys) == []


def test_settings_that_are_too_small_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with kong(tmp_path, "--shared-dict", "prediction_cache=1m", "--client-body-buffer-size", "8k") as admin_uri:
        assert check(tmp_path, admin_uri, capsys) == ["dictionary", "body buffer"]
    with kong(tmp_path, "--shared-dict", "kong_db_cache=128m") as admin_uri:
        assert check(tmp_path, admin_uri, capsys) == ["dictionary"]


def test_a_gateway_that_repeats_what_the_stack_wants_once_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with kong(tmp_path, "--nginx-proxy-proxy-next-upstream", "error non_idempotent") as admin_uri:
        assert check(tmp_path, admin_uri, capsys) == ["repeats"]
