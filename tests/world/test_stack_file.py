from __future__ import annotations

from pathlib import Path

import pytest

from local import PROJECT_DIR
from local.stack_file import StackFile, StackFileError

PROJECT = """
name: inference-edge
config:
  kong:kongAdminUri: {value: "http://127.0.0.1:8001"}
  inference-edge:gatewayUrl: {type: string, default: "http://127.0.0.1:1"}
"""
DEV = """
config:
  inference-edge:gatewayUrl: http://127.0.0.1:8000
  inference-edge:models:
    - {name: digits, version: "1", endpoint: "http://127.0.0.1:8080/invocations", cache: {ttlSeconds: 60}}
    - {name: other, version: "1", endpoint: "http://127.0.0.1:8090/invocations"}
"""


def stack(folder: Path, text: str) -> StackFile:
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text(text)
    return StackFile(folder, "dev")


def test_names_the_ports_of_the_local_world(tmp_path: Path) -> None:
    dev = stack(tmp_path, DEV)
    assert (dev.admin_port, dev.proxy_port, dev.model_port) == (8001, 8000, 8080)


def test_the_projects_own_dev_stack_is_local() -> None:
    dev = StackFile(PROJECT_DIR, "dev")
    assert len({dev.admin_port, dev.proxy_port, dev.model_port}) == 3


def test_moved_changes_addresses_and_version_and_keeps_the_rest(tmp_path: Path) -> None:
    dev = stack(tmp_path, DEV)
    moved = dev.moved("http://a:1", "http://p:2", "http://m:3/invocations", "2")
    first, second = moved.pop("inference-edge:models")
    assert moved == {"kong:kongAdminUri": "http://a:1", "inference-edge:gatewayUrl": "http://p:2"}
    assert first == {
        "name": "digits",
        "version": "2",
        "endpoint": "http://m:3/invocations",
        "cache": {"ttlSeconds": 60},
    }
    assert second == dev.config["inference-edge:models"][1]
    assert dev.model_port == 8080, "the file's own values stay"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("config: [", "Pulumi.dev.yaml is not YAML"),
        ("a: 1", "models must list at least one model"),
        ("- a", "Pulumi.dev.yaml: config must be a mapping"),
        ("config: [a]", "Pulumi.dev.yaml: config must be a mapping"),
        ("config: {a: 1}", "models must list at least one model"),
        ("config: {'inference-edge:models': [{endpoint: 'http://m/x'}]}", r"models\[0\].endpoint must be a URL with a"),
        ("config: {'inference-edge:models': [{endpoint: 7}]}", r"models\[0\].endpoint must be a URL with a port"),
        ("config: {'inference-edge:models': [{endpoint: 'http://m:x/'}]}", r"models\[0\].endpoint must be a URL with"),
    ],
)
def test_says_what_is_wrong_with_the_file(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(StackFileError, match=reason):
        _ = stack(tmp_path, text).model_port


def test_a_missing_file_is_named() -> None:
    with pytest.raises(StackFileError, match="Pulumi.none.yaml cannot be read: No such file"):
        StackFile(PROJECT_DIR, "none")
