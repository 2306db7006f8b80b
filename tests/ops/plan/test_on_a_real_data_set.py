"""What the command line promises of a log made from real data is what the dev stack gives with the advice applied."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import PROJECT_DIR
from local.demo.gateway import wait_for_route
from local.demo.target import Target
from local.deploy import open_engine
from local.stack_file import StackFile
from local.world import LocalWorld
from tests.ops.plan.replayed import Sent, hit_ratio, latest_seconds, replay
from tests.ops.plan.words import WordLog, word_log

REQUESTS, SPAN_SECONDS = 3_000, 20.0
ATTEMPTS, LATE_SECONDS = 3, 0.1


@pytest.fixture(scope="module")
def log() -> WordLog:
    return word_log(REQUESTS, SPAN_SECONDS)


@pytest.mark.timeout(300)
def test_the_advice_applied_to_the_dev_stack_gives_the_promised_hit_ratio(log: WordLog, tmp_path: Path) -> None:
    plan = planned(log, tmp_path, "--stack", "dev")
    (advice,) = (model["advice"] for model in plan["models"])
    assert advice["exclude_field"] is None  # image and decimals both have their part in the answer
    assert all(field["wrong"] > 0 for field in plan["models"][0]["fields"])
    points = {point["ttl_seconds"]: point["hit_ratio"] for point in plan["models"][0]["ttl_curve"]}
    assert points[2] + 0.02 < points[advice["ttl_seconds"]] < 0.95  # the TTL plays its part

    sent = replayed(apply(plan["stack_config"], tmp_path), log)
    assert {one.status for one in sent} == {200}
    late = f"the latest answer was {latest_seconds(sent):.3f} s late"
    assert hit_ratio(sent) == pytest.approx(advice["hit_ratio"], abs=0.005), late
    wrong = sum(json.loads(one.body) != json.loads(asked.answer) for one, asked in zip(sent, log.requests, strict=True))
    assert wrong == 0


def planned(log: WordLog, folder: Path, *more: str) -> dict[str, Any]:
    """The plan as a person gets it, by the command line."""
    log.write(folder / "requests.jsonl")
    command = [sys.executable, "-m", "ops", "plan", str(folder / "requests.jsonl"), "--json", *more]
    return json.loads(subprocess.run(command, cwd=PROJECT_DIR, check=True, capture_output=True).stdout)


def apply(stack_config: str, folder: Path) -> StackFile:
    """Pulumi.dev.yaml with the printed block in the place of its models."""
    project = folder / "project"
    project.mkdir()
    document = yaml.safe_load((PROJECT_DIR / "Pulumi.dev.yaml").read_text())
    document["config"] |= yaml.safe_load(stack_config)["config"]
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump(document))
    (project / "Pulumi.yaml").write_text((PROJECT_DIR / "Pulumi.yaml").read_text())
    return StackFile(project, "dev")


def replayed(stack: StackFile, log: WordLog) -> list[Sent]:
    """On a machine that is busy with something else once more, in a new world."""
    due = [(asked.seconds, asked.body) for asked in log.requests]
    sent: list[Sent] = []
    for attempt in range(ATTEMPTS):
        with LocalWorld({"1": 0}, latency_seconds=0) as world:
            config = stack.moved(world.admin, world.proxy, world.endpoints["1"], "1")
            engine = open_engine("embedded", "dev", stack.path.parent / f"state-{attempt}", config)
            engine.up()
            target = Target.of(engine.outputs(show_secrets=True))
            wait_for_route(target.url)
            sent = replay(target.url, target.headers, due)
        if latest_seconds(sent) < LATE_SECONDS:
            break
    return sent
