"""The secret between edge and gateway, and its rotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.edge import OriginSecret
from local.engine.providers.random import RandomProvider
from local.engine.providers.registry import Factory
from tests.components.edge.cloudfront.memory_aws import EdgeStack


@pytest.fixture
def drawing(stack: EdgeStack, monkeypatch: pytest.MonkeyPatch) -> EdgeStack:
    """A stack whose secrets are really drawn."""
    real: Mapping[str, Factory] = {"random": lambda _: RandomProvider()}
    monkeypatch.setattr(type(stack.recorder), "providers", property(lambda _: real))
    return stack


def rotate(stack: EdgeStack, rotation: int) -> dict[str, Any]:
    def program() -> None:
        secret = OriginSecret("secret", {"rotation": rotation})
        pulumi.export("accepted", secret.accepted)
        pulumi.export("current", secret.current)

    stack.up(program)
    return stack.outputs()


def test_both_secrets_are_accepted_and_one_is_sent(drawing: EdgeStack) -> None:
    found = rotate(drawing, 1)
    assert len(set(found["accepted"])) == 2
    assert found["current"] in found["accepted"]
    assert all(len(secret) == 48 and secret.isalnum() for secret in found["accepted"])


def test_the_same_rotation_changes_nothing(drawing: EdgeStack) -> None:
    assert rotate(drawing, 3) == rotate(drawing, 3)


def test_a_rotation_replaces_what_is_not_in_use_and_sends_it(drawing: EdgeStack) -> None:
    before = rotate(drawing, 1)
    for rotation in range(2, 7):
        after = rotate(drawing, rotation)
        assert set(after["accepted"]) & set(before["accepted"]) == {before["current"]}
        assert after["current"] not in before["accepted"]
        before = after


def test_secrets_stay_secret(drawing: EdgeStack) -> None:
    found = rotate(drawing, 1)
    rest = b"".join(path.read_bytes() for path in drawing.state_dir.rglob("*") if path.is_file())
    assert all(secret.encode() not in rest for secret in found["accepted"])
    graph = drawing.up(lambda: OriginSecret("secret", {"rotation": 1}))
    assert set(graph) == {"secret", "secret-a", "secret-b"}
    assert all(value not in str(graph.result.graph) for value in found["accepted"])
