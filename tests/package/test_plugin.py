"""components/ as a plugin: started as `python components <engine address>`, it says its port and answers the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from components import __version__
from tests.package.running import ROOT, running_plugin

GOLDEN = Path(__file__).parent / "golden/schema.json"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The running plugin."""
    with running_plugin(tmp_path_factory.mktemp("elsewhere")) as stub:
        yield stub


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
