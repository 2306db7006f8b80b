"""Each alert fires for what it is about, and nothing else does, as Prometheus itself evaluates the rules.

Needs promtool (Debian's package prometheus has it).
"""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml

from tests.ops.dashboards.shown import BOTH, Shown

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH")
of_both = pytest.mark.parametrize("shown", BOTH, ids=lambda shown: shown.name)


def promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
@of_both
def test_prometheus_takes_the_rules(shown: Shown) -> None:
    promtool("check", "rules", str(shown.rules_file))


@needs_promtool
@of_both
def test_alerts_fire_for_what_they_are_about(shown: Shown) -> None:
    promtool("test", "rules", str(shown.cases_file))


@of_both
def test_there_is_a_case_for_every_alert(shown: Shown) -> None:
    cases = yaml.safe_load(shown.cases_file.read_text(encoding="utf-8"))["tests"]
    expected = [sample["labels"] for case in cases for sample in case["promql_expr_test"][0]["exp_samples"]]
    assert {labels.split('"')[1] for labels in expected} == set(shown.alerts)
    assert any(not case["promql_expr_test"][0]["exp_samples"] for case in cases)
