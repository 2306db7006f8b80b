"""Each alert fires for what it is about, and nothing else does, as Prometheus itself evaluates the rules.

Needs promtool (Debian's package prometheus has it).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ops.dashboards.shown import RULES, RULES_FILE

CASES = Path(__file__).with_name("pools.rules.test.yaml")
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH")


def promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_takes_the_rules() -> None:
    promtool("check", "rules", str(RULES_FILE))


@needs_promtool
def test_alerts_fire_for_what_they_are_about() -> None:
    promtool("test", "rules", str(CASES))


def test_there_is_a_case_for_every_alert() -> None:
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
    expected = [sample["labels"] for case in cases for sample in case["promql_expr_test"][0]["exp_samples"]]
    alerts = {rule["alert"] for rule in RULES if "alert" in rule}
    assert {labels.split('"')[1] for labels in expected} == alerts
    assert any(not case["promql_expr_test"][0]["exp_samples"] for case in cases)
