"""The Python example, by its wheel, deployed to the local world and asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.engine import EmbeddedEngine
from local.world import LocalWorld
from tests.examples.documents import EXAMPLES
from tests.package.running import ROOT

QUESTION = {"instances": [[0.0] * 64]}


def engine(folder: Path, **options: Any) -> EmbeddedEngine:
    return EmbeddedEngine(EXAMPLES / "python", "dev", folder, **options)


def test_its_two_caches_stand_side_by_side_and_answer(wheel: None, wheel_folder: Path, tmp_path: Path) -> None:
    with LocalWorld({"1": 0}, latency_seconds=0) as world:
        config = {"kong:kongAdminUri": world.admin, "shop-python:endpoint": world.endpoints["1"]}
        stack = engine(tmp_path, config=config)
        assert stack.up().changes["create"] > 30
        module = sys.modules["inference_edge"].__file__ or ""
        assert Path(module).is_relative_to(wheel_folder)
        keys = stack.outputs(show_secrets=True)["consumerKeys"]

        def ask(key: str) -> httpx.Response:
            return httpx.post(f"{world.proxy}/digits/predict", headers={"apikey": key}, json=QUESTION)

        answers = [ask(keys["vision"]["web"]) for _ in range(2)]
        assert [answer.headers["cache-status"].split(";")[1].strip() for answer in answers] == ["fwd=miss", "hit"]
        assert answers[0].content == answers[1].content
        assert ask(keys["text"]["batch"]).status_code == 403  # a consumer of the other cache
        changes = stack.up().changes
        assert changes["same"] == sum(changes.values())
        stack.destroy()
        assert httpx.get(f"{world.admin}/services").json()["data"] == []


def test_it_keeps_the_policies(wheel: None, tmp_path: Path) -> None:
    result = engine(tmp_path, policy_pack=ROOT / "policies").preview()
    assert result.changes["create"] > 30


@pytest.mark.parametrize("example", ["python", "yaml", "typescript", "pool", "stack-reference"])
def test_an_example_is_a_project_of_its_own(example: str) -> None:
    folder = EXAMPLES / example
    assert (folder / "Pulumi.yaml").is_file() and (folder / "Pulumi.dev.yaml").is_file()
    assert f"[{example}]({example}/" in (EXAMPLES / "README.md").read_text()
