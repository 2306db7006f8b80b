from __future__ import annotations

from pathlib import Path

import pytest

from local import PROJECT_DIR
from local.demo.pools.roles import Roles
from local.stack_file import StackFile, StackFileError


def test_the_committed_stack_has_all_roles() -> None:
    roles = Roles.of(StackFile(PROJECT_DIR, "pools"))
    assert roles.replicas == ("large-1", "large-2", "large-3", "large-4")
    assert (roles.further, roles.fallback_replica, roles.name) == ("large-5", "small-1", "chat")
    assert (roles.versions, roles.canary) == ({"chat-1": 90, "chat-2": 10}, "chat-2")
    assert roles.fallback == "chat-small"


def test_a_stack_that_has_not_is_told_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: inference-edge")
    pools = "[{name: large, targets: [{address: 'localhost:1'}]}]"
    (tmp_path / "Pulumi.one.yaml").write_text(f"config: {{'inference-edge:pools': {pools}}}")
    with pytest.raises(StackFileError, match=r"Pulumi\.one\.yaml: the demo needs two pools, and a router"):
        Roles.of(StackFile(tmp_path, "one"))
