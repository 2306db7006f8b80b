"""components/ as a plugin: started as `python components <engine address>`, it says its port and answers the engine."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from components import __version__

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden/schema.json"
NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The running plugin; like the CLI, it is started from another folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "components"), NOBODY],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stderr
        ready, _, _ = select.select([process.stdout], [], [], 60)
        line = process.stdout.readline() if ready else ""
        assert line.strip().isdigit(), line or process.stderr.read()
        with grpc.insecure_channel(f"127.0.0.1:{line.strip()}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        process.kill()
        process.communicate()


def test_it_serves_the_golden_schema_with_its_version(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    served = json.loads(plugin.GetSchema(provider_pb2.GetSchemaRequest(version=0), timeout=60).schema)
    assert served.pop("version") == __version__
    golden = json.loads(GOLDEN.read_text())
    golden.pop("version")
    assert served == golden
    assert served["name"] == "inference-edge"


def test_it_tells_its_version(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    assert plugin.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == __version__


def test_the_plugin_folder_says_how_it_is_run() -> None:
    assert (ROOT / "components/PulumiPlugin.yaml").read_text() == "runtime: python\n"
    assert (ROOT / "components/requirements.txt").is_file()
